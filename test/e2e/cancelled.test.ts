import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseManifest } from "../../core/manifest.ts";
import { writeProfile } from "../../local/profiles.ts";
import { startCountingProxy } from "./a-counting-proxy.ts";
import { backstage, runAction, startDeployment } from "./a-deployment.ts";

const size = 12 * 1024 * 1024 + 77;
const kills = 12;

describe("a job that is killed while it uploads", () => {
  const seed = Number(process.env["SEED"] ?? randomBytes(4).readUInt32LE());
  let deployment: Awaited<ReturnType<typeof startDeployment>>;
  let proxy: Awaited<ReturnType<typeof startCountingProxy>>;
  let bytes: Buffer;

  beforeAll(async () => {
    deployment = await startDeployment();
    proxy = await startCountingProxy(deployment.azure.storage.endpoints.runner);
    await writeProfile(deployment.azure, "flooperapp", { schema: 1, supportedOSType: "Linux" });
    bytes = randomBytes(size);
    await writeFile(join(deployment.workspace, "flooper.bin"), bytes);
  });
  afterAll(async () => {
    await proxy.stop();
    await deployment.stop();
  });

  it(`leaves nothing that could be published, wherever it is cut off, and a run after it converges (SEED=${seed})`, async () => {
    const { azure, workspace } = deployment;
    const offsets = offsetsFrom(seed);
    for (const [index, offset] of offsets.entries()) {
      const controller = new AbortController();
      proxy.afterBytes(offset, () => controller.abort());
      await runAction(azure, workspace, {
        with: { ...inputs, "storage-account": proxy.endpoint, wait: "none" },
        env: { GITHUB_RUN_ATTEMPT: String(index + 1) },
        signal: controller.signal,
      });
      await expectNothingHalfDone();
    }

    const last = await runAction(azure, workspace, {
      with: { ...inputs, "storage-account": proxy.endpoint },
      env: { GITHUB_RUN_ATTEMPT: String(kills + 1) },
    });

    expect(last.outputs).toMatchObject({ outcome: "published", sha256: sha256(bytes) });
    expect(
      azure.arm.state.version(`${azure.ids.gallery}/applications/flooperapp/versions/4.0.0`),
    ).toBeDefined();
  });

  it("says what it means to be cancelled, and sets every output", async () => {
    const { azure, workspace } = deployment;
    const controller = new AbortController();
    proxy.afterBytes(1_000_000, () => controller.abort());

    const step = await runAction(azure, workspace, {
      with: { ...inputs, version: "4.0.1", "storage-account": proxy.endpoint },
      signal: controller.signal,
      killSignal: "SIGINT",
    });

    expect(step.lines.join("\n")).toMatch(
      /cancelled before the package was handed over: nothing will be published/,
    );
    expect(step.outputs).toMatchObject({ application: "flooperapp", outcome: "", report: "{}" });
    expect(step.summary).toContain("not published");
    expect(step.exitCode).toBe(1);
  });

  const inputs = { version: "4.0.0", package: "flooper.bin" };

  // Whatever a folder commits must be whole; a folder without a manifest is one that nothing looks at.
  async function expectNothingHalfDone(): Promise<void> {
    const container = backstage(deployment.azure, "incoming");
    const names = new Set<string>();
    for await (const blob of container.listBlobsFlat()) names.add(blob.name);
    for (const name of [...names].filter((each) => each.endsWith("/manifest.json"))) {
      const manifest = parseManifest((await container.getBlobClient(name).downloadToBuffer()).toString());
      const sent = await container
        .getBlobClient(name.replace("manifest.json", manifest.package.file))
        .downloadToBuffer();
      expect([seed, sha256(sent)]).toEqual([seed, manifest.package.sha256]);
      expect(sha256(sent)).toBe(sha256(bytes));
    }
  }
});

// Seeded, spread over the whole way: the first requests, the blocks, their commit, the manifest.
function offsetsFrom(seed: number): number[] {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const whole = size + 20_000;
  return Array.from({ length: kills }, (_, index) => Math.floor(((index + next()) / kills) * whole));
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
