import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { aPackage, backstage, runAction, startDeployment } from "./a-deployment.ts";

describe("the Action, given something bad", () => {
  let deployment: Awaited<ReturnType<typeof startDeployment>>;

  beforeAll(async () => {
    deployment = await startDeployment();
    const { workspace } = deployment;
    await aPackage(workspace);
    await aPackage(workspace, "other.tar.gz");
    await writeFile(join(workspace, "empty.msi"), "");
    await writeFile(join(workspace, "huge.msi"), "");
    await truncate(join(workspace, "huge.msi"), 2_147_483_649);
    await writeFile(join(workspace, "syntax.yaml"), "install: echo\nremove: [\n");
    await writeFile(
      join(workspace, "unknown.yaml"),
      "install: echo\nremove: echo\ntargetRegion: [eastus2]\n",
    );
    await writeFile(join(workspace, "long.yaml"), `install: ${"x".repeat(4097)}\nremove: echo\n`);
  });
  afterAll(() => deployment.stop());

  const version = "1.2.0";
  it.each([
    ["an empty file", { version, package: "empty.msi" }, ["empty.msi", "empty"]],
    ["a file that is too large", { version, package: "huge.msi" }, ["huge.msi", "2147483648"]],
    ["a glob that matches nothing", { version, package: "*.deb" }, ["*.deb", "no file"]],
    [
      "a glob that matches several files",
      { version, package: "*.tar.gz" },
      ["flooper.tar.gz", "other.tar.gz"],
    ],
    ["a bad version", { version: "v1.2.3-rc.1" }, ["v1.2.3-rc.1", "MAJOR.MINOR.PATCH"]],
    ["a syntax error in YAML", { version, manifest: "syntax.yaml" }, ["syntax.yaml:3:1"]],
    ["an unknown field", { version, manifest: "unknown.yaml" }, ["targetRegion", "targetRegions"]],
    ["a command that is too long", { version, manifest: "long.yaml", install: "" }, ["install", "4096"]],
    ["a wrong account name", { version, "storage-account": "Floo_Packages" }, ["Floo_Packages", "3 to 24"]],
  ])("says so about %s and uploads nothing", async (_what, inputs, words) => {
    const { azure, workspace } = deployment;
    const step = await runAction(azure, workspace, { with: inputs });
    const log = step.lines.join("\n");
    for (const word of words) expect(log).toContain(word);
    expect(step.exitCode).toBe(1);
    expect(step.summary).toContain("Next step");
    expect(await dropped()).toEqual([]);
  });

  it("names the permission when the job may not have an OIDC token", async () => {
    const { azure, workspace } = deployment;
    const step = await runAction(azure, workspace, {
      with: { version },
      env: { ACTIONS_ID_TOKEN_REQUEST_URL: "" },
    });
    expect(step.lines.join("\n")).toContain("id-token: write");
    expect(step.exitCode).toBe(1);
  });

  it("tells the firewall from a missing role", async () => {
    const { azure, workspace } = deployment;
    const firewall = await runAction(azure, workspace, {
      with: { version, "storage-account": azure.storage.endpoints.internet },
    });
    const role = await runAction(azure, workspace, { with: { version, application: "notmine" } });
    expect(firewall.lines.join("\n")).toMatch(/firewall.*AuthorizationFailure/);
    expect(role.lines.join("\n")).toMatch(/AuthorizationPermissionMismatch/);
    expect([firewall.exitCode, role.exitCode]).toEqual([1, 1]);
    expect(await dropped()).toEqual([]);
  });

  it("names the federated credential that is missing for another repository", async () => {
    const { azure, workspace } = deployment;
    const job = {
      repository: "contoso/other",
      repositoryId: "9",
      repositoryOwnerId: "77",
      ref: "refs/heads/main",
    };
    const step = await runAction(azure, workspace, {
      with: { version },
      env: azure.identity.github.startJob(job),
    });
    expect(step.lines.join("\n")).toContain("repo:contoso@77/other@9:ref:refs/heads/main");
    expect(step.lines.join("\n")).toContain("federated credential");
    expect(step.exitCode).toBe(1);
  });

  it("sets every output although nothing was published", async () => {
    const { azure, workspace } = deployment;
    const step = await runAction(azure, workspace, { with: { version, package: "empty.msi" } });
    expect(step.outputs).toMatchObject({
      application: "flooperapp",
      version,
      regions: "[]",
      report: "{}",
      outcome: "",
    });
  });

  async function dropped(): Promise<string[]> {
    const names = [];
    for await (const blob of backstage(deployment.azure, "incoming").listBlobsFlat()) names.push(blob.name);
    return names;
  }
});
