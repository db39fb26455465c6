import type { ArmError } from "./answer.ts";
import type { PublishingProfile } from "./publishing-profile.ts";

/** A gallery's managed identities. */
export type GalleryIdentity = {
  readonly type: string;
  readonly systemPrincipalId?: string | undefined;
  /** Resource ids of user-assigned identities. */
  readonly userAssigned: readonly string[];
};

/** A gallery; it is ready, and shows its principal, from `readyAt` on. */
export type GalleryRecord = {
  readonly id: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly identity?: GalleryIdentity | undefined;
  readonly change: "Creating" | "Updating";
  readonly readyAt: number;
};

/** An application. */
export type ApplicationRecord = {
  readonly id: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, unknown>> & { readonly supportedOSType: string };
};

/** The copy of a version to one region, planned when the write was accepted. */
export type RegionCopy = {
  readonly displayName: string;
  readonly startsAt: number;
  readonly endsAt: number;
  /** Why the copy fails when it ends. */
  readonly failure?: string | undefined;
  /** SHA-256 of the bytes that this region serves. */
  readonly digest: string;
};

/** The last write to a version: under way until `endsAt`. */
export type VersionChange = {
  readonly kind: "Creating" | "Updating" | "Deleting";
  readonly operationId: string;
  readonly endsAt: number;
  readonly error?: ArmError | undefined;
};

/** A version of an application. What it looks like at a moment is computed in `version-life.ts`. */
export type VersionRecord = {
  readonly id: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly profile: PublishingProfile;
  readonly allowDeletionOfReplicatedLocations?: boolean | undefined;
  readonly copies: readonly RegionCopy[];
  readonly change: VersionChange;
  /** SHA-256 of the package as it was last read. */
  readonly publishedDigest: string;
  readonly packageBytes: number;
};

/** A resource that others made and Resource Manager only shows. */
export type SeededResource = {
  readonly id: string;
  readonly type: string;
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly identity?: object;
  readonly createdAt: number;
};

/** Who wrote a role assignment and when. */
export type RoleAssignmentTimes = {
  readonly createdBy: string;
  readonly createdOn: string;
  readonly updatedOn: string;
};

/** One attempt of a gallery to read a blob. */
export type BlobAttempt = {
  readonly at: number;
  readonly url: string;
  readonly principalId: string | undefined;
  /** "unreachable" when no such host answered. */
  readonly status: number | "unreachable";
};
