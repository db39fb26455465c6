import type { ContentDigests } from "../core/content-digests.ts";
import type { RegionReplication } from "../core/gallery-version.ts";
import type { Drop, Release } from "../core/naming.ts";
import type { ProvenSubmission } from "../core/report.ts";
import type { Exclusion, Wave } from "../core/rollout.ts";
import type { DroppedFile } from "../core/submission.ts";
import type { VersionWrite } from "../core/version-write.ts";
import type { SavedReport } from "./report-saving.ts";

export type { Accepted, Altered, Refused } from "./answered.ts";
export type { SavedReport, ToldAlready } from "./report-saving.ts";

/** A dropped file whose digest is known. */
export type SubmittedBlob = DroppedFile & { readonly sha256: string };

/** A complete submission whose digests are known: small, since the orchestration carries it. */
export interface Submitted {
  readonly drop: Drop;
  readonly submission: string;
  readonly manifest: DroppedFile | null;
  readonly package: SubmittedBlob;
  readonly configuration: SubmittedBlob | null;
}

/** What is going to be published. The effective manifest itself lies in the vault, under its digest. */
export interface Plan {
  readonly manifestSha256: string;
  readonly versionId: string;
  /** The package in the vault. */
  readonly blobUrl: string;
  /** Digests of what can never change, so that a later run can compare before it uploads. */
  readonly content: ContentDigests;
  /** The gallery's own region, in its short form. */
  readonly homeRegion: string;
  /** All target regions, in the waves in which they get the version. */
  readonly waves: readonly Wave[];
  readonly exclusion: Exclusion;
  readonly notes: readonly string[];
  /** `include`: every region has it, and it only has to get into `latest`. */
  readonly work: VersionWrite["kind"] | "include";
  /** Who was proven to have submitted it; null: nobody. */
  readonly submitted: ProvenSubmission | null;
  /** Whether the profile wants the origin checked before anything is granted. */
  readonly asksProvenance: boolean;
  /** Whether the gallery has the application; otherwise it is to be created. */
  readonly hasApplication: boolean;
  /** The digest of the profile that was gone by. Absent: there is none. */
  readonly profileSha256?: string;
}

/** A release, where its effective manifest lies, and how it is kept out of `latest`. */
export interface PlannedRelease {
  readonly release: Release;
  readonly manifestSha256: string;
  readonly exclusion: Exclusion;
}

/** A release on its way to some of its regions. */
export interface PlannedWave extends PlannedRelease {
  readonly regions: readonly string[];
}

/** How far a version is. `failed`: Azure has ended its work, and regions failed or are not there. */
export interface ReplicationReading {
  readonly state: "replicating" | "replicated" | "failed";
  readonly regions: readonly RegionReplication[];
}

/** What is told of a replication while it is read: the report so far, and the time of the reading. */
export interface ToldSoFar extends SavedReport {
  readonly isSaved: boolean;
  readonly acceptedAt: string;
  readonly at: string;
}

/** Who reads a place of packages, and the name of the assignment that lets it. */
export type FoundLessee =
  | { readonly state: "leased"; readonly leaseId: string; readonly principalId: string }
  | { readonly state: "standing" }
  | { readonly state: "no-such-place" };

/** A lease, and whether Azure has its assignment. */
export interface LeasedPlace {
  readonly leaseId: string;
  readonly place: string;
  readonly principalId: string;
  readonly ours: boolean;
}
