import type { ArmFixture } from "./arm-fixture.ts";
import {
  accountId,
  blobReaderRole,
  caller,
  containerId,
  group,
  reader,
  startFixture,
  subscription,
  tenantId,
} from "./arm-fixture.ts";

const name = "0b5c4d6e-7f80-5912-8a3b-4c5d6e7f8091";
const otherName = "1b5c4d6e-7f80-5912-8a3b-4c5d6e7f8091";
const under = (scope: string) => `${scope}/providers/Microsoft.Authorization/roleAssignments`;
const roles = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions`;

function aGrant(changes: object = {}): { readonly body: object } {
  const properties = {
    roleDefinitionId: `${roles}/${blobReaderRole}`,
    principalId: reader.principalId,
    principalType: "ServicePrincipal",
    ...changes,
  };
  return { body: { properties } };
}

describe("role assignments", () => {
  let fixture: ArmFixture;

  beforeEach(async () => {
    fixture = await startFixture();
  });

  afterEach(() => fixture.arm.stop());

  const put = (scope: string, guid: string, changes: object = {}) =>
    fixture.send("PUT", `${under(scope)}/${guid}`, aGrant(changes));

  it.each([
    ["an account", accountId],
    ["a container", containerId],
    ["a resource group, with a slash too many", `/${group}`],
  ])("are made once at %s under a name of the client's", async (_scope, scope) => {
    const created = await put(scope, name);
    const again = await put(scope, name, {
      roleDefinitionId: `/providers/x/${blobReaderRole.toUpperCase()}`,
    });
    const read = await fixture.send("GET", `${under(scope)}/${name}`);
    expect([created, again, read].map(({ status }) => status)).toEqual([201, 200, 200]);
    expect(created.body.properties).toMatchObject({
      roleDefinitionId: `${roles}/${blobReaderRole}`,
      scope: scope.replace("//", "/"),
      createdBy: caller.principalId,
    });
    expect(fixture.access.list()).toHaveLength(1);
  });

  it("refuse the same grant under another name", async () => {
    await put(containerId, name);
    const { status, body } = await put(containerId, otherName);
    const message = "The role assignment already exists.";
    expect([status, body.error]).toEqual([409, { code: "RoleAssignmentExists", message }]);
  });

  it.each([
    ["principal", containerId, { principalId: caller.principalId }],
    ["role", containerId, { roleDefinitionId: `${roles}/ba92f5b4-2d11-453d-a403-e96b0029c9fe` }],
    ["scope", accountId, {}],
  ])("refuse a name that is used with another %s", async (_what, scope, changes) => {
    await put(containerId, name);
    const { status, body } = await put(scope, name, changes);
    const message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.";
    expect([status, body.error]).toEqual([400, { code: "RoleAssignmentUpdateNotPermitted", message }]);
  });

  it.each([
    ["a name that is no GUID", accountId, "reader", {}, 400, "InvalidRoleAssignmentId"],
    ["no role", accountId, name, { roleDefinitionId: null }, 400, "InvalidCreateRoleAssignmentRequest"],
    ["an absent account", `${accountId}x`, name, {}, 404, "ResourceNotFound"],
  ])("refuse %s", async (_case, scope, guid, changes, status, code) => {
    const reply = await put(scope, guid, changes);
    expect([reply.status, reply.body.error.code]).toEqual([status, code]);
  });

  it("are removed once", async () => {
    await put(containerId, name);
    const [removed, again] = [
      await fixture.send("DELETE", `${under(containerId)}/${name}`),
      await fixture.send("DELETE", `${under(containerId)}/${name}`),
    ];
    const read = await fixture.send("GET", `${under(containerId)}/${name}`);
    expect([removed.status, removed.body.name, again.status, again.text]).toEqual([200, name, 204, ""]);
    expect([read.status, read.body.error.code]).toEqual([404, "RoleAssignmentNotFound"]);
  });

  it.each([
    ["", ["group", "account", "container"]],
    ["atScope()", ["group", "account"]],
    [`principalId eq '${reader.principalId}'`, ["account", "container"]],
    [`atScope() and assignedTo('${reader.principalId.toUpperCase()}')`, ["account"]],
  ])("are listed at the account with the filter '%s'", async (filter, expected) => {
    const names: Record<string, string> = {
      group: name.replace("0b", "a0"),
      account: name.replace("0b", "b0"),
    };
    names["container"] = name.replace("0b", "c0");
    await put(group, names["group"]!, { principalId: caller.principalId });
    await put(accountId, names["account"]!);
    await put(containerId, names["container"]);
    const query = filter === "" ? "" : `?$filter=${encodeURIComponent(filter)}`;
    const { body, text } = await fixture.send("GET", `${under(accountId)}${query}`);
    expect(body.value.map((one: { name: string }) => one.name)).toEqual(expected.map((one) => names[one]));
    expect(text).not.toContain("\n");
  });

  it("refuse a filter that is not known", async () => {
    const { status } = await fixture.send("GET", `${under(accountId)}?$filter=roleId%20eq%20'x'`);
    expect(status).toBe(400);
  });

  it("cannot name a new principal for a while, longer without its type", async () => {
    fixture.arm.settings.newPrincipalHiddenSeconds = { untyped: 60, typed: 10 };
    const fresh = await put(containerId, name);
    await fixture.clock.advance(10);
    const untyped = await put(containerId, name, { principalType: undefined });
    const typed = await put(containerId, name);
    expect([fresh, untyped, typed].map(({ status }) => status)).toEqual([400, 400, 201]);
    expect(fresh.body.error.code).toBe("PrincipalNotFound");
    expect(fresh.body.error.message).toContain(`does not exist in the directory ${tenantId}.`);
  });

  it("can leave out the subscription, and answer 409 to the same again", async () => {
    Object.assign(fixture.arm.settings, { roleDefinitionIdForm: "bare", sameRoleAssignmentStatus: 409 });
    const { body } = await put(containerId, name);
    const again = await put(containerId, name);
    const bare = `/providers/Microsoft.Authorization/roleDefinitions/${blobReaderRole}`;
    expect([body.properties.roleDefinitionId, again.status]).toEqual([bare, 409]);
  });

  it("let conditions see role and principal, of the request to write and of what is there to delete", async () => {
    await put(containerId, name);
    await fixture.send("DELETE", `${under(containerId)}/${name}`);
    const asked = fixture.access.questions.map(({ action, attributes }) => [action, attributes]);
    const attributes = {
      RoleDefinitionId: blobReaderRole,
      PrincipalId: reader.principalId,
      PrincipalType: "ServicePrincipal",
    };
    expect(asked).toEqual([
      ["Microsoft.Authorization/roleAssignments/write", attributes],
      ["Microsoft.Authorization/roleAssignments/delete", attributes],
    ]);
  });

  it("are refused to those who may not assign roles", async () => {
    fixture.access.denied.add("Microsoft.Authorization/roleAssignments/write");
    const { status, body } = await put(containerId, name);
    expect([status, body.error.code]).toEqual([403, "AuthorizationFailed"]);
    expect(body.error.message).toMatch(
      /^The client '.*' with object id '.*' does not have authorization or an ABAC condition not fulfilled to perform/,
    );
  });
});
