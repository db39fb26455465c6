import { ROLE_MARK } from "../../../core/role-mark.ts";
import type { PostureFacts } from "../../../core/posture/facts.ts";
import type { Assignment, Role } from "../../../core/posture/role-power.ts";
import { EVENT_FILTER } from "../../../core/posture/event-checks.ts";

const group = "/subscriptions/s/resourceGroups/apps/providers";
export const subscription = "/subscriptions/s";
export const account = `${group}/Microsoft.Storage/storageAccounts/packages1`;
export const host = `${group}/Microsoft.Storage/storageAccounts/host1`;
export const gallery = `${group}/Microsoft.Compute/galleries/gallery1`;
export const app = `${group}/Microsoft.Web/sites/pipeline`;
export const machine = `${group}/Microsoft.Compute/virtualMachines/runner`;
const topic = `${group}/Microsoft.EventGrid/systemTopics/packages`;
const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";

const role = (
  name: string,
  actions: string[],
  dataActions: string[] = [],
  notActions: string[] = [],
): Role => ({
  ...{ id: name.toLowerCase().replaceAll(" ", "-"), name },
  permissions: [{ actions, notActions, dataActions, notDataActions: [] }],
});

export const roles = [
  role("Owner", ["*"]),
  role("Contributor", ["*"], [], ["Microsoft.Authorization/*/Write"]),
  role("Blob Contributor", [], [`${blobs}/read`, `${blobs}/write`]),
  role("Blob Reader", [], [`${blobs}/read`]),
  role("VM Application Publisher", ["Microsoft.Compute/galleries/applications/versions/write"]),
  role("VM Application Lessor", ["Microsoft.Authorization/roleAssignments/write"]),
  role("VM Application Blob Writer", [], [`${blobs}/read`, `${blobs}/write`]),
  role("VM Application Uploader", [], [`${blobs}/add/action`]),
  role("Virtual Machine Contributor", ["Microsoft.Compute/virtualMachines/*"]),
];

/** A role for a principal, named so that remedies can be told apart. */
export function assigned(
  principalId: string,
  name: string,
  scope: string,
  rest: Partial<Assignment> = {},
): Assignment {
  const roleId = name.toLowerCase().replaceAll(" ", "-");
  return {
    id: `${scope}/${principalId}/${roleId}`,
    principalType: "ServicePrincipal",
    scope,
    roleId,
    principalId,
    ...rest,
  };
}

/** The role that the pipeline lent. */
export function lent(principalId: string, createdOn: string): Assignment {
  return assigned(principalId, "Blob Contributor", account, { description: ROLE_MARK, createdOn });
}

const container = (name: string): string => `${account}/blobServices/default/containers/${name}`;

export const deployed: readonly Assignment[] = [
  assigned("app", "Blob Reader", container("incoming")),
  assigned("app", "VM Application Blob Writer", container("packages")),
  assigned("app", "VM Application Blob Writer", container("reports")),
  assigned("app", "Blob Reader", container("applications")),
  assigned("app", "VM Application Publisher", gallery),
  assigned("app", "VM Application Lessor", account),
  assigned("app", "Blob Contributor", host),
  assigned("admins", "VM Application Blob Writer", container("applications"), { principalType: "Group" }),
];

const lockedDown = {
  properties: {
    ...{ allowSharedKeyAccess: false, allowBlobPublicAccess: false, minimumTlsVersion: "TLS1_2" },
    ...{ supportsHttpsTrafficOnly: true, publicNetworkAccess: "Enabled", isHnsEnabled: false },
    networkAcls: { bypass: "AzureServices", defaultAction: "Deny", ipRules: [], virtualNetworkRules: [] },
  },
};

/** A deployment in which all is well; what is given is not. */
export function aPatient(ill: Partial<PostureFacts> = {}): PostureFacts {
  return {
    places: {
      ...{ packagesAccountId: account, galleryId: gallery, galleryIdentity: "system", access: "leased" },
      ...{ role: { id: "blob-contributor", name: "Blob Contributor" }, roleScope: account },
      ...{ hostAccountId: host, topicId: topic, functionAppId: app, eventQueue: "blob-events" },
    },
    at: "2026-01-05T10:00:00.000Z",
    packagesAccount: { value: lockedDown },
    hostAccount: { value: lockedDown },
    blobService: {
      value: { properties: { isVersioningEnabled: true, deleteRetentionPolicy: { enabled: true } } },
    },
    containers: { value: { value: [{ name: "packages", properties: { publicAccess: "None" } }] } },
    gallery: { value: { identity: { principalId: "gallery" } } },
    topic: { value: { identity: { type: "SystemAssigned" }, properties: { source: account.toUpperCase() } } },
    subscriptions: { value: { value: [aSubscription()] } },
    app: {
      value: {
        identity: { userAssignedIdentities: { "/pipeline": { principalId: "app" } } },
        properties: { state: "Running", httpsOnly: true, virtualNetworkSubnetId: "/subnet" },
      },
    },
    settings: {
      value: {
        properties: { API_AUDIENCE: "a", API_TENANT_ID: "t", APPLICATIONINSIGHTS_CONNECTION_STRING: "i" },
      },
    },
    passwords: { value: { value: [{ name: "scm", properties: { allow: false } }] } },
    assignments: { value: deployed },
    roles: { value: roles },
    ...{ groups: { value: [] }, approvers: { value: [] } },
    machines: { value: [{ id: machine, identity: { principalId: "machine" } }] },
    inside: {
      ...{ deadLetters: { value: 0 }, poisonMessages: { value: 0 } },
      hosts: [{ host: "management.azure.com", purpose: "Azure Resource Manager", fault: null }],
      profiles: { value: [{ name: "flooperapp.json", text: '{"schema":1,"supportedOSType":"Linux"}' }] },
      versions: { value: [{ application: "flooperapp", version: "1.0.0", blob: "there" }] },
    },
    ...ill,
  };
}

/** The template's subscription; `filter` goes over its filter, `rest` over its properties. */
export function aSubscription(filter: object = {}, rest: object = {}) {
  return {
    name: "submissions",
    properties: {
      provisioningState: "Succeeded",
      deliveryWithResourceIdentity: {
        identity: { type: "SystemAssigned" },
        destination: {
          endpointType: "StorageQueue",
          properties: { resourceId: host, queueName: "blob-events" },
        },
      },
      deadLetterWithResourceIdentity: {},
      filter: {
        includedEventTypes: [EVENT_FILTER.eventType],
        subjectBeginsWith: EVENT_FILTER.subjectBeginsWith,
        advancedFilters: [{ key: "data.api", values: [...EVENT_FILTER.apis] }],
        ...filter,
      },
      ...rest,
    },
  };
}
