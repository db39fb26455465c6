import { join } from "node:path";
import { QueueServiceClient } from "@azure/storage-queue";
import { type AppRole, appRoles } from "../core/permission.ts";
import { createAccessControl } from "./access/access-control.ts";
import { builtInRoleId } from "./access/built-in-roles.ts";
import { seededPropagation } from "./access/propagation.ts";
import { customRoles, deployedAssignments, readRights, roleIdOf } from "./access/rights.ts";
import { showDeployed } from "./arm/deployed-resources.ts";
import { startArm } from "./arm/start-arm.ts";
import { seededReplicationSeconds } from "./arm/replication-times.ts";
import type { ArmSettings } from "./arm/settings.ts";
import { type Certificates, ensureCertificates, trustEnvironment } from "./certificates.ts";
import { type Clock, scaledClock } from "./clock.ts";
import { type Deployment, localDeployment, localGuid, localIdentities, resourceIds } from "./deployment.ts";
import type { Disturbance } from "./event-grid/disturbance.ts";
import { startEventGrid } from "./event-grid/relay.ts";
import { resourceEvent, resourceWritten } from "./event-grid/resource-events.ts";
import { startFunctionsHost } from "./functions-host/start.ts";
import { startGraph } from "./graph.ts";
import { type LocalKeyVault, startKeyVault } from "./key-vault.ts";
import { type GithubJob, subjectOf } from "./identity/github-job.ts";
import { startIdentityService } from "./identity/start-identity-service.ts";
import { startHostAccount } from "./storage/host-account.ts";
import { startStorage } from "./storage/start-storage.ts";
import type { AccessControl, RoleAssignment } from "./world.ts";

/** The workflow job that the local Entra tenant takes for the uploader. */
export const localJob: GithubJob = {
  repository: "contoso/flooper",
  repositoryId: "1001",
  repositoryOwnerId: "77",
  ref: "refs/tags/v1.2.0",
  environment: "release",
  eventName: "release",
};

/** How to start a local Azure. */
export interface LocalAzureOptions {
  /** Certificates, blobs and the functions host's journal live here. */
  readonly dataFolder: string;
  /** The deployed function app, e.g. `dist/functions`. */
  readonly functionApp: string;
  /** Simulated seconds a real one. */
  readonly speed: number;
  /** Applications that the uploader may submit. */
  readonly applications: readonly string[];
  /** Default: as Microsoft's articles have it, `contributor` on the `account`. */
  readonly galleryRole?: "reader" | "contributor";
  readonly roleScope?: "account" | "container";
  /** Default: `leased`. */
  readonly access?: "leased" | "standing";
  /** How long access that nobody needs is kept for the next. Default: 2, where the function app's own is 10. */
  readonly graceMinutes?: number;
  /** How often the reconciler runs. Default: 5, as in the function app. */
  readonly reconcileMinutes?: number;
  /** A role assignment is felt after at most so many simulated seconds, and as long after its removal. */
  readonly propagationSeconds?: number;
  /** Whether whoever deployed the pipeline still has the rights to do so, as a probe needs them. Default: no. */
  readonly hasDeployer?: boolean;
  /** How events reach the functions. Default: `queue`. */
  readonly delivery?: "queue" | "webhook";
  /** Whether the end of a write to a version wakes the story that follows it. Default: no, as deployed by default. */
  readonly wakeOnReplication?: boolean;
  /** How unlike a perfect line Event Grid is. */
  readonly disturbance?: Disturbance;
  readonly arm?: Partial<ArmSettings>;
  /** A file for what the functions and their host log, as JSON lines. */
  readonly functionsLog?: string;
  /** Further settings of the function app; they go over the usual ones. */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Starts whom endings are told to, and gives the settings that say so. They can trust the certificates; the key vault
   * has a secret `webhook` and a key `github-app`, which the function app may use.
   */
  readonly listeners?: (parts: {
    readonly certificates: Certificates;
    readonly keyVault: LocalKeyVault;
  }) => Promise<Readonly<Record<string, string>>>;
  /** The Node that runs the functions. */
  readonly nodePath?: string;
}

