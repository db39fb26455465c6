import type { Target, TargetKind } from "./routes.ts";

/** What a request does, in Azure RBAC's words, and where. */
export type NeededAction = { readonly action: string; readonly scope: string };

const resourceTypes: Readonly<Partial<Record<TargetKind, string>>> = {
  galleries: "Microsoft.Compute/galleries",
  gallery: "Microsoft.Compute/galleries",
  applications: "Microsoft.Compute/galleries/applications",
  application: "Microsoft.Compute/galleries/applications",
  versions: "Microsoft.Compute/galleries/applications/versions",
  version: "Microsoft.Compute/galleries/applications/versions",
  operation: "Microsoft.Compute/locations/capsOperations",
  "role-assignments": "Microsoft.Authorization/roleAssignments",
  "role-assignment": "Microsoft.Authorization/roleAssignments",
  "storage-account": "Microsoft.Storage/storageAccounts",
  "blob-service": "Microsoft.Storage/storageAccounts/blobServices",
  containers: "Microsoft.Storage/storageAccounts/blobServices/containers",
  topic: "Microsoft.EventGrid/systemTopics",
  "event-subscriptions": "Microsoft.EventGrid/systemTopics/eventSubscriptions",
  "function-app": "Microsoft.Web/sites",
  "app-settings": "Microsoft.Web/sites/config/list",
  "password-policies": "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
  "managed-identity": "Microsoft.ManagedIdentity/userAssignedIdentities",
  subscriptions: "Microsoft.Resources/subscriptions",
  subscription: "Microsoft.Resources/subscriptions",
  // Assumed: the names of these two actions, from the operations list of Microsoft.Resources.
  locations: "Microsoft.Resources/subscriptions/locations",
  provider: "Microsoft.Resources/subscriptions/providers",
};

const verbs: Readonly<Record<string, string>> = {
  GET: "read",
  PUT: "write",
  PATCH: "write",
  DELETE: "delete",
  POST: "action",
};

const supported: Readonly<Partial<Record<TargetKind, string>>> = {
  gallery: "GET PUT PATCH DELETE",
  application: "GET PUT DELETE",
  version: "GET PUT PATCH DELETE",
  "role-assignment": "GET PUT DELETE",
  "app-settings": "POST",
  "resource-graph": "POST",
};

/** Whether this Resource Manager does `method` to such a thing at all. */
export function isSupported(method: string, kind: TargetKind): boolean {
  return (supported[kind] ?? "GET").split(" ").includes(method);
}

/** The right that a request needs. */
export function neededAction(method: string, target: Target): NeededAction {
  const type = resourceTypes[target.kind] ?? "";
  const scope =
    target.kind === "role-assignment" ? `${target.id}/providers/${type}/${target.name}` : target.id;
  return { action: `${type}/${verbs[method] ?? ""}`, scope };
}

const policies: Readonly<Record<string, string>> = {
  "PUT gallery": "CreateUpdateGallery",
  "PATCH gallery": "CreateUpdateGallery",
  "PUT application": "CreateUpdateGalleryApplication",
  "PUT version": "CreateUpdateGalleryApplicationVersion",
  "PATCH version": "CreateUpdateGalleryApplicationVersion",
  "DELETE version": "DeleteGalleryApplicationVersion",
  "GET gallery": "GetGallery",
  "GET application": "GetGalleryApplication",
  "GET version": "GetGalleryApplicationVersion",
  "GET operation": "GetOperationStatus",
};

/** The request policy of compute's that a request counts under, or "". */
export function policyOf(method: string, kind: TargetKind): string {
  return policies[`${method} ${kind}`] ?? "";
}
