import { digestOf } from "../in-memory-ports.ts";
import { aDrop, aManifest, aProfile, aWorld, CONTENT, RUN } from "../a-world.ts";
import { rightBuild, rightPublisher } from "../provenance/a-sigstore.ts";

const ATTESTATION = "app.tar.gz.sigstore.json";

/** What the verifier in memory takes for the bundle of a build. */
function anAttestation(facts: object = {}, fields: object = {}): string {
  return JSON.stringify({
    instance: "public-good",
    certificate: { ...rightBuild, ...facts },
    predicateType: "https://slsa.dev/provenance/v1",
    subjects: [digestOf(CONTENT)],
    ...fields,
  });
}

/** A world whose application has these rules, and a submission by the Action with that attestation. */
function aWorldWith(rules: object, attestation?: string, folder = RUN) {
  const world = aWorld();
  world.packages.profiles.set("flooperapp", aProfile({ publishers: [rightPublisher], ...rules }));
  if (attestation !== undefined)
    world.packages.drop(`flooperapp/1.2.0/${folder}/${ATTESTATION}`, attestation);
  world.submit({}, folder);
  return world;
}

const isGranted = (trace: readonly string[]): boolean =>
  trace.some((line) => /^(grantAccess|putVersion)/.test(line));

describe("publishRelease under provenance: require", () => {
  it("publishes a build of a publisher's and tells where it comes from", async () => {
    const world = aWorldWith({ provenance: "require" }, anAttestation());
    const { result, report } = await world.publish();
    expect(result).toBe("published");
    expect(report.provenance).toMatchObject({
      repository: "https://github.com/contoso/flooper",
      repositoryId: "1001",
      commit: rightBuild.commit,
      runUrl: rightBuild.runUrl,
      packageSha256: digestOf(CONTENT),
    });
    expect(world.releaseReport().provenance).toEqual(report.provenance);
  });

  it("keeps the attestation in the vault", async () => {
    const world = aWorldWith({ provenance: "require" }, anAttestation());
    const { report } = await world.publish();
    const path = world.packages.vaultPathOf(report.provenance?.attestationUrl ?? "");
    expect(await world.packages.readFromVault(path ?? "")).toBe(anAttestation());
  });

  it.each<[string, string | undefined, string]>([
    ["no attestation", undefined, `there is no ${ATTESTATION} beside it`],
    ["something unsigned", "hello", "it is not signed"],
    ["an empty file", "", "it is not signed"],
    ["an attestation of other services", anAttestation({}, { instance: "github" }), "it is not signed"],
    [
      "an attestation of a fork",
      anAttestation({ repositoryId: "2002" }),
      'repository id is "2002", not "1001"',
    ],
    [
      "an attestation of other bytes",
      anAttestation({}, { subjects: ["b".repeat(64)] }),
      "it is not about this package",
    ],
    [
      "an attestation of another version",
      anAttestation({ ref: "refs/tags/v1.1.0" }),
      'ref is "refs/tags/v1.1.0"',
    ],
  ])("refuses %s before anything is granted", async (_, attestation, told) => {
    const world = aWorldWith({ provenance: "require" }, attestation);
    const { result, report, trace } = await world.publish();
    expect(result).toBe("refused");
    expect(report.reason).toMatchObject({ code: "not-proven", message: expect.stringContaining(told) });
    expect(report).not.toHaveProperty("provenance");
    expect(isGranted(trace)).toBe(false);
    expect(world.gallery.versions.size).toBe(0);
  });

  it("refuses a package whose bytes are not those of its attested digest", async () => {
    const world = aWorldWith({ provenance: "require" }, anAttestation());
    world.packages.drop(
      `flooperapp/1.2.0/${RUN}/app.tar.gz`,
      "other bytes, same name!".slice(0, CONTENT.length),
    );
    const { result, trace } = await world.publish();
    expect(result).toBe("refused");
    expect(isGranted(trace)).toBe(false);
  });

  it("refuses an attestation that is written again while it is looked at", async () => {
    const world = aWorldWith({ provenance: "require" }, anAttestation());
    const list = world.packages.list.bind(world.packages);
    world.packages.list = async (prefix) => {
      const files = await list(prefix);
      world.packages.drop(`flooperapp/1.2.0/${RUN}/${ATTESTATION}`, anAttestation());
      return files;
    };
    const { result, report, trace } = await world.publish();
    expect(result).toBe("refused");
    expect(report.reason?.message).toContain(ATTESTATION);
    expect(isGranted(trace)).toBe(false);
  });

  it("tells of an old trust root beside the refusal that it may explain", async () => {
    const world = aWorldWith({ provenance: "require" }, "signed with a key of next year");
    world.attestations.notes = ["The trust root is old."];
    const { report } = await world.publish();
    expect(report).toMatchObject({
      outcome: "refused",
      notes: expect.arrayContaining(["The trust root is old."]),
    });
  });

  it("publishes an attested package that was dropped by hand", async () => {
    const world = aWorld();
    world.packages.profiles.set(
      "flooperapp",
      aProfile({ publishers: [rightPublisher], provenance: "require" }),
    );
    world.packages.drop("flooperapp/1.2.0/app.tar.gz", CONTENT);
    world.packages.drop(`flooperapp/1.2.0/${ATTESTATION}`, anAttestation());
    const { result } = await world.publish(aDrop({ folder: "" }));
    expect(result).toBe("published");
  });
});