/** The secret `webhook` in the local key vault. */
export const localWebhookSecret = "what the webhook and the pipeline know";

/** A whole local Azure with the pipeline deployed in it. */
export type LocalAzure = Awaited<ReturnType<typeof startLocalAzure>>;

/** Starts every stand-in, deploys the rights of `infra/roles.json` and the function app. */
export async function startLocalAzure(options: LocalAzureOptions) {
  const deployment = localDeployment;
  const ids = resourceIds(deployment);
  const clock = scaledClock(options.speed);
  const certificates = await ensureCertificates(join(options.dataFolder, "certificates"));
  const identities = localIdentities(deployment);
  const identity = await startIdentities(certificates, deployment);
  const access = deployRights(options, clock, deployment);
  const storage = await startStorage({
    account: { name: deployment.accountName, id: ids.account },
    hostAccount: deployment.hostAccountName,
    access,
    tokens: identity.tokens,
    certificates,
    authorizationUri: `${identity.authorityHost}/${deployment.tenantId}/oauth2/authorize`,
    dataFolder: join(options.dataFolder, "storage"),
  });
  const resourceTopic = startEventGrid({ clock, topic: ids.group });
  const arm = await startArm({
    ...{ certificates, clock, access, tokens: identity.tokens, blobs: storage.reader },
    tenantId: deployment.tenantId,
    settings: { replicationSeconds: seededReplicationSeconds("local", 100, 260), ...options.arm },
    onVersionWritten: (ended) =>
      resourceTopic.raise(resourceEvent(ended, { topic: ids.group, time: clock.now() })),
  });
  arm.state.createGallery({
    id: ids.gallery,
    location: deployment.location,
    identity: { type: "SystemAssigned", systemPrincipalId: identities.gallery.principalId },
  });
  const eventGrid = startEventGrid({
    ...{ clock, topic: ids.account },
    ...(options.disturbance && { disturbance: options.disturbance }),
  });
  const hostAccount = await startHostAccount({
    ...{ certificates, access, tokens: identity.tokens },
    account: { name: deployment.hostAccountName, id: ids.host },
    connectionString: storage.backstage.hostConnectionString,
    deadLetters: () =>
      eventGrid.deadLetters.map(({ subscription, event }) => `${subscription}/${event.id}.json`),
  });
  const queues = QueueServiceClient.fromConnectionString(storage.backstage.hostConnectionString);
  await queues.getQueueClient(deployment.eventQueue).createIfNotExists();
  const endpoint = await identity.attach({ userAssigned: [identities.function] });
  // A virtual machine that may upload: a self-hosted runner, with the uploader's identity attached.
  const machine = await identity.attach({ userAssigned: [identities.uploader] });
  const keyVault = await startKeyVault({
    ...{ id: ids.keyVault, certificates, access, tokens: identity.tokens },
    secrets: { webhook: localWebhookSecret },
  });
  const graph = await startGraph(certificates, identity.tokens, deployment.apiAudience);
  const operator = {
    id: identities.operator.principalId,
    name: "operator",
    type: "ServicePrincipal",
  } as const;
  graph.appRoleHolders.push(...appRoles.map((role) => ({ ...operator, role })));
  const settings = {
    AZURE_CLIENT_ID: identities.function.clientId,
    AZURE_AUTHORITY_HOST: identity.authorityHost,
    PACKAGES_ENDPOINT: storage.endpoints["function-subnet"],
    PACKAGES_ACCOUNT_ID: ids.account,
    GALLERY_ID: ids.gallery,
    GALLERY_ROLE: options.galleryRole ?? "contributor",
    GALLERY_ROLE_SCOPE: options.roleScope ?? "account",
    ACCESS: options.access ?? "leased",
    ACCESS_GRACE_MINUTES: String(options.graceMinutes ?? 2),
    RECONCILE_MINUTES: String(options.reconcileMinutes ?? 5),
    ARM_ENDPOINT: arm.endpoint,
    API_TENANT_ID: deployment.tenantId,
    API_AUDIENCE: deployment.apiAudience,
    GITHUB_AUDIENCE: deployment.githubAudience,
    GITHUB_ISSUERS: JSON.stringify([
      { issuer: identity.github.issuer, jwksUri: `${identity.github.issuer}/.well-known/jwks` },
    ]),
    EVENT_QUEUE: deployment.eventQueue,
    HOST_ACCOUNT_ID: ids.host,
    EVENT_TOPIC_ID: ids.topic,
    FUNCTION_APP_ID: ids.functionApp,
    AzureWebJobsStorage__blobServiceUri: hostAccount.endpoint,
    EventQueue__queueServiceUri: hostAccount.endpoint,
    ...(await options.listeners?.({ certificates, keyVault })),
    ...options.settings,
  };
  // As the template deploys them: on Azure, queues are reached by identity, and logs go to Application Insights.
  const shown = { ...settings, APPLICATIONINSIGHTS_CONNECTION_STRING: "none; this is the local Azure" };
  showDeployed(arm.state, {
    ...{ deployment, rules: storage.rules, settings: () => shown },
    functionIdentity: { ...identities.function, resourceId: ids.functionIdentity },
    topicPrincipalId: identities["event-grid"].principalId,
    machineIdentity: { ...identities.uploader, resourceId: `${ids.group}/uploader` },
  });
  const host = await startFunctionsHost({
    appFolder: options.functionApp,
    dataFolder: join(options.dataFolder, "functions-host"),
    clock,
    ...(options.nodePath !== undefined && { nodePath: options.nodePath }),
    env: {
      ...trustEnvironment(certificates),
      ...endpoint.appEnvironment,
      ...(options.functionsLog !== undefined && { LOCAL_LOG_FILE: options.functionsLog }),
      // The local host has no identity to reach queues with.
      EventQueue: storage.backstage.hostConnectionString,
      ...settings,
    },
  });
  await eventGrid.subscribe({
    name: "blob-created",
    schema: "eventGrid",
    subjectBeginsWith: "/blobServices/default/containers/incoming/",
    destination:
      options.delivery === "webhook"
        ? {
            kind: "webhook",
            url: `${host.url}/runtime/webhooks/EventGrid?functionName=blobArrivedFromEventGrid`,
          }
        : {
            kind: "queue",
            connectionString: storage.backstage.hostConnectionString,
            queueName: deployment.eventQueue,
          },
  });
  if (options.wakeOnReplication) {
    await resourceTopic.subscribe({
      name: "version-written",
      schema: "eventGrid",
      includedEventTypes: Object.values(resourceWritten),
      subjectBeginsWith: `${ids.gallery}/applications/`,
      destination: {
        kind: "queue",
        connectionString: storage.backstage.hostConnectionString,
        queueName: deployment.eventQueue,
      },
    });
  }
  storage.onBlobWritten((blob) => eventGrid.blobWritten(blob));
  return {
    ...{ deployment, ids, clock, certificates, identities, identity, machine },
    ...{ access, storage, arm, graph, host, eventGrid },
    stop: async () => {
      await Promise.all([eventGrid.stop(), resourceTopic.stop()]);
      await Promise.all([hostAccount.stop(), keyVault.stop(), graph.stop()]);
      await host.stop();
      await Promise.all([arm.stop(), storage.stop(), identity.stop()]);
    },
  };
}

