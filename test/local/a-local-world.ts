import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAccessControl } from "../../local/access/access-control.ts";
import { customRoles, deployedAssignments, readRights } from "../../local/access/rights.ts";
import type { RoleDefinition } from "../../local/access/role-definition.ts";
import { ensureCertificates, trustInThisProcess } from "../../local/certificates.ts";
import { subjectOf } from "../../local/identity/github-job.ts";
import type { GithubJob } from "../../local/identity/github-job.ts";
import { startIdentityService } from "../../local/identity/start-identity-service.ts";
import type { IdentityServiceOptions } from "../../local/identity/start-identity-service.ts";
import { startStorage } from "../../local/storage/start-storage.ts";
import type { LocalIdentity } from "../../local/world.ts";

export const tenantId = "11111111-1111-4111-8111-111111111111";
export const tokenExchange = "api://AzureADTokenExchange";
export const storageScope = "https://storage.azure.com/.default";

export const releaseJob: GithubJob = {
  repository: "contoso/flooperapp",
  repositoryId: "1001",
  repositoryOwnerId: "77",
  ref: "refs/tags/v1.2.0",
  environment: "release",
};

const subscription = "/subscriptions/22222222-2222-4222-8222-222222222222";
const providers = `${subscription}/resourceGroups/rg/providers`;
const account = {
  name: "flooperpackages",
  id: `${providers}/Microsoft.Storage/storageAccounts/flooperpackages`,
};

export const uploader = anIdentity("uploader", "application", 2);
export const functionApp = anIdentity("function", "managed-identity", 3);
export const gallery = anIdentity("gallery", "managed-identity", 4);
export const operator = anIdentity("operator", "user", 5);

/** An identity with readable ids. */
export function anIdentity(name: string, kind: LocalIdentity["kind"], digit: number): LocalIdentity {
  const id = (end: number) => `${String(digit).repeat(8)}-0000-4000-8000-00000000000${end}`;
  const resourceId = `${providers}/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
  return {
    name,
    kind,
    clientId: id(1),
    principalId: id(2),
    ...(kind === "managed-identity" && { resourceId }),
  };
}

/** An identity service with the identities above, on free ports. */
export async function startIdentities(options: Partial<IdentityServiceOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "local-azure-"));
  const certificates = await ensureCertificates(folder);
  trustInThisProcess(certificates);
  const service = await startIdentityService({ certificates, tenantId, ...options });
  const credential = {
    issuer: service.github.issuer,
    subject: subjectOf(releaseJob),
    audiences: [tokenExchange],
  };
  service.registry.add({ identity: uploader, secret: "hush", federatedCredentials: [credential] });
  for (const identity of [functionApp, gallery, operator]) service.registry.add({ identity });
  const stop = async () => {
    await service.stop();
    await rm(folder, { recursive: true });
  };
  return { ...service, certificates, stop };
}

/** Identities, the deployed rights and storage, on free ports. */
export async function startLocalWorld(extraRoles: readonly RoleDefinition[] = []) {
  const identities = await startIdentities();
  const access = createAccessControl({
    clock: { now: Date.now },
    roles: [...customRoles(readRights()), ...extraRoles],
    assignments: assignments(),
    propagation: () => 0,
  });
  const storing = startStorage({
    account,
    hostAccount: "flooperhost",
    access,
    tokens: identities.tokens,
    certificates: identities.certificates,
    authorizationUri: `${identities.authorityHost}/${tenantId}/oauth2/authorize`,
  });
  storing.catch(() => identities.stop());
  const storage = await storing;
  const stop = async () => {
    await Promise.all([storage.stop(), identities.stop()]);
  };
  return { identities, access, storage, account, stop };
}

function assignments() {
  const containers = ["incoming", "packages", "reports", "applications"].map((name) => [
    `container:${name}`,
    `${account.id}/blobServices/default/containers/${name}`,
  ]);
  return deployedAssignments(readRights(), {
    access: "leased",
    principals: {
      uploader: uploader.principalId,
      function: functionApp.principalId,
      operator: operator.principalId,
    },
    scopes: {
      subscription,
      group: `${subscription}/resourceGroups/rg`,
      gallery: `${providers}/Microsoft.Compute/galleries/gallery`,
      lease: account.id,
      host: `${providers}/Microsoft.Storage/storageAccounts/flooperhost`,
      insights: `${providers}/Microsoft.Insights/components/pipeline`,
      ...Object.fromEntries(containers),
    },
    values: {
      application: "flooperapp",
      galleryRole: "Storage Blob Data Contributor",
      galleryRoleId: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
      galleryPrincipalId: gallery.principalId,
      eventQueue: "blob-events",
    },
  });
}
