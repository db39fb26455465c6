import { createAccessControl } from "../../local/access/access-control.ts";
import { readRights } from "../../local/access/rights.ts";
import { aPlan, group, people, subscriptionId } from "./a-plan.ts";
import { grantsOf, rolesOf } from "./grants.ts";

const rights = readRights();

describe("role assignments of the template", () => {
  it.each([
    ["leased", "storage"],
    ["standing", "storage"],
    ["leased", "scheduler"],
  ])("are those of roles.json and no others (access %s, orchestrations in %s)", (access, durableBackend) => {
    const declared = rights.assignments
      .filter(({ when }) => when === undefined || when === access || when === durableBackend)
      .map(({ identity, role, scope }) => `${identity}: ${role} on ${scope}`)
      .map((line) => line.replace("{galleryRole}", "Storage Blob Data Contributor"))
      .map((line) => line.replace("{eventQueue}", "blob-events"));
    const assigned = grantsOf(aPlan({ access, durableBackend })).map(
      ({ identity, role, scope }) => `${identity}: ${role} on ${scope}`,
    );
    expect(assigned.sort()).toEqual(declared.sort());
  });

  it.each([{}, { customRoles: false }, { access: "standing" }, { existingGallery: true }])(
    "give nobody Owner, Contributor or User Access Administrator (%j)",
    (parameters) => {
      const ids = grantsOf(aPlan(parameters, existing)).map(({ roleId }) => roleId);
      for (const id of [
        "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
      ])
        expect(ids).not.toContain(id);
    },
  );

  it.each([
    ["write", "incoming", "flooperapp/1.0.0/a", true],
    ["add/action", "incoming", "flooperagent/1.0.0/a", true],
    ["write", "incoming", "other/1.0.0/a", false],
    ["read", "incoming", "flooperapp/1.0.0/a", false],
    ["read", "reports", "flooperagent/1.0.0/release.json", true],
    ["read", "reports", "other/1.0.0/release.json", false],
    ["read", "packages", "flooperapp/1.0.0/a", false],
  ])("let an uploader of two applications %s in %s at %s: %s", (verb, container, path, expected) => {
    const plan = aPlan();
    const { principalId = "" } = grantsOf(plan).find(({ identity }) => identity === "uploader") ?? {};
    const account = plan.resources.find(({ id }) => id.endsWith(`/containers/${container}`));
    const question = { principalId, isDataAction: true, scope: account?.id ?? "", attributes: { path } };
    const action = `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/${verb}`;
    expect(accessOf(plan).isAllowed({ ...question, action })).toBe(expected);
  });

  it("hold the lessor to one role and one principal, on the vault's account or container", () => {
    const lessor = (parameters: object) =>
      grantsOf(aPlan(parameters as Record<string, unknown>)).find(
        ({ role }) => role === "VM Application Lessor",
      );
    const gallery = grantsOf(aPlan({ access: "standing" })).find(({ identity }) => identity === "gallery");
    const condition = lessor({})?.condition ?? "";
    expect(condition.match(/GuidEquals \{ba92f5b4-2d11-453d-a403-e96b0029c9fe\}/g)).toHaveLength(2);
    expect(condition.match(new RegExp(`GuidEquals \\{${gallery?.principalId ?? ""}\\}`, "g"))).toHaveLength(
      2,
    );
    expect(lessor({})?.scopeId).toMatch(/storageAccounts\/[^/]+$/);
    expect(lessor({ roleScope: "container" })?.scopeId).toMatch(/containers\/packages$/);
    expect(lessor({ access: "standing" })).toBeUndefined();
  });

  it("let the pipeline lend access to containers of older packages", () => {
    const id = `/subscriptions/${subscriptionId}/resourceGroups/old/providers/Microsoft.Storage/storageAccounts/oldpackages/blobServices/default/containers/apps`;
    const legacySources = [{ url: "https://oldpackages.example/apps", id }];
    const scopes = grantsOf(aPlan({ legacySources })).map(({ role, scopeId }) => `${role} ${scopeId}`);
    expect(scopes).toContain(`VM Application Lessor ${id}`);
  });

  it("let the pipeline use one secret and one key of a key vault, where endings are told", () => {
    const tells = { keyVaultName: "vault1", webhookUrl: "https://told.example", githubClientId: "Iv1" };
    const only = (parameters: object) =>
      grantsOf(aPlan(parameters as Record<string, unknown>))
        .filter(({ scope }) => scope.startsWith("notification-"))
        .map(({ role, scope, scopeId }) => `${role} on ${scope}: ${scopeId.split("/").slice(-3).join("/")}`);
    expect(only({})).toEqual([]);
    expect(only(tells).sort()).toEqual([
      "VM Application Secret Reader on notification-secret: vault1/secrets/vm-application-webhook",
      "VM Application Signer on notification-key: vault1/keys/vm-application-github-app",
    ]);
  });

  it("name what kind of principal each is", () => {
    const kinds = Object.fromEntries(
      aPlan()
        .resources.filter(({ type }) => type === "Microsoft.Authorization/roleAssignments")
        .map(({ body }) => [body.properties.principalId, body.properties.principalType]),
    );
    expect(kinds[people.administrators[0]!.id]).toBe("Group");
    expect(kinds[people.operators[0]!.id]).toBe("User");
    expect(Object.values(kinds).filter((kind) => kind === "ServicePrincipal")).toHaveLength(3);
  });

  it("have names of their own, so that Azure never meets one twice", () => {
    const names = aPlan()
      .resources.filter(({ type }) => type.endsWith("/roleAssignments"))
      .map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("custom roles of the template", () => {
  it("are those of roles.json, for this subscription only", () => {
    const made = rolesOf(aPlan()).map(({ body }) => body.properties);
    expect(made).toHaveLength(Object.keys(rights.roles).length);
    for (const { roleName, permissions, assignableScopes, description } of made) {
      const role = rights.roles[roleName.replace(" (11111111)", "")];
      expect(permissions).toEqual([
        { actions: role?.actions, notActions: [], dataActions: role?.dataActions, notDataActions: [] },
      ]);
      expect(description).toBe(role?.description);
      expect(assignableScopes).toEqual([`/subscriptions/${subscriptionId}`]);
    }
  });

  it("contain no wildcard", () => {
    const actions = Object.values(rights.roles).flatMap((role) => [...role.actions, ...role.dataActions]);
    expect(actions.filter((action) => action.includes("*"))).toEqual([]);
  });

  it("keep the right to assign roles apart from data", () => {
    const mixed = Object.values(rights.roles).filter(
      ({ actions, dataActions }) =>
        dataActions.length > 0 && actions.some((each) => each.includes("Authorization")),
    );
    expect(mixed).toEqual([]);
  });

  it("are not made where they are not allowed: built-in ones stand in, under the same conditions", () => {
    const plan = aPlan({ customRoles: false });
    const lessor = grantsOf(plan).find(({ role }) => role === "Role Based Access Control Administrator");
    expect(rolesOf(plan)).toEqual([]);
    expect(lessor?.condition).toContain("GuidEquals {ba92f5b4-2d11-453d-a403-e96b0029c9fe}");
    expect(grantsOf(plan).map(({ role }) => role)).toContain("Compute Gallery Artifacts Publisher");
  });
});

// The plan's roles and assignments, judged as the local Azure judges them.
function accessOf(plan: ReturnType<typeof aPlan>) {
  const roles = rolesOf(plan).map(({ name, body }) => ({
    ...{ id: name, name: body.properties.roleName, notActions: [] },
    ...{
      actions: body.properties.permissions[0].actions,
      dataActions: body.properties.permissions[0].dataActions,
    },
  }));
  const assignments = plan.resources
    .filter(({ type }) => type === "Microsoft.Authorization/roleAssignments")
    .map(({ name, scope = "", body: { properties } }) => ({
      ...{ name, scope, roleId: properties.roleDefinitionId.split("/").at(-1) },
      ...{ principalId: properties.principalId, principalType: properties.principalType },
      ...(properties.condition !== null && { condition: properties.condition, conditionVersion: "2.0" }),
    }));
  return createAccessControl({ clock: { now: () => 0 }, roles, assignments });
}

const existing = {
  existing: {
    [`${group}/providers/Microsoft.Compute/galleries/vmappsgallery`.toLowerCase()]: {
      location: "westeurope",
      identity: { type: "SystemAssigned" },
      properties: {},
    },
  },
};
