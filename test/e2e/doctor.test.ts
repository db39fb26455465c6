import { QueueServiceClient } from "@azure/storage-queue";
import type { Posture } from "../../core/posture/posture.ts";
import { builtInRoleId } from "../../local/access/built-in-roles.ts";
import { roleIdOf, readRights } from "../../local/access/rights.ts";
import { writeProfile } from "../../local/profiles.ts";
import { localGuid } from "../../local/deployment.ts";
import { aPackage, backstage, runAction, startDeployment } from "./a-deployment.ts";
import { runDoctor } from "./run-doctor.ts";

describe("npm run doctor", () => {
  let deployment: Awaited<ReturnType<typeof startDeployment>>;

  beforeAll(async () => {
    deployment = await startDeployment();
    await writeProfile(deployment.azure, "flooperapp", { schema: 1, supportedOSType: "Linux" });
  });
  afterAll(() => deployment.stop());

  it("finds a fresh deployment well, says so to people, and writes nothing", async () => {
    const { arm, identities } = deployment.azure;
    const { exitCode, stdout, stderr } = await runDoctor(deployment.azure);
    const its = arm.calls.list().filter(({ principalId }) => principalId === identities.operator.principalId);
    const asks = /\/resources$|\/appsettings\/list$/;
    expect(its.length).toBeGreaterThan(10);
    expect(its.filter(({ method, path }) => method !== "GET" && !asks.test(path))).toEqual([]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^Packages account\n/);
    expect(stdout).toMatch(/\n\n\d+ ok\n$/);
    expect(exitCode).toBe(0);
  });

  it("finds what went wrong since, and what only the function app sees", async () => {
    const { azure, workspace } = deployment;
    await aPackage(workspace);
    const step = await runAction(azure, workspace, { with: { version: "1.0.0" } });
    expect(step.outputs["outcome"]).toBe("published");
    const vault = backstage(azure, "packages");
    for await (const { name } of vault.listBlobsFlat()) await vault.deleteBlob(name);
    await backstage(azure, "applications").getBlockBlobClient("other.json").upload("{", 1);
    const queues = QueueServiceClient.fromConnectionString(azure.storage.backstage.hostConnectionString);
    const poison = queues.getQueueClient(`${azure.deployment.eventQueue}-poison`);
    await poison.createIfNotExists();
    await poison.sendMessage("e30=");
    azure.storage.configure({ allowSharedKeyAccess: true });
    const stranger = localGuid("stranger");
    azure.access.assign({
      ...{ name: localGuid("stranger owns"), scope: azure.ids.subscription, principalType: "User" },
      ...{ principalId: stranger, roleId: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635" },
    });
    azure.access.assign({
      ...{ name: localGuid("uploader reads"), scope: azure.ids.container("packages") },
      ...{ principalId: azure.identities.uploader.principalId, principalType: "ServicePrincipal" },
      roleId: roleIdOf(readRights(), "Storage Blob Data Reader"),
    });
    const group = localGuid("platform team");
    azure.graph.groups.set(group, {
      name: "Platform",
      members: [{ id: localGuid("ann"), name: "ann@contoso.example" }],
    });
    azure.access.assign({
      ...{ name: localGuid("platform contributes"), scope: azure.ids.group, principalType: "Group" },
      ...{ principalId: group, roleId: builtInRoleId("Contributor") },
    });
    azure.graph.appRoleHolders.push({
      ...{ id: azure.identities.uploader.principalId, name: "uploader" },
      ...{ type: "ServicePrincipal", role: "Releases.Approve" },
    });
    const { stdout, exitCode } = await runDoctor(azure, "--json");
    const { findings } = JSON.parse(stdout) as Posture;
    const ill = findings.filter(({ verdict }) => verdict !== "ok");
    expect(ill.map(({ verdict, check }) => `${verdict} ${check}`).sort()).toEqual([
      ...["problem profiles", "problem shared-key"],
      ...["warning approvers", "warning assign-roles", "warning change-app"],
      ...["warning change-host", "warning machines", "warning poison", "warning publish"],
      ...["warning read-vault", "warning version-blobs", "warning write-vault"],
    ]);
    const says = Object.fromEntries(ill.map((finding) => [finding.check, finding.says]));
    expect(says["publish"]).toContain(`User ${stranger} (Owner on ${azure.ids.subscription})`);
    expect(says["publish"]).toContain(
      `Group Platform ${group} with 1 member: ann@contoso.example (Contributor on`,
    );
    expect(says["approvers"]).toContain("uploader may approve hand drops");
    expect(says["read-vault"]).toContain("virtual machine runner");
    expect(says["version-blobs"]).toContain("flooperapp 1.0.0");
    expect(exitCode).toBe(1);
  });

  it("says which right is missing to whoever may not list the settings, as with customRoles=false", async () => {
    const { access, identities, ids } = deployment.azure;
    const its = access.list().filter(({ principalId }) => principalId === identities.operator.principalId);
    for (const { scope, name } of its) if (scope === ids.group) access.unassign(scope, name);
    access.assign({
      ...{ name: localGuid("operator reads"), scope: ids.group, roleId: builtInRoleId("Reader") },
      ...{ principalId: identities.operator.principalId, principalType: "ServicePrincipal" },
    });
    await deployment.azure.clock.sleep(120_000);
    const { exitCode, stderr } = await runDoctor(deployment.azure);
    expect(stderr).toContain("Microsoft.Web/sites/config/list/action");
    expect(stderr).toContain(`az role assignment create --role "Website Contributor"`);
    expect(exitCode).toBe(2);
  });

  it("says what to do when there is nothing to look at", async () => {
    const { exitCode, stderr } = await runDoctor(deployment.azure, "--local", "nowhere.json");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("npm run cloud");
    const wrong = await runDoctor(deployment.azure, "--app", "pipeline");
    expect(wrong.stderr).toContain("functionAppId");
    expect((await runDoctor(deployment.azure, "--help-me")).stderr).toContain("--json");
  });
});