describe("publishRelease under provenance: warn", () => {
  it("publishes what is not proven, with a note that says why", async () => {
    const world = aWorldWith(
      { provenance: "warn", direct: "trusted" },
      anAttestation({ runner: "self-hosted" }),
    );
    const { result, report } = await world.publish();
    expect(result).toBe("published");
    expect(report.notes.join()).toContain('runner is "self-hosted", not "github-hosted"');
  });

  it("has no note on what is proven", async () => {
    const world = aWorldWith({ provenance: "warn" }, anAttestation());
    const { report } = await world.publish();
    expect(report).toMatchObject({ outcome: "published", notes: [], provenance: { repositoryId: "1001" } });
  });
});

describe("publishRelease under provenance: off", () => {
  it("asks for nothing and looks at nothing", async () => {
    const world = aWorldWith({ direct: "trusted" }, "no attestation at all");
    const { result, trace, report } = await world.publish();
    expect(result).toBe("published");
    expect(trace).not.toContain("checkProvenance");
    expect(report.steps.map(({ name }) => name)).not.toContain("check provenance");
  });
});

describe("publishRelease of a hand drop", () => {
  it.each<[string, object, string, string]>([
    ["refused", { publishers: [], handDrops: "refuse" }, "", "hand-drop"],
    ["awaiting-approval", { publishers: [], handDrops: "approve" }, "", "awaiting-approval"],
    ["awaiting-approval", {}, "", "awaiting-approval"],
    ["awaiting-approval", {}, RUN, "awaiting-approval"],
    ["refused", { handDrops: "refuse" }, RUN, "hand-drop"],
    ["refused", { handDrops: "refuse" }, "api-0a1b2c3d", "hand-drop"],
    ["refused", { handDrops: "refuse", direct: "trusted" }, "", "hand-drop"],
  ])("ends %s with %j in %j", async (outcome, rules, folder, code) => {
    const world = aWorldWith(rules, undefined, RUN);
    const prefix = folder === "" ? "flooperapp/1.2.0/" : `flooperapp/1.2.0/${folder}/`;
    world.packages.drop(`${prefix}app.tar.gz`, CONTENT);
    world.packages.drop(`${prefix}manifest.json`, aManifest());
    const { result, report, trace } = await world.publish(aDrop({ folder }));
    expect([result, report.reason?.code]).toEqual([outcome, code]);
    expect(isGranted(trace)).toBe(false);
  });

  it.each<[object, string]>([
    [{ publishers: [] }, ""],
    [{ handDrops: "publish" }, ""],
    [{ publishers: [], handDrops: "refuse" }, RUN],
    [{ handDrops: "refuse", direct: "trusted" }, RUN],
  ])("publishes with %j in %j", async (rules, folder) => {
    const world = aWorldWith(rules);
    if (folder === "") world.packages.drop("flooperapp/1.2.0/app.tar.gz", CONTENT);
    const { result } = await world.publish(aDrop({ folder }));
    expect(result).toBe("published");
  });

  it("is none when it carries a good attestation", async () => {
    const world = aWorldWith({ handDrops: "refuse" }, anAttestation());
    const { result } = await world.publish();
    expect(result).toBe("published");
  });
});
