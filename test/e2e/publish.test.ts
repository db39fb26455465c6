import { createHash } from "node:crypto";
import { containers, pathOfBlobUrl } from "../../core/naming.ts";
import { parseReport } from "../../core/report.ts";
import type { StepResult } from "../../local/github-runner.ts";
import { accessIsGone } from "../../local/local-azure.ts";
import { writeProfile } from "../../local/profiles.ts";
import { aPackage, backstage, runAction, startDeployment } from "./a-deployment.ts";

describe("a release by the Action", () => {
  let deployment: Awaited<ReturnType<typeof startDeployment>>;
  let step: StepResult;
  let bytes: Buffer;

  beforeAll(async () => {
    deployment = await startDeployment();
    const { azure, workspace } = deployment;
    await writeProfile(azure, "flooperapp", { schema: 1, supportedOSType: "Linux" });
    bytes = await aPackage(workspace);
    step = await runAction(azure, workspace, { event: { release: { tag_name: "v1.2.0" } } });
  });
  afterAll(() => deployment.stop());

  it("ends published in every region", () => {
    const regions = parseReport(step.outputs["report"] ?? "").regions.map(({ name, state }) => [name, state]);
    expect(step.lines.join("\n")).toContain("flooperapp 1.2.0: published in 3 regions");
    expect(regions).toEqual([
      ["eastus2", "Completed"],
      ["westeurope", "Completed"],
      ["japaneast", "Completed"],
    ]);
    expect(step.exitCode).toBe(0);
  });

  it("sets every output", () => {
    const { azure } = deployment;
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(step.outputs).toMatchObject({
      "version-id": `${azure.ids.gallery}/applications/flooperapp/versions/1.2.0`,
      application: "flooperapp",
      version: "1.2.0",
      submission: expect.stringMatching(/^run-4711-1-[0-9a-f]{8}$/),
      sha256,
      "blob-url": expect.stringContaining(`/packages/flooperapp/1.2.0/${sha256}/flooper.tar.gz`),
      outcome: "published",
    });
  });

  it("writes a summary with the table of regions", () => {
    expect(step.summary).toContain("flooperapp 1.2.0");
    expect(step.summary).toMatch(/\| westeurope \| ✅ Completed \| /);
  });

  it("leaves the very bytes of the file in the vault", async () => {
    const { azure } = deployment;
    const url = step.outputs["blob-url"] ?? "";
    const path = pathOfBlobUrl(url, azure.storage.endpoints["function-subnet"], containers.vault) ?? "";
    const inVault = await backstage(azure, containers.vault).getBlobClient(path).downloadToBuffer();
    expect(inVault.equals(bytes)).toBe(true);
  });

  it("leaves no role assignment of the gallery", async () => {
    expect(await accessIsGone(deployment.azure)).toBe(true);
  });

  it("publishes from a plain address and nothing else", () => {
    const { azure } = deployment;
    const version = azure.arm.state.version(`${azure.ids.gallery}/applications/flooperapp/versions/1.2.0`);
    expect(version?.profile.source.mediaLink).toBe(step.outputs["blob-url"]);
    expect(step.outputs["blob-url"]).not.toContain("?");
  });

  it("lets nobody read without a token, at any time", async () => {
    const { azure } = deployment;
    const anonymous = azure.arm.state.blobAttempts.filter(({ principalId }) => principalId === undefined);
    expect(anonymous.length).toBeGreaterThan(0);
    expect(anonymous.filter(({ status }) => status === 200)).toEqual([]);
    for (const container of ["incoming", "packages", "reports", "applications"]) {
      const listing = await fetch(
        `${azure.storage.endpoints.runner}/${container}?restype=container&comp=list`,
      );
      expect(listing.status).toBe(409);
    }
  });

  it("succeeds without an upload when the same content is submitted again", async () => {
    const { azure, workspace } = deployment;
    const again = await runAction(azure, workspace, { with: { version: "1.2.0" } });
    const folders = new Set<string>();
    for await (const blob of backstage(azure, "incoming").listBlobsFlat())
      folders.add(blob.name.split("/")[2] ?? "");
    expect(again.outputs).toMatchObject({ outcome: "published", "version-id": step.outputs["version-id"] });
    expect(again.exitCode).toBe(0);
    expect([...folders]).toEqual([step.outputs["submission"]]);
  });

  it("refuses other content for the same version, quoting both digests", async () => {
    const { azure, workspace } = deployment;
    const other = await aPackage(workspace, "other.tar.gz", "other bytes");
    const refused = await runAction(azure, workspace, {
      with: { version: "1.2.0", package: "other.tar.gz" },
    });
    const log = refused.lines.join("\n");
    expect(refused.exitCode).toBe(1);
    expect(log).toContain(step.outputs["sha256"]);
    expect(log).toContain(createHash("sha256").update(other).digest("hex"));
  });

  it("refuses other commands for the same version, although the package is the same", async () => {
    const { azure, workspace } = deployment;
    const refused = await runAction(azure, workspace, {
      with: { version: "1.2.0", remove: "rm -rf /opt/flooper" },
    });
    expect(refused.lines.join("\n")).toMatch(/already published with other content: remove/);
    expect(refused.exitCode).toBe(1);
  });
});

describe("a release to a gallery whose role is narrow and whose events come by webhook", () => {
  it("ends published as well", async () => {
    const { azure, workspace, stop } = await startDeployment({
      ...{ galleryRole: "reader", roleScope: "container", delivery: "webhook" },
    });
    await writeProfile(azure, "flooperapp", { schema: 1, supportedOSType: "Windows" });
    await aPackage(workspace);
    const step = await runAction(azure, workspace, { with: { version: "3.0.0" } });
    const isGone = await accessIsGone(azure);
    await stop();
    expect(step.outputs["outcome"]).toBe("published");
    expect(isGone).toBe(true);
  });
});
