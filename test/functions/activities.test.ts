import { ended, newReport, reportText, withStep } from "../../core/report.ts";
import { AzureRefusal } from "../../functions/ports.ts";
import { aDrop, aWorld, CONTENT, RUN } from "./a-world.ts";
import { answer as answerOf, digestOf, refusal } from "./in-memory-ports.ts";

const AT = "2026-01-05T10:00:00.000Z";
const release = { application: "flooperapp", version: "1.2.0" };

function aReport(submission = RUN) {
  return newReport({ ...release, submission }, AT);
}

function aSubmitted(world: ReturnType<typeof aWorld>) {
  world.submit();
  const prefix = `flooperapp/1.2.0/${RUN}/`;
  const file = (name: string) => {
    const { etag, bytes } = world.packages.dropped.get(prefix + name)!;
    return { path: prefix + name, etag, size: bytes.length };
  };
  return {
    drop: aDrop(),
    submission: RUN,
    manifest: file("manifest.json"),
    package: { ...file("app.tar.gz"), sha256: digestOf(CONTENT) },
    configuration: null,
  };
}

describe("createActivities", () => {
  it("answers a refusal of Azure's as a value, with names in its next step", async () => {
    const world = aWorld();
    world.fail("gallery.read", refusal(400, "InvalidParameter", "The SAS is not valid for source uri 'x'."));

    expect(await world.activities.findLessee({ place: "vault" })).toMatchObject({
      state: "unavailable",
      refusal: {
        kind: "access",
        reason: { code: "gallery-cannot-read", nextStep: expect.stringContaining("/the/scope") },
      },
    });
  });

  it("throws what nobody foresaw", async () => {
    const world = aWorld();
    world.fail("gallery.read", new TypeError("a bug"));

    await expect(world.activities.findLessee({ place: "vault" })).rejects.toThrow("a bug");
  });
});

describe("readSubmission", () => {
  it("looks again soon when the manifest is being written", async () => {
    const world = aWorld();
    aSubmitted(world);
    world.packages.readDropped = async () => "changed";

    expect(await world.activities.readSubmission({ drop: aDrop(), settled: null })).toMatchObject({
      state: "settling",
      seconds: 5,
    });
  });

  it("tells of a bad profile", async () => {
    const world = aWorld();
    aSubmitted(world);
    world.packages.profiles.set("flooperapp", "{}");

    expect(await world.activities.readSubmission({ drop: aDrop(), settled: null })).toMatchObject({
      refusal: { kind: "final", reason: { code: "bad-profile" } },
    });
  });
});

describe("examineRelease", () => {
  it("gives the same plan and leaves the same manifest when it is run twice", async () => {
    const world = aWorld();
    const submitted = aSubmitted(world);

    const first = await world.activities.examineRelease(submitted);
    const blobs = [...world.packages.vault.keys()];

    expect(await world.activities.examineRelease(submitted)).toEqual(first);
    expect([...world.packages.vault.keys()]).toEqual(blobs);
  });

  it("refuses a manifest that was written again", async () => {
    const world = aWorld();
    const submitted = aSubmitted(world);
    world.submit();

    expect(await world.activities.examineRelease(submitted)).toMatchObject({
      reason: { code: "superseded" },
    });
  });

  it("notes a package that may be too large for Azure", async () => {
    const world = aWorld();
    const submitted = aSubmitted(world);

    const examined = await world.activities.examineRelease({
      ...submitted,
      package: { ...submitted.package, size: 2_100_000_000 },
    });

    expect(examined).toMatchObject({ plan: { notes: [expect.stringContaining("2100000000 bytes")] } });
  });
});

