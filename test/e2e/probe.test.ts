import { BlobServiceClient } from "@azure/storage-blob";
import { builtInRoleId } from "../../local/access/built-in-roles.ts";
import { galleryAssignments } from "../../local/local-azure.ts";
import { PROBE_MARK } from "../../core/role-mark.ts";
import type { ProbeResult } from "../../core/posture/probe.ts";
import { startDeployment } from "./a-deployment.ts";
import { runDoctor, runDoctorUntil } from "./run-doctor.ts";

describe("npm run doctor -- --probe", () => {
  let deployment: Awaited<ReturnType<typeof startDeployment>>;

  beforeAll(async () => {
    deployment = await startDeployment({
      ...{ hasDeployer: true, speed: 1000, reconcileMinutes: 30 },
      arm: { newPrincipalHiddenSeconds: { untyped: 60, typed: 20 } },
    });
  });
  afterAll(() => deployment.stop());
  afterEach(() => {
    deployment.azure.arm.settings.roleScope = "any";
  });

  /** What a probe might leave. */
  async function traces(): Promise<readonly string[]> {
    const { access, arm, storage } = deployment.azure;
    const assignments = access.list().filter(({ description }) => description === PROBE_MARK);
    const galleries = arm.state.galleries.values().filter(({ id }) => id.includes("probe"));
    const containers: string[] = [];
    const service = BlobServiceClient.fromConnectionString(storage.backstage.blobConnectionString);
    for await (const { name } of service.listContainers({ prefix: "vmapp-probe" })) containers.push(name);
    const versions = arm.state.versions().filter(({ id }) => id.includes("probe"));
    return [
      ...[...assignments, ...galleries, ...versions].map((each) => JSON.stringify(each)),
      ...containers,
    ];
  }

  it("recommends the narrowest role and scope that worked, and leaves nothing behind", async () => {
    const { exitCode, stdout, stderr } = await runDoctor(deployment.azure, "--probe");
    expect(stderr).toMatch(/^This writes, and takes away again: a container vmapp-probe-[0-9a-f]{8} /);
    expect(stdout).toContain("ok  reader on the container: accepted after");
    expect(stdout).toContain("--parameters galleryRole=reader roleScope=container");
    expect(stdout).toContain("Nothing of it is left behind.");
    expect(exitCode).toBe(0);
    expect(await traces()).toEqual([]);
    expect(galleryAssignments(deployment.azure)).toEqual([]);
  });

  it("goes on to the next broader one when Azure refuses, and says what each was answered", async () => {
    deployment.azure.arm.settings.roleScope = "account";
    const { exitCode, stdout } = await runDoctor(deployment.azure, "--probe", "--json");
    const { trials } = JSON.parse(stdout) as ProbeResult;
    expect(trials).toMatchObject([
      { galleryRole: "reader", roleScope: "container", worked: false },
      { galleryRole: "reader", roleScope: "account", worked: true },
    ]);
    expect(trials[0]?.says).toMatch(/^refused for 15 min: storage refused the gallery's identity/);
    expect(exitCode).toBe(0);
    expect(await traces()).toEqual([]);
  });

  it("takes away what it has made when it is stopped in the middle", async () => {
    deployment.azure.arm.settings.roleScope = "account";
    const underWay = async (): Promise<void> => {
      while (!(await traces()).some((each) => each.includes(PROBE_MARK))) {
        await deployment.azure.clock.sleep(20_000);
      }
    };
    const { exitCode, stderr } = await runDoctorUntil(deployment.azure, underWay(), "--probe");
    expect(stderr).toContain("the probe was stopped");
    expect(exitCode).toBe(2);
    expect(await traces()).toEqual([]);
  });

  it("says which rights it needs to whoever lacks them, and leaves nothing behind either", async () => {
    const { access, identities } = deployment.azure;
    const its = access.list().filter(({ principalId }) => principalId === identities.deployer.principalId);
    const assigner = builtInRoleId("Role Based Access Control Administrator");
    for (const { scope, name, roleId } of its) if (roleId === assigner) access.unassign(scope, name);
    await deployment.azure.clock.sleep(120_000);
    const { exitCode, stderr } = await runDoctor(deployment.azure, "--probe");
    expect(stderr).toContain("may not give a role on the packages account: AuthorizationFailed");
    expect(stderr).toContain("Role Based Access Control Administrator");
    expect(exitCode).toBe(2);
    expect(await traces()).toEqual([]);
  });
});