/** The role assignments that the gallery's identity has, by anybody. */
export function galleryAssignments(azure: LocalAzure): readonly RoleAssignment[] {
  return azure.access
    .list()
    .filter(({ principalId }) => principalId === azure.identities.gallery.principalId);
}

/** Resolves when the gallery's identity has no role assignment any more: grace and the reconciler's round are over. */
export async function accessIsGone(azure: LocalAzure, withinSeconds = 3600): Promise<boolean> {
  const end = azure.clock.now() + withinSeconds * 1000;
  while (galleryAssignments(azure).length > 0) {
    if (azure.clock.now() > end) return false;
    await azure.clock.sleep(2000);
  }
  return true;
}

async function startIdentities(
  certificates: Awaited<ReturnType<typeof ensureCertificates>>,
  deployment: Deployment,
) {
  const { uploader, releaser, operator, ...others } = localIdentities(deployment);
  const service = await startIdentityService({
    certificates,
    tenantId: deployment.tenantId,
    // Tools that know no workflow sign in with a secret; on Azure nobody has one.
    registrations: Object.values(others).map((identity) => ({ identity, secret: localSecret })),
  });
  const rolesOf = (...roles: AppRole[]) => ({ roles: { [deployment.apiAudience]: roles } });
  const ofJob = {
    issuer: service.github.issuer,
    subject: subjectOf(localJob),
    audiences: ["api://AzureADTokenExchange"],
  };
  service.registry.add({ identity: operator, secret: localSecret, ...rolesOf(...appRoles) });
  service.registry.add({ identity: uploader, secret: localSecret, federatedCredentials: [ofJob] });
  service.registry.add({
    ...{ identity: releaser, secret: localSecret, federatedCredentials: [ofJob] },
    ...rolesOf("Releases.Submit", "Releases.Promote", "Regions.Expand"),
  });
  return service;
}

