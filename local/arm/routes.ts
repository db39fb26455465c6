import { resourceGroupOf, subscriptionOf } from "./resource-id.ts";

/** The kinds of things that a request may be about. */
export type TargetKind =
  | "subscriptions"
  | "subscription"
  | "locations"
  | "provider"
  | "galleries"
  | "gallery"
  | "applications"
  | "application"
  | "versions"
  | "version"
  | "operation"
  | "role-assignments"
  | "role-assignment"
  | "storage-account"
  | "blob-service"
  | "containers"
  | "topic"
  | "event-subscriptions"
  | "function-app"
  | "app-settings"
  | "password-policies"
  | "resource-graph"
  | "managed-identity";

/** What a request is about. */
export type Target = {
  readonly kind: TargetKind;
  /** The resource, or what contains the list; for role assignments the scope. */
  readonly id: string;
  /** The last name of the path: of the resource, the operation, the role assignment or the provider. */
  readonly name: string;
  readonly subscription: string;
  readonly resourceGroup: string;
};

const group = "/subscriptions/*/resourceGroups/*";
const gallery = `${group}/providers/Microsoft.Compute/galleries`;
const account = `${group}/providers/Microsoft.Storage/storageAccounts/*`;
const topic = `${group}/providers/Microsoft.EventGrid/systemTopics/*`;
const site = `${group}/providers/Microsoft.Web/sites/*`;

const routes: readonly (readonly [TargetKind, string])[] = [
  ["subscriptions", "/subscriptions"],
  ["subscription", "/subscriptions/*"],
  ["locations", "/subscriptions/*/locations"],
  ["provider", "/subscriptions/*/providers/*"],
  ["galleries", "/subscriptions/*/providers/Microsoft.Compute/galleries"],
  ["galleries", gallery],
  ["gallery", `${gallery}/*`],
  ["applications", `${gallery}/*/applications`],
  ["application", `${gallery}/*/applications/*`],
  ["versions", `${gallery}/*/applications/*/versions`],
  ["version", `${gallery}/*/applications/*/versions/*`],
  ["operation", "/subscriptions/*/providers/Microsoft.Compute/locations/*/capsOperations/*"],
  ["storage-account", account],
  ["blob-service", `${account}/blobServices/default`],
  ["containers", `${account}/blobServices/default/containers`],
  ["topic", topic],
  ["event-subscriptions", `${topic}/eventSubscriptions`],
  ["function-app", site],
  ["app-settings", `${site}/config/appsettings/list`],
  ["password-policies", `${site}/basicPublishingCredentialsPolicies`],
  ["resource-graph", "/providers/Microsoft.ResourceGraph/resources"],
  ["managed-identity", `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/*`],
];

const roleAssignments =
  /^(?<scope>.*)\/providers\/Microsoft\.Authorization\/roleAssignments(?:\/(?<name>[^/]+))?$/i;

const lists = new Set<TargetKind>([
  ...(["galleries", "applications", "versions", "locations"] as const),
  ...(["containers", "event-subscriptions", "app-settings", "password-policies"] as const),
]);

/** Reads the path, with the spelling of its fixed parts corrected. Extra slashes at its start do no harm. */
export function targetOf(rawPath: string): Target | undefined {
  const path = "/" + decodedPath(rawPath).replace(/^\/+|\/+$/g, "");
  const assignment = roleAssignments.exec(path)?.groups;
  if (assignment) {
    const kind = assignment["name"] === undefined ? "role-assignments" : "role-assignment";
    return targetAt(kind, assignment["scope"] ?? "", assignment["name"] ?? "");
  }
  for (const [kind, template] of routes) {
    const id = fitted(template, path);
    if (id === undefined) continue;
    const name = id.slice(id.lastIndexOf("/") + 1);
    return targetAt(kind, lists.has(kind) ? id.slice(0, id.lastIndexOf("/")) : id, name);
  }
  return undefined;
}

function targetAt(kind: TargetKind, id: string, name: string): Target {
  return { kind, id, name, subscription: subscriptionOf(id), resourceGroup: resourceGroupOf(id) };
}

function decodedPath(rawPath: string): string {
  const path = rawPath.split("?")[0] ?? "";
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function fitted(template: string, path: string): string | undefined {
  const expected = template.split("/");
  const segments = path.split("/");
  if (expected.length !== segments.length) return undefined;
  const fits = segments.every((segment, at) =>
    expected[at] === "*" ? segment !== "" : segment.toLowerCase() === expected[at]?.toLowerCase(),
  );
  return fits
    ? segments.map((segment, at) => (expected[at] === "*" ? segment : segment && expected[at])).join("/")
    : undefined;
}
