import { createAccessControl } from "../../../local/access/access-control.ts";
import type { LocalArm } from "../../../local/arm/start-arm.ts";
import { startArm } from "../../../local/arm/start-arm.ts";
import { ManualClock } from "../manual-clock.ts";
import {
  accountId,
  blobReaderRole,
  caller,
  containerId,
  reader,
  tenantId,
  testCertificates,
} from "./arm-fixture.ts";
import { sendTo } from "./arm-requests.ts";

const administrator = "f58310d9-a9f6-439a-9e8d-f62e7b41a168";
const contributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
const name = "0b5c4d6e-7f80-5912-8a3b-4c5d6e7f8091";
const roleAssignments = "Microsoft.Authorization/roleAssignments";

function only(action: "write" | "delete", side: "@Request" | "@Resource"): string {
  return (
    `((!(ActionMatches{'${roleAssignments}/${action}'})) OR (` +
    `${side}[${roleAssignments}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${blobReaderRole}} AND ` +
    `${side}[${roleAssignments}:PrincipalId] ForAnyOfAnyValues:GuidEquals {${reader.principalId}} AND ` +
    `${side}[${roleAssignments}:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'}))`
  );
}

describe("a right to assign one role to one principal", () => {
  let arm: LocalArm;

  beforeEach(async () => {
    const clock = new ManualClock();
    const access = createAccessControl({
      ...{ clock, propagation: () => 0 },
      assignments: [
        {
          ...{ name: "a", scope: accountId, roleId: administrator },
          ...{ principalId: caller.principalId, principalType: "ServicePrincipal" },
          condition: `${only("write", "@Request")} AND ${only("delete", "@Resource")}`,
          conditionVersion: "2.0",
        },
        {
          ...{ name: "b", scope: containerId, roleId: contributor },
          ...{ principalId: reader.principalId, principalType: "ServicePrincipal" },
        },
      ],
    });
    arm = await startArm({
      ...{ certificates: await testCertificates(), clock, access, tenantId },
      tokens: { verify: async () => caller },
      blobs: { read: async () => undefined },
    });
    arm.state.createStorageAccount({ id: accountId, location: "eastus", properties: {} });
  });

  afterEach(() => arm.stop());

  const at = (scope: string, guid: string) => `${scope}/providers/${roleAssignments}/${guid}`;

  async function put(changes: object, scope = containerId): Promise<number> {
    const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${blobReaderRole}`;
    const granted = { roleDefinitionId, principalId: reader.principalId, principalType: "ServicePrincipal" };
    const body = { properties: { ...granted, ...changes } };
    const { ca } = await testCertificates();
    return (await sendTo(arm.endpoint, ca, "PUT", at(scope, name), { body })).status;
  }

  it.each<[string, object, string, number]>([
    ["that role for that principal", {}, containerId, 201],
    ["the same on the account", {}, accountId, 201],
    ["another role", { roleDefinitionId: `/x/${contributor}` }, containerId, 403],
    ["another principal", { principalId: caller.principalId }, containerId, 403],
    ["no principal type", { principalType: undefined }, containerId, 403],
    ["a scope above the account", {}, accountId.slice(0, accountId.indexOf("/providers/")), 403],
  ])("answers a grant of %s as its condition says", async (_what, changes, scope, status) => {
    expect(await put(changes, scope)).toBe(status);
  });

  it.each([
    ["its own grant", name, 200],
    ["somebody's grant of another role", "b", 403],
  ])("answers a removal of %s as its condition says", async (_what, guid, status) => {
    await put({});
    const { ca } = await testCertificates();
    const removed = await sendTo(arm.endpoint, ca, "DELETE", at(containerId, guid), {});
    expect(removed.status).toBe(status);
  });
});
