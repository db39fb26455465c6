import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeProfile } from "../../local/profiles.ts";
import { backstage, runAction, startDeployment } from "./a-deployment.ts";

const size = 20 * 1024 * 1024 + 5;

describe("the Action's upload", () => {
  let deployment: Awaited<ReturnType<typeof startDeployment>>;
  let sha256: string;

  beforeAll(async () => {
    deployment = await startDeployment();
    await writeProfile(deployment.azure, "flooperapp", { schema: 1, supportedOSType: "Linux" });
    const bytes = randomBytes(size);
    sha256 = createHash("sha256").update(bytes).digest("hex");
    await writeFile(join(deployment.workspace, "flooper.bin"), bytes);
  });
  afterAll(() => deployment.stop());

  it("writes nothing in a dry run, and tells what would be", async () => {
    const { azure, workspace } = deployment;

    const step = await runAction(azure, workspace, {
      with: { version: "5.0.0", package: "flooper.bin", "dry-run": "true" },
    });

    const names = [];
    for await (const blob of backstage(azure, "incoming").listBlobsFlat({ includeUncommitedBlobs: true })) {
      names.push(blob.name);
    }
    expect(names).toEqual([]);
    expect(step.lines).toContain("nothing of this version was submitted before: it would be published");
    expect(step.outputs).toMatchObject({ sha256, outcome: "" });
    expect(step.summary).toMatch(/dry run, nothing was written/);
    expect(step.exitCode).toBe(0);
  });

  it("goes on after broken connections, busy answers and lost answers, and the bytes are whole", async () => {
    const { azure, workspace } = deployment;
    const { inject } = azure.storage;
    const isBlock = ({ operation }: { operation: string }) => operation === "Put Block";
    inject({ kind: "reset-upload", afterBytes: 3_000_000 }, isBlock, 2);
    inject({ kind: "answer", status: 503, code: "ServerBusy", retryAfterSeconds: 1 }, isBlock);
    inject({ kind: "reset-answer", afterBytes: -1 }, ({ operation }) => operation === "Put Block List");

    const step = await runAction(azure, workspace, {
      with: { version: "5.0.1", package: "flooper.bin", "block-checksums": "true" },
    });

    expect(step.lines.filter((line) => line.includes("trying again")).length).toBeGreaterThanOrEqual(4);
    expect(step.outputs).toMatchObject({ outcome: "published", sha256 });
  });

  it("is joined by a run after the wait was killed, without another upload", async () => {
    const { azure, workspace } = deployment;
    const controller = new AbortController();
    const inputs = { version: "5.0.2", package: "flooper.bin" };
    await runAction(azure, workspace, {
      with: inputs,
      signal: controller.signal,
      onLine: (line) => line.startsWith("regions:") && controller.abort(),
    });

    const again = await runAction(azure, workspace, { with: inputs, env: { GITHUB_RUN_ATTEMPT: "2" } });

    const folders = new Set<string>();
    for await (const { name } of backstage(azure, "incoming").listBlobsFlat({
      prefix: "flooperapp/5.0.2/",
    })) {
      folders.add(name.split("/")[2] ?? "");
    }
    expect(again.outputs).toMatchObject({ outcome: "published", sha256 });
    expect(again.lines.join("\n")).toMatch(/joining it|nothing to upload/);
    expect([...folders]).toEqual([again.outputs["submission"]]);
    expect(again.outputs["submission"]).toMatch(/^run-4711-1-/);
  });
});
