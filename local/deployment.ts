import { createHash } from "node:crypto";
import type { LocalIdentity } from "./world.ts";

/** The names of what a deployment of the pipeline consists of. */
export interface Deployment {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly accountName: string;
  readonly hostAccountName: string;
  readonly galleryName: string;
  readonly eventQueue: string;
  /** The audience of tokens for the pipeline's HTTP endpoints. */
  readonly apiAudience: string;
  /** The audience of GitHub's tokens for them. */
  readonly githubAudience: string;
}

/** The deployment that the local Azure has when nothing else is said. Ids are made up, but always the same. */
export const localDeployment: Deployment = {
  tenantId: localGuid("tenant"),
  subscriptionId: localGuid("subscription"),
  resourceGroup: "vm-applications",
  location: "eastus2",
  accountName: "floopackages",
  hostAccountName: "floofunctions",
  galleryName: "floogallery",
  eventQueue: "blob-events",
  apiAudience: "api://vm-application-pipeline",
  githubAudience: "https://floo-pipeline.example",
};

/** The ARM ids of a deployment's resources. */
export function resourceIds(deployment: Deployment) {
  const subscription = `/subscriptions/${deployment.subscriptionId}`;
  const group = `${subscription}/resourceGroups/${deployment.resourceGroup}`;
  const account = `${group}/providers/Microsoft.Storage/storageAccounts/${deployment.accountName}`;
  const host = `${group}/providers/Microsoft.Storage/storageAccounts/${deployment.hostAccountName}`;
  return {
    subscription,
    group,
    account,
    host,
    deadLetters: `${host}/blobServices/default/containers/dead-letters`,
    insights: `${group}/providers/Microsoft.Insights/components/pipeline`,
    topic: `${group}/providers/Microsoft.EventGrid/systemTopics/packages`,
    functionApp: `${group}/providers/Microsoft.Web/sites/pipeline`,
    keyVault: `${group}/providers/Microsoft.KeyVault/vaults/pipeline`,
    queue: `${host}/queueServices/default/queues/${deployment.eventQueue}`,
    gallery: `${group}/providers/Microsoft.Compute/galleries/${deployment.galleryName}`,
    functionIdentity: `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/pipeline`,
    container: (name: string) => `${account}/blobServices/default/containers/${name}`,
  };
}

/** The principals of the local tenant, by the names that `infra/roles.json` gives them. */
export function localIdentities(deployment: Deployment) {
  const identity = (name: string, kind: LocalIdentity["kind"], resourceId?: string): LocalIdentity => ({
    name,
    kind,
    clientId: localGuid(`client ${name}`),
    principalId: localGuid(`principal ${name}`),
    ...(resourceId !== undefined && { resourceId }),
  });
  const ids = resourceIds(deployment);
  return {
    uploader: identity("uploader", "application"),
    function: identity("function", "managed-identity", ids.functionIdentity),
    gallery: identity("gallery", "managed-identity", ids.gallery),
    "event-grid": identity("event-grid", "managed-identity"),
    administrator: identity("administrator", "application"),
    deployer: identity("deployer", "application"),
    operator: identity("operator", "application"),
    releaser: identity("releaser", "application"),
  };
}

/** A GUID that is always the same for a name. */
export function localGuid(name: string): string {
  const hex = createHash("sha256").update(`local azure ${name}`).digest("hex");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5");
}