/** The client secret of every local application: it opens nothing but this machine's stand-ins. */
export const localSecret = "local-azure-only";

function deployRights(options: LocalAzureOptions, clock: Clock, deployment: Deployment): AccessControl {
  const rights = readRights();
  const ids = resourceIds(deployment);
  const identities = localIdentities(deployment);
  const role =
    options.galleryRole === "reader" ? "Storage Blob Data Reader" : "Storage Blob Data Contributor";
  const scopes = {
    subscription: ids.subscription,
    group: ids.group,
    "notification-secret": `${ids.keyVault}/secrets/webhook`,
    "notification-key": `${ids.keyVault}/keys/github-app`,
    gallery: ids.gallery,
    lease: options.roleScope === "container" ? ids.container("packages") : ids.account,
    host: ids.host,
    insights: ids.insights,
    "dead-letters": ids.deadLetters,
    [`queue:${deployment.eventQueue}`]: ids.queue,
    ...Object.fromEntries(
      ["incoming", "packages", "reports", "applications"].map((name) => [
        `container:${name}`,
        ids.container(name),
      ]),
    ),
  };
  const principals = Object.fromEntries(
    Object.entries(identities).map(([name, { principalId }]) => [name, principalId]),
  );
  const assignments = options.applications.flatMap((application) =>
    deployedAssignments(rights, {
      ...{ access: options.access ?? "leased", principals, scopes },
      tellsEndings: options.listeners !== undefined,
      values: {
        application,
        galleryRole: role,
        galleryRoleId: roleIdOf(rights, role),
        galleryPrincipalId: identities.gallery.principalId,
        eventQueue: deployment.eventQueue,
      },
    }),
  );
  // Who deployed the pipeline owns the resource group; seeing what is in it is all that is needed here.
  const onlooker: RoleAssignment = {
    name: localGuid("administrator reads the resource group"),
    scope: ids.group,
    roleId: roleIdOf(rights, "Reader"),
    principalId: identities.administrator.principalId,
    principalType: "ServicePrincipal",
  };
  return createAccessControl({
    clock,
    roles: customRoles(rights),
    // Those that name no application come once for each: the same assignment, by its name.
    assignments: [...assignments, onlooker, ...(options.hasDeployer ? deployerRights(deployment) : [])],
    propagation: seededPropagation(1, (options.propagationSeconds ?? 90) * 1000),
  });
}

/** What docs/operations.md asks of whoever probes. */
function deployerRights(deployment: Deployment): readonly RoleAssignment[] {
  const { group, account } = resourceIds(deployment);
  const { principalId } = localIdentities(deployment).deployer;
  const needed = [
    ["Contributor", group],
    ["Role Based Access Control Administrator", account],
    ["Storage Blob Data Contributor", account],
  ] as const;
  return needed.map(([role, scope]) => ({
    name: localGuid(`deployer is ${role}`),
    ...{ scope, roleId: builtInRoleId(role), principalId, principalType: "ServicePrincipal" },
  }));
}
