import { createHash } from "node:crypto";
import { createGithubBundles } from "../../action/github-attestations.ts";
import { createReleaseAssets } from "../../action/github-release.ts";
import type { Run } from "../../action/github.ts";
import { findAsset } from "../../action/release-asset.ts";
import { uploadFile } from "../../action/upload.ts";
import { startGithub } from "./a-github.ts";
import { aRun, aWorld, release } from "./fake-world.ts";

const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) % 251));

// The bundle in Google's own Snappy, by Debian's python3-snappy.
const bundle =
  '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{"payload":"aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8=","payloadType":"application/vnd.in-toto+json"}}';
const compressed = Buffer.from(
  "sAHwaXsibWVkaWFUeXBlIjoiYXBwbGljYXRpb24vdm5kLmRldi5zaWdzdG9yZS5idW5kbGUudjAuMytqc29uIiwiZHNzZUVudmVsb3BlIjp7InBheWxvYWQiOiJhR1ZzYkc4Z2FHVnNiRzhnYUdSCAAIPSIsETVagwA4aW4tdG90bytqc29uIn19",
  "base64",
);

describe("createGithubBundles", () => {
  let github: Awaited<ReturnType<typeof startGithub>>;
  const told = '{"dsseEnvelope":{}}';

  beforeAll(async () => {
    github = await startGithub("t0ken", { id: 7, tag: "v1.2.0", assets: {} });
  });
  afterAll(() => github.stop());

  function ask(token: string, letter: string): Promise<readonly string[]> {
    const run = { apiUrl: github.url, claims: { repository: "contoso/flooper" } };
    return createGithubBundles(token, run)(letter.repeat(64));
  }

  it.each<[string, Buffer[], string[]]>([
    ["tells of", [], [told]],
    ["keeps compressed, without showing the token", [compressed], [bundle, told]],
    ["keeps as they are", [Buffer.from(bundle), compressed], [bundle, bundle, told]],
  ])("reads the bundles that GitHub %s", async (_, kept, expected) => {
    github.bundles.splice(0, Infinity, ...kept);
    expect(await ask("t0ken", "a")).toEqual(expected);
  });

  it.each<[string, Buffer, RegExp]>([
    ["is cut off", compressed, /aborted/],
    ["is no Snappy", Buffer.from("hello"), /Snappy/],
    ["says that it becomes 64 MB", Buffer.from([0x80, 0x80, 0x80, 0x20]), /too big/],
  ])("asks once more when a bundle %s", async (what, kept, message) => {
    github.bundles.splice(0, Infinity, kept);
    if (what === "is cut off") github.breaks.push(20);
    await expect(ask("t0ken", "a")).rejects.toMatchObject({
      kind: "transient",
      message: expect.stringMatching(message),
    });
  });

  it("knows when there are none, and when it may not know", async () => {
    expect(await ask("t0ken", "b")).toEqual([]);
    await expect(ask("x", "a")).rejects.toMatchObject({ code: "no-attestation-access" });
  });
});

describe("createReleaseAssets", () => {
  let github: Awaited<ReturnType<typeof startGithub>>;
  let run: Run;

  beforeAll(async () => {
    github = await startGithub("t0ken", {
      id: 7,
      tag: "v1.2.0",
      assets: { "a.deb": Buffer.from("x"), "a.msi": bytes },
    });
    run = { ...aRun("/"), apiUrl: github.url, claims: { repository: "contoso/flooper" } };
  });
  afterAll(() => github.stop());

  it.each<[string, Partial<Run>]>([
    ["of the run's own release", { releaseId: 7 }],
    ["of the pushed tag's release", { tag: "v1.2.0" }],
    ["of the version's release", {}],
  ])("finds the assets %s, with their digests", async (_, change) => {
    const assets = await createReleaseAssets("t0ken", { ...run, ...change }).list(["v1.2.0"]);

    expect(assets).toEqual([
      { id: 0, name: "a.deb", size: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { id: 1, name: "a.msi", size: 3_000_000, sha256: createHash("sha256").update(bytes).digest("hex") },
    ]);
  });

  it("knows when there is no such release", async () => {
    expect(await createReleaseAssets("t0ken", run).list(["v9.9.9"])).toBeUndefined();
  });

  it("streams an asset into storage, and goes on where connections break", async () => {
    const world = { ...aWorld(), assets: createReleaseAssets("t0ken", run) };
    github.breaks.push(100_000, 1_000_000);

    const source = await findAsset("*.msi", release, world);
    await uploadFile(source, "flooperapp/1.2.0/run-1-1-00000001/a.msi", world);

    expect(world.storage.blobs.get("flooperapp/1.2.0/run-1-1-00000001/a.msi")?.equals(bytes)).toBe(true);
    expect(github.requests.length).toBeGreaterThanOrEqual(2);
    expect(github.requests.at(-1)?.range).toMatch(/^bytes=\d+-$/);
  });

  it.each([
    ["wrong", "no-release-access", /contents: read/],
    ["", "no-github-token", /Leave github-token out/],
  ])("says what the token %j lacks", async (token, code, nextStep) => {
    const list = createReleaseAssets(token, run).list(["v1.2.0"]);

    await expect(list).rejects.toMatchObject({ code, nextStep: expect.stringMatching(nextStep) });
  });
});