describe("putVersion", () => {
  async function planned(world: ReturnType<typeof aWorld>) {
    const submitted = aSubmitted(world);
    const examined = await world.activities.examineRelease(submitted);
    if (examined.state !== "accepted") throw new Error(JSON.stringify(examined));
    await world.activities.verifyIntoVault({ release, file: submitted.package });
    await world.access.grant(world.gallery.principalId);
    const { manifestSha256, exclusion, waves } = examined.plan;
    return { release, manifestSha256, exclusion, regions: waves.flatMap(({ regions }) => regions) };
  }

  it("writes once, however often it is run", async () => {
    const world = aWorld();
    const plan = await planned(world);

    expect(await world.activities.putVersion(plan)).toBe("accepted");
    expect(await world.activities.putVersion(plan)).toBe("accepted");
    expect(world.gallery.writes).toHaveLength(1);
  });

  it("refuses a version that somebody else made in the meantime with other content", async () => {
    const world = aWorld();
    const plan = await planned(world);
    const mediaLink = world.packages.vaultUrl(`flooperapp/1.2.0/${"ab".repeat(32)}/app.tar.gz`);
    world.gallery.seed(release, { mediaLink }, ["eastus"]);

    expect(await world.activities.putVersion(plan)).toMatchObject({ reason: { code: "version-exists" } });
  });

  it("keeps the address under which a version of the same content was published", async () => {
    const world = aWorld();
    const plan = await planned(world);
    const path = `flooperapp/1.2.0/${digestOf(CONTENT)}/other-name.tar.gz`;
    await world.packages.writeIntoVault(path, CONTENT);
    world.gallery.seed(release, { mediaLink: world.packages.vaultUrl(path) }, ["eastus"]);

    expect(await world.activities.putVersion(plan)).toBe("accepted");
    expect((await world.gallery.readVersion(release))?.mediaLink).toBe(world.packages.vaultUrl(path));
  });

  it("passes on that the gallery may not read yet", async () => {
    const world = aWorld();
    const plan = await planned(world);
    world.fail(
      "gallery.putVersion",
      refusal(400, "InvalidParameter", "The SAS is not valid for source uri 'x'."),
    );

    expect(await world.activities.putVersion(plan)).toMatchObject({ refusal: { kind: "access" } });
  });
});

describe("an activity that begins a step", () => {
  it("saves what is told before it does its work", async () => {
    const world = aWorld();
    const report = withStep(aReport(), "grant access", AT);

    await world.activities.findLessee({ place: "vault", tell: { report } });

    expect(world.releaseReport().steps.map(({ name }) => name)).toEqual(["grant access"]);
  });

  it("does nothing when that cannot be saved", async () => {
    const world = aWorld();
    const { package: file } = aSubmitted(world);
    const busy = new AzureRefusal(answerOf("storage", 503, "ServerBusy", "The server is busy."));
    world.fail("reports.write", busy);

    const answer = await world.activities.verifyIntoVault({ release, file, tell: { report: aReport() } });

    expect(answer).toMatchObject({ state: "unavailable", refusal: { kind: "transient" } });
    expect(world.packages.vault.size).toBe(0);
  });
});

describe("an activity of a story that was told before", () => {
  it("does nothing, and says how it ended", async () => {
    const world = aWorld();
    const submitted = aSubmitted(world);
    await world.activities.saveReport({ report: ended(aReport(), "refused", null, AT) });
    const report = { ...aReport(), startedAt: "2026-01-06T10:00:00.000Z" };
    const tell = { report, keepsEnding: true };

    const answer = await world.activities.verifyIntoVault({ release, file: submitted.package, tell });

    expect(answer).toEqual({ state: "told-already", outcome: "refused" });
    expect(world.packages.vault.size).toBe(0);
  });
});

describe("saveReport", () => {
  const path = "flooperapp/1.2.0/release.json";

  it("writes the submission's report and the release's", async () => {
    const world = aWorld();

    await world.activities.saveReport({ report: aReport() });

    expect([...world.reports.blobs.keys()]).toEqual([`flooperapp/1.2.0/${RUN}.json`, path]);
  });

  it("tries again when somebody else writes the release's report at the same time", async () => {
    const world = aWorld();
    const read = world.reports.read.bind(world.reports);
    let others = 3;
    world.reports.read = async (asked) => {
      const present = await read(asked);
      if (asked === path && others-- > 0) {
        await world.reports.write(path, reportText(aReport("run-2-1-x")), present?.etag);
      }
      return present;
    };

    await world.activities.saveReport({ report: { ...aReport(), outcome: "publishing" } });

    expect(world.releaseReport()).toMatchObject({ submission: RUN, outcome: "publishing" });
  });

  it("never lets an earlier word of a submission replace a later one", async () => {
    const world = aWorld();
    const later = ended(aReport(), "published", null, "2026-01-05T11:00:00.000Z");
    await world.activities.saveReport({ report: later });

    await world.activities.saveReport({ report: { ...aReport(), outcome: "publishing" } });

    expect(world.report(`flooperapp/1.2.0/${RUN}.json`).outcome).toBe("published");
    expect(world.releaseReport().outcome).toBe("published");
  });

  it("never replaces a published release's report by less", async () => {
    const world = aWorld();
    await world.activities.saveReport({ report: ended(aReport("run-2-1-x"), "published", null, AT) });

    await world.activities.saveReport({ report: ended(aReport(), "failed", null, AT) });

    expect(world.releaseReport().outcome).toBe("published");
    expect(world.report(`flooperapp/1.2.0/${RUN}.json`).outcome).toBe("failed");
  });
});
