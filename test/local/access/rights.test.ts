import { createAccessControl } from "../../../local/access/access-control.ts";
import { customRoles, deployedAssignments, readRights } from "../../../local/access/rights.ts";
import type { Deployment } from "../../../local/access/rights.ts";

const rights = readRights();
const account = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/packages";
const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
const authorization = "Microsoft.Authorization/roleAssignments";
const galleryRoleId = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
const galleryPrincipalId = "99999999-9999-4999-8999-999999999999";

function container(name: string): string {
  return `${account}/blobServices/default/containers/${name}`;
}

const deployment: Deployment = {
  access: "leased",
  principals: {
    uploader: "uploader",
    function: "function",
    gallery: galleryPrincipalId,
    operator: "operator",
  },
  scopes: {
    subscription: "/subscriptions/s",
    group: "/subscriptions/s/resourceGroups/rg",
    gallery: "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/galleries/g",
    lease: container("packages"),
    host: "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/host",
    "notification-secret":
      "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v/secrets/s",
    "notification-key": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v/keys/k",
    insights: "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Insights/components/pipeline",
    ...Object.fromEntries(
      ["incoming", "packages", "reports", "applications"].map((name) => [
        `container:${name}`,
        container(name),
      ]),
    ),
  },
  values: {
    application: "flooperapp",
    galleryRole: "Storage Blob Data Contributor",
    galleryRoleId,
    galleryPrincipalId,
    eventQueue: "blob-events",
  },
};

function deployed(changes: Partial<Deployment> = {}) {
  return createAccessControl({
    clock: { now: () => 0 },
    roles: customRoles(rights),
    assignments: deployedAssignments(rights, { ...deployment, ...changes }),
  });
}

describe("infra/roles.json", () => {
  it.each([
    ["uploader", "write", "incoming", "flooperapp/1.0.0/a", true],
    ["uploader", "add/action", "incoming", "flooperapp/1.0.0/a", true],
    ["uploader", "write", "incoming", "other/1.0.0/a", false],
    ["uploader", "read", "incoming", "flooperapp/1.0.0/a", false],
    ["uploader", "delete", "incoming", "flooperapp/1.0.0/a", false],
    ["uploader", "write", "packages", "flooperapp/1.0.0/a", false],
    ["uploader", "write", "reports", "flooperapp/1.0.0/release.json", false],
    ["uploader", "read", "reports", "flooperapp/1.0.0/release.json", true],
    ["uploader", "read", "reports", "other/1.0.0/release.json", false],
    ["operator", "read", "reports", "other/1.0.0/release.json", true],
    ["function", "read", "incoming", "any", true],
    ["function", "write", "packages", "any", true],
    ["function", "delete", "packages", "any", false],
    ["function", "write", "applications", "any.json", false],
    [galleryPrincipalId, "read", "packages", "any", false],
  ])("%s may %s in %s at %s: %s", (principalId, verb, name, path, expected) => {
    const question = { principalId, action: `${blobs}/${verb}`, isDataAction: true, scope: container(name) };
    expect(deployed().isAllowed({ ...question, attributes: { path } })).toBe(expected);
  });

  it.each([
    ["write", galleryRoleId, galleryPrincipalId, "ServicePrincipal", true],
    ["write", galleryRoleId, galleryPrincipalId, "User", false],
    ["write", galleryRoleId, "00000000-0000-4000-8000-000000000000", "ServicePrincipal", false],
    ["write", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", galleryPrincipalId, "ServicePrincipal", false],
    ["delete", galleryRoleId, galleryPrincipalId, "ServicePrincipal", true],
    ["delete", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", galleryPrincipalId, "ServicePrincipal", false],
  ])(
    "the lessor may %s role %s for %s (%s): %s",
    (verb, RoleDefinitionId, PrincipalId, PrincipalType, expected) => {
      const question = { principalId: "function", action: `${authorization}/${verb}`, isDataAction: false };
      const attributes = { RoleDefinitionId, PrincipalId, PrincipalType };
      expect(deployed().isAllowed({ ...question, scope: container("packages"), attributes })).toBe(expected);
    },
  );

  it("lets nobody assign roles when the gallery's access is standing", () => {
    const access = deployed({ access: "standing" });
    const roles = access.list().map(({ roleId, principalId }) => `${roleId} ${principalId}`);
    expect(roles).toContain(`${galleryRoleId} ${galleryPrincipalId}`);
    const question = { principalId: "function", isDataAction: false };
    const scope = container("packages");
    for (const verb of ["write", "delete"])
      expect(access.isAllowed({ ...question, action: `${authorization}/${verb}`, scope })).toBe(false);
  });

  it("names no role that is neither custom nor built in", () => {
    const everyone = { administrator: "administrator", "event-grid": "event-grid" };
    const scopes = { ...deployment.scopes, "queue:blob-events": "/q", "dead-letters": "/d" };
    const principals = { ...deployment.principals, ...everyone };
    // Access is either leased or standing, and the local Azure has no scheduler.
    const telling = { ...deployment, principals, scopes, tellsEndings: true };
    expect(deployedAssignments(rights, telling)).toHaveLength(rights.assignments.length - 2);
  });
});
