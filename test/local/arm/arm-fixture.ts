import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureCertificates } from "../../../local/certificates.ts";
import type { Certificates } from "../../../local/certificates.ts";
import { startArm } from "../../../local/arm/start-arm.ts";
import type { LocalArm } from "../../../local/arm/start-arm.ts";
import type { ArmSettings } from "../../../local/arm/settings.ts";
import type { AccessControl, BlobReading, LocalIdentity, RoleAssignment } from "../../../local/world.ts";
import { ManualClock } from "../manual-clock.ts";
import { sendTo } from "./arm-requests.ts";
import type { Reply, SendOptions } from "./arm-requests.ts";

export const subscription = "11111111-1111-4111-8111-111111111111";
export const tenantId = "99999999-9999-4999-8999-999999999999";
export const group = `/subscriptions/${subscription}/resourceGroups/apps`;
export const galleryId = `${group}/providers/Microsoft.Compute/galleries/apps_gallery`;
export const applicationId = `${galleryId}/applications/flooperapp`;
export const versionId = `${applicationId}/versions/1.2.0`;
export const accountId = `${group}/providers/Microsoft.Storage/storageAccounts/packages01`;
export const containerId = `${accountId}/blobServices/default/containers/packages`;
export const identityId = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader`;
export const mediaLink = "https://packages01.blob.core.windows.net/packages/flooperapp/1.2.0/ab/floop.zip";
export const blobReaderRole = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";

export const caller: LocalIdentity = {
  name: "pipeline",
  kind: "managed-identity",
  clientId: "22222222-2222-4222-8222-222222222222",
  principalId: "33333333-3333-4333-8333-333333333333",
};

/** A managed identity for galleries. */
export const reader = {
  name: "reader",
  kind: "managed-identity",
  clientId: "44444444-4444-4444-8444-444444444444",
  principalId: "55555555-5555-4555-8555-555555555555",
  resourceId: identityId,
} as const;

export type Blob = Partial<Extract<BlobReading, { status: 200 }>> & { readonly isPublic?: boolean };

/** Access control in which the caller may do everything but `denied`, and roles take effect at once. */
export class FakeAccess implements AccessControl {
  assignments: RoleAssignment[] = [];
  readonly denied = new Set<string>();
  readonly questions: Parameters<AccessControl["isAllowed"]>[0][] = [];

  isAllowed(question: Parameters<AccessControl["isAllowed"]>[0]): boolean {
    this.questions.push(question);
    return !this.denied.has(question.action);
  }
  assign(assignment: RoleAssignment): void {
    this.assignments = [...this.assignments.filter(({ name }) => name !== assignment.name), assignment];
  }
  unassign(scope: string, name: string): RoleAssignment | undefined {
    const found = this.assignments.find((one) => one.scope === scope && one.name === name);
    this.assignments = this.assignments.filter((one) => one !== found);
    return found;
  }
  list(): readonly RoleAssignment[] {
    return this.assignments;
  }
  roles(): ReturnType<AccessControl["roles"]> {
    return [];
  }
  usedActions(): ReturnType<AccessControl["usedActions"]> {
    return [];
  }
}

let certificates: Promise<Certificates> | undefined;

/** One set of certificates for all tests of a file. */
export function testCertificates(): Promise<Certificates> {
  certificates ??= ensureCertificates(mkdtempSync(join(tmpdir(), "arm-certificates-")));
  return certificates;
}

/** A Resource Manager with fakes around it: one gallery with a user-assigned identity, one application, one blob. */
export type ArmFixture = {
  readonly arm: LocalArm;
  readonly clock: ManualClock;
  readonly access: FakeAccess;
  readonly blobs: Map<string, Blob>;
  /** What every read of a blob waits for. */
  beforeReading: () => Promise<void>;
  send(method: string, path: string, options?: SendOptions): Promise<Reply>;
  /** GET of an address that an answer gave. */
  follow(url: unknown): Promise<Reply>;
  grantReader(scope?: string): void;
};

export async function startFixture(settings: Partial<ArmSettings> = {}): Promise<ArmFixture> {
  const clock = new ManualClock();
  const access = new FakeAccess();
  const blobs = new Map<string, Blob>([[mediaLink, {}]]);
  const trusted = await testCertificates();
  const arm = await startArm({
    ...{ certificates: trusted, clock, access, tenantId, settings },
    tokens: { verify: async (authorization) => (authorization === "Bearer good" ? caller : undefined) },
    blobs: {
      read: async (url, principalId) => {
        await fixture.beforeReading();
        return readBlob(blobs, access, url, principalId);
      },
    },
  });
  arm.state.createIdentity(reader, "eastus");
  arm.state.createStorageAccount({
    id: accountId,
    location: "eastus",
    properties: { allowSharedKeyAccess: false },
  });
  arm.state.createGallery({
    ...{ id: galleryId, location: "eastus" },
    identity: { type: "UserAssigned", userAssigned: [identityId] },
  });
  arm.state.createApplication({ id: applicationId, location: "eastus", supportedOSType: "Linux" });
  const send: ArmFixture["send"] = (method, path, options = {}) =>
    sendTo(arm.endpoint, trusted.ca, method, path, options);
  const follow = (url: unknown) =>
    send("GET", String(url).replace(arm.endpoint, ""), { apiVersion: undefined });
  const grantReader = (scope = containerId) =>
    access.assign({
      ...{ name: "granted", scope, roleId: blobReaderRole },
      ...{ principalId: reader.principalId, principalType: "ServicePrincipal" },
    });
  const beforeReading = () => Promise.resolve();
  const fixture: ArmFixture = { arm, clock, access, blobs, beforeReading, send, follow, grantReader };
  return fixture;
}

function readBlob(
  blobs: ReadonlyMap<string, Blob>,
  access: FakeAccess,
  url: string,
  principalId: string | undefined,
): BlobReading | undefined {
  const { host } = new URL(url);
  if (host !== "packages01.blob.core.windows.net") return undefined;
  const blob = blobs.get(url);
  const mayRead = blob?.isPublic ?? access.assignments.some((one) => one.principalId === principalId);
  if (!mayRead) return { status: 403, code: "AuthorizationPermissionMismatch" };
  if (!blob) return { status: 404, code: "BlobNotFound" };
  return { status: 200, size: 512, blobType: "BlockBlob", sha256: "a1", etag: "e", ...blob };
}

/** A complete version body; changes go into the publishing profile. */
export function aVersion(profile: object = {}, rest: object = {}): object {
  return {
    location: "eastus",
    ...rest,
    properties: {
      publishingProfile: {
        source: { mediaLink },
        manageActions: { install: "sh install.sh", remove: "sh remove.sh" },
        targetRegions: [{ name: "eastus" }],
        ...profile,
      },
    },
  };
}
