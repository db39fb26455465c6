import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { GithubJob } from "../../local/identity/github-job.ts";
import { localJob } from "../../local/local-azure.ts";
import { localPublisher, writeProfile } from "../../local/profiles.ts";
import { startCountingProxy } from "./a-counting-proxy.ts";
import { backstage, runAction, startDeployment } from "./a-deployment.ts";

const size = 40 * 1024 * 1024 + 5;

describe("the Action's way through the pipeline", () => {
  let deployment: Awaited<ReturnType<typeof startDeployment>>;
  let proxy: Awaited<ReturnType<typeof startCountingProxy>>;
  let sha256: string;

  beforeAll(async () => {
    deployment = await startDeployment();
    const { azure, workspace } = deployment;
    proxy = await startCountingProxy(azure.host.url);
    await writeProfile(azure, "flooperapp", {
      ...{ schema: 1, supportedOSType: "Linux" },
      publishers: [{ ...localPublisher(azure), mayExpand: true }],
    });
    const bytes = randomBytes(size);
    sha256 = createHash("sha256").update(bytes).digest("hex");
    await writeFile(join(workspace, "flooper.bin"), bytes);
  });
  afterAll(async () => {
    await proxy.stop();
    await deployment.stop();
  });

  /** A job that has nothing but its own token. */
  function run(
    inputs: Record<string, string>,
    { job = localJob, ...step }: { job?: GithubJob; signal?: AbortSignal; env?: Record<string, string> } = {},
  ) {
    const { azure, workspace } = deployment;
    return runAction(azure, workspace, {
      ...step,
      only: true,
      with: {
        "pipeline-url": proxy.endpoint,
        "pipeline-audience": azure.deployment.githubAudience,
        ...{ application: "flooperapp", version: "6.0.0" },
        ...inputs,
      },
      env: { AZURE_AUTHORITY_HOST: "", ...azure.identity.github.startJob(job), ...step.env },
    });
  }

  const release = {
    ...{ package: "flooper.bin", install: "./install.sh", remove: "./remove.sh" },
    "target-regions": "eastus2,westeurope",
  };

  it("is the only one where storage is closed to the runner", async () => {
    const { azure, workspace } = deployment;

    const direct = await runAction(azure, workspace, {
      with: { ...release, version: "6.0.0", "storage-account": azure.storage.endpoints.internet },
    });

    expect(direct.lines.join("\n")).toContain("AuthorizationFailure");
    expect(direct.exitCode).toBe(1);
  });

  it("ends published without any identity of Azure's, and goes on with what a killed step had sent", async () => {
    const controller = new AbortController();
    proxy.afterBytes(30_000_000, () => controller.abort());
    await run(release, { signal: controller.signal });

    const step = await run(release);

    expect(step.lines.join("\n")).toMatch(/flooper\.bin: [1-4] of 6 blocks have arrived before/);
    expect(step.outputs).toMatchObject({ outcome: "published", sha256 });
    expect(step.outputs["submission"]).toMatch(/^api-/);
    expect(step.summary).toMatch(/### ✅ flooperapp 6\.0\.0 is published/);
    expect(step.exitCode).toBe(0);
    const submissions = new Set<string>();
    for await (const { name } of backstage(deployment.azure, "incoming").listBlobsFlat()) {
      submissions.add(name.split("/")[2] ?? "");
    }
    expect([...submissions]).toEqual([step.outputs["submission"]]);
  }, 120_000);

  it("converges when the job is run again, and refuses other commands for the version", async () => {
    const again = await run(release, { env: { GITHUB_RUN_ATTEMPT: "2" } });
    const other = await run({ ...release, install: "./other.sh" });

    expect(again.lines).toContain("the content is the same: nothing to upload");
    expect(again.outputs).toMatchObject({ outcome: "published", sha256 });
    expect(other.lines.join("\n")).toMatch(/already published with other content: install/);
    expect(other.outputs["outcome"]).toBe("refused");
  });

  it("brings the version to more regions with the same token, where the profile says so", async () => {
    const step = await run({ operation: "expand", "target-regions": "japaneast" });

    expect(step.outputs["outcome"]).toBe("published");
    expect(JSON.parse(step.outputs["regions"] ?? "[]")).toHaveLength(3);
  });

  it("shows a plan, writes nothing and says who it is", async () => {
    const step = await run({ ...release, version: "6.0.1", "dry-run": "true" });

    expect(step.lines.join("\n")).toMatch(/it would be published/);
    expect(step.summary).toContain("<code>http");
    expect(step.exitCode).toBe(0);
  });

  it.each<[string, object, Record<string, string>, RegExp]>([
    [
      "another repository's",
      { repositoryId: "9" },
      {},
      /no trusted publisher of flooperapp 6\.0\.0.*repository id "9"/,
    ],
    ["one for another audience", {}, { "pipeline-audience": "https://other.example" }, /answered 401/],
  ])("says what is wrong with a token that is %s", async (_, job, inputs, says) => {
    const step = await run({ ...release, ...inputs }, { job: { ...localJob, ...job } });

    expect(step.lines.join("\n")).toMatch(says);
    expect(step.summary).toContain("Next step");
    expect(step.exitCode).toBe(1);
  });

  it("names the permission that is missing", async () => {
    const step = await run(release, { env: { ACTIONS_ID_TOKEN_REQUEST_URL: "" } });

    expect(step.lines.join("\n")).toContain('"id-token: write" is missing');
  });
});
