import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type LocalAzure, localJob, localSecret } from "./local-azure.ts";

/** What a client must be told to use the local Azure in place of the real one. */
export function endpointsOf(azure: LocalAzure) {
  const { deployment, identity, identities, storage, arm, graph, host, certificates } = azure;
  const tokenUrl = `${identity.authorityHost}/${deployment.tenantId}/oauth2/v2.0/token`;
  return {
    /** As a runner in an allowed network reaches it. */
    blob: storage.endpoints.runner,
    /** The same account as everybody else reaches it: the firewall refuses. */
    blobFromInternet: storage.endpoints.internet,
    queue: storage.backstage.queueEndpoint,
    arm: arm.endpoint,
    /** Microsoft Graph, as far as it tells who is in a group. */
    graph: graph.endpoint,
    functions: host.url,
    /** The pipeline's HTTP endpoints, and for which audience they take tokens; `operator` has every app role. */
    api: { url: `${host.url}/api`, audience: deployment.apiAudience },
    authority: identity.authorityHost,
    oidc: identity.github.startJob(localJob),
    imds: azure.machine.machineEnvironment.AZURE_POD_IDENTITY_AUTHORITY_HOST,
    caFile: certificates.caFile,
    tenantId: deployment.tenantId,
    subscriptionId: deployment.subscriptionId,
    resourceGroup: deployment.resourceGroup,
    functionAppId: azure.ids.functionApp,
    /** How many of its seconds go by in one of this machine's. */
    speed: azure.clock.speed,
    gallery: deployment.galleryName,
    storageAccount: deployment.accountName,
    identities: Object.fromEntries(
      Object.values(identities).map(({ name, clientId, principalId }) => [
        name,
        {
          clientId,
          principalId,
          token: `curl -sS --cacert ${certificates.caFile} ${tokenUrl} -d grant_type=client_credentials -d client_id=${clientId} -d client_secret=${localSecret} -d scope=https://storage.azure.com/.default`,
        },
      ]),
    ),
    clientSecret: localSecret,
  };
}

/** Writes the endpoints to a file for scripts and tools. */
export async function writeEndpoints(azure: LocalAzure, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(endpointsOf(azure), null, 2)}\n`);
}
