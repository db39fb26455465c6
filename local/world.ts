// What the stand-ins know of each other. Each implements one of these and gets the others as arguments.
import type { RoleDefinition } from "./access/role-definition.ts";

/** A principal of the local Entra tenant. */
export interface LocalIdentity {
  readonly name: string;
  readonly kind: "application" | "managed-identity" | "user";
  /** The client id that tokens are asked for with (`appid` / `azp`). */
  readonly clientId: string;
  /** The object id that role assignments name (`oid`). */
  readonly principalId: string;
  /** ARM resource id, for user-assigned identities and resources with a system-assigned one. */
  readonly resourceId?: string;
}

/** Where a request to storage comes from; the account's firewall decides by it. */
export type Network = "runner" | "function-subnet" | "trusted-service" | "internet";

/** A role assignment as ARM keeps it. `scope` is an ARM id that starts with "/". */
export interface RoleAssignment {
  readonly name: string;
  readonly scope: string;
  /** Last segment of the role definition's id, lower case. */
  readonly roleId: string;
  readonly principalId: string;
  readonly principalType: string;
  readonly description?: string;
  readonly condition?: string;
  readonly conditionVersion?: string;
}

/** The questions that ARM and the storage guard ask of Azure RBAC. Effective access lags behind the assignments, both ways. */
export interface AccessControl {
  /** Whether `principalId` may do `action` (e.g. `Microsoft.Compute/galleries/read`) at `scope`, as far as it has propagated. */
  isAllowed(question: {
    readonly principalId: string;
    readonly action: string;
    readonly isDataAction: boolean;
    readonly scope: string;
    /** What a condition may look at, e.g. the blob's path or the request's role and principal. */
    readonly attributes?: Readonly<Record<string, string>>;
  }): boolean;
  assign(assignment: RoleAssignment): void;
  /** Removes by scope and name; tells what was removed. */
  unassign(scope: string, name: string): RoleAssignment | undefined;
  list(): readonly RoleAssignment[];
  /** Every role that can be assigned. */
  roles(): readonly RoleDefinition[];
  /** Every (principal, action, scope) that was asked for and allowed, for tests of least privilege. */
  usedActions(): readonly { readonly principalId: string; readonly action: string; readonly scope: string }[];
}

/** Checks bearer tokens of the local tenant. */
export interface TokenVerifier {
  /** The caller, or undefined when the token is missing, expired, forged or for another audience. */
  verify(authorization: string | undefined, audiences: readonly string[]): Promise<LocalIdentity | undefined>;
}

/** What a service sees that reads a blob's properties and content with somebody's identity. */
export type BlobReading =
  | {
      readonly status: 200;
      readonly size: number;
      readonly blobType: string;
      readonly sha256: string;
      readonly etag: string;
    }
  | { readonly status: 403 | 404 | 409; readonly code: string };

/** How ARM reads a package for the gallery: anonymously first, then with the identity, from a trusted service's network. */
export interface BlobReader {
  /** `undefined` reads anonymously. A URL of an unknown host answers `undefined`. Query strings count (a SAS). */
  read(url: string, principalId: string | undefined): Promise<BlobReading | undefined>;
}

/** A blob that has just been written or committed in the packages account. */
export interface BlobWritten {
  readonly account: string;
  readonly container: string;
  readonly path: string;
  readonly url: string;
  readonly api: "PutBlob" | "PutBlockList" | "CopyBlob";
  readonly etag: string;
  readonly contentLength: number;
  readonly contentType: string;
  readonly requestId: string;
  readonly clientRequestId: string;
}
