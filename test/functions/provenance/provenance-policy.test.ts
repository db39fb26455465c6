import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toTrustMaterial, type TrustMaterial } from "@sigstore/verify";
import { strangeness } from "../../../core/provenance-gate.ts";
import { publishersSchema } from "../../../core/publishers.ts";
import { verifyBundle } from "../../../functions/provenance/bundle-verification.ts";
import { type Build, rightBuild, rightPublisher, startSigstore } from "./a-sigstore.ts";

const SHA256 = "a".repeat(64);
const RELEASE = { application: "flooperapp", version: "1.2.0", packageSha256: SHA256 };
const REUSABLE = "https://github.com/contoso/ci/.github/workflows/build.yml@refs/tags/v3";

describe("the policy on signed certificates", () => {
  let sigstore: Awaited<ReturnType<typeof startSigstore>>;
  let trusted: TrustMaterial;

  beforeAll(async () => {
    sigstore = await startSigstore();
    trusted = toTrustMaterial(TrustedRoot.fromJSON(sigstore.trustedRoot));
  });

  /** What is strange about a build that was really signed, to publishers like the right one. */
  async function judge(
    build: Partial<Build> = {},
    publisher: object = {},
    release: Partial<typeof RELEASE> = {},
  ): Promise<string | undefined> {
    const verdict = verifyBundle(await sigstore.attest({ sha256: SHA256, ...build }), "public-good", trusted);
    if ("fault" in verdict) throw new Error(verdict.fault);
    const publishers = publishersSchema.parse([{ ...rightPublisher, ...publisher }]);
    return strangeness(verdict.attestation, publishers, { ...RELEASE, ...release });
  }

  it("accepts the right build", async () => {
    expect(await judge()).toBeUndefined();
  });

  it.each<[string, NonNullable<Build["facts"]>, string]>([
    ["a fork", { repositoryId: "2002", ownerId: "88" }, 'repository id is "2002", not "1001"'],
    ["a repository made anew under the old name", { repositoryId: "1002" }, 'repository id is "1002"'],
    ["an owner made anew under the old name", { ownerId: "78" }, 'owner id is "78"'],
    ["no repository id", { repositoryId: undefined }, "repository id is missing"],
    ["a repository id with a blank", { repositoryId: "1001 " }, "repository id"],
    [
      "another workflow",
      { signer: signerOf("test.yml"), buildSigner: signerOf("test.yml"), buildConfig: signerOf("test.yml") },
      "signing workflow",
    ],
    ["a workflow in another case", { signer: signerOf("Release.yml") }, "signing workflow"],
    [
      "a repository whose name begins alike",
      { signer: rightBuild.signer.replace("contoso/flooper", "contoso/flooper-evil") },
      "signing workflow",
    ],
    [
      "another host",
      { signer: rightBuild.signer.replace("github.com", "github.com.evil.example") },
      "signing workflow",
    ],
    [
      "an address that only ends with the right one",
      { signer: `https://evil.example/${rightBuild.signer}` },
      "signing workflow",
    ],
    ["a branch", atRef("refs/heads/main"), 'ref is "refs/heads/main", not "refs/tags/v1.2.0"'],
    ["a pull request", atRef("refs/pull/7/merge"), 'ref is "refs/pull/7/merge"'],
    ["the tag of another version", atRef("refs/tags/v1.1.0"), 'ref is "refs/tags/v1.1.0"'],
    ["a tag that begins alike", atRef("refs/tags/v1.2.0-evil"), 'ref is "refs/tags/v1.2.0-evil"'],
    ["a branch named like the tag", atRef("refs/heads/refs/tags/v1.2.0"), "ref is"],
    ["a runner of somebody's own", { runner: "self-hosted" }, 'runner is "self-hosted", not "github-hosted"'],
    ["no word on the runner", { runner: undefined }, "runner is missing"],
    ["another issuer", { issuer: "https://token.actions.githubusercontent.com.evil.example" }, "issuer"],
    ["an issuer of an enterprise", { issuer: "https://token.actions.githubusercontent.com/evil" }, "issuer"],
    ["a pull request's event", { trigger: "pull_request_target" }, 'event is "pull_request_target"'],
    ["no event", { trigger: undefined }, "event is missing"],
    [
      "a reusable workflow where none is expected",
      { signer: REUSABLE, buildSigner: REUSABLE },
      "signing workflow",
    ],
    ["a workflow that calls the right one", { buildConfig: signerOf("test.yml") }, "workflow is"],
    ["a signer that differs from the build's", { buildSigner: REUSABLE }, "build signer"],
  ])("rejects a build of %s", async (_, facts, difference) => {
    expect(await judge({ facts })).toContain(difference);
  });

  it("rejects an attestation of another file", async () => {
    expect(await judge({ sha256: "b".repeat(64) })).toContain(
      `its SHA-256 is ${SHA256}`.replace("its ", "whose "),
    );
  });

  it("rejects the bytes of an old version under a new number", async () => {
    expect(await judge({}, {}, { version: "1.3.0" })).toContain(
      'ref is "refs/tags/v1.2.0", not "refs/tags/v1.3.0"',
    );
  });

  it.each([
    "https://spdx.dev/Document/v2.3",
    "https://slsa.dev/provenance/v0.2",
    "https://slsa.dev/provenance/v1 ",
  ])("rejects the predicate type %j", async (predicateType) => {
    expect(await judge({ predicateType })).toContain("predicate type");
  });

  it("rejects everything for a publisher without a ref", async () => {
    expect(await judge({}, { ref: undefined, environment: "production" })).toContain("no publisher");
  });

  it("rejects what was signed by other services than the publisher's", async () => {
    expect(await judge({}, { instance: "github" })).toContain('instance is "public-good", not "github"');
  });

  it("accepts a runner of one's own where the profile lets any pass", async () => {
    expect(await judge({ facts: { runner: "self-hosted" } }, { runner: "any" })).toBeUndefined();
  });

  it("accepts only the events that the profile names", async () => {
    expect(await judge({}, { eventNames: ["push"] })).toBe('event is "release", not "push"');
  });

  it.each<[string, NonNullable<Build["facts"]>, boolean]>([
    ["the right one at the right ref", { signer: REUSABLE, buildSigner: REUSABLE }, true],
    [
      "another ref of it",
      { signer: REUSABLE.replace("v3", "v4"), buildSigner: REUSABLE.replace("v3", "v4") },
      false,
    ],
    ["none", {}, false],
    [
      "the right one, called from a branch",
      { ...atRef("refs/heads/x"), signer: REUSABLE, buildSigner: REUSABLE },
      false,
    ],
    [
      "the right one, called from a fork",
      { signer: REUSABLE, buildSigner: REUSABLE, repositoryId: "2002" },
      false,
    ],
  ])("judges a reusable workflow: %s", async (_, facts, isGood) => {
    const publisher = {
      claim: "job_workflow_ref",
      workflow: "contoso/ci/.github/workflows/build.yml",
      workflowRef: "refs/tags/v3",
    };
    expect((await judge({ facts }, publisher)) === undefined).toBe(isGood);
  });

  it("tells of the nearest publisher", async () => {
    const verdict = verifyBundle(
      await sigstore.attest({ sha256: SHA256, facts: { runner: "self-hosted" } }),
      "public-good",
      trusted,
    );
    if ("fault" in verdict) throw new Error(verdict.fault);
    const publishers = publishersSchema.parse([
      { ...rightPublisher, repositoryId: 5, ownerId: 6, ref: "refs/tags/{version}" },
      rightPublisher,
    ]);
    expect(strangeness(verdict.attestation, publishers, RELEASE)).toBe(
      'runner is "self-hosted", not "github-hosted"',
    );
  });
});

function signerOf(file: string): string {
  return rightBuild.signer.replace("release.yml", file);
}

function atRef(ref: string): NonNullable<Build["facts"]> {
  const workflow = rightBuild.signer.replace("refs/tags/v1.2.0", ref);
  return { ref, signer: workflow, buildSigner: workflow, buildConfig: workflow };
}
