import type { EffectiveManifest } from "../core/effective-manifest.ts";
import type { GalleryVersion } from "../core/gallery-version.ts";
import type { Release } from "../core/naming.ts";
import type { Profile } from "../core/profile.ts";
import type { Attestation } from "../core/provenance.ts";
import type { SigstoreInstance } from "../core/publishers.ts";
import type { AzureAnswer, RefusalContext } from "../core/refusals.ts";
import type { Region } from "../core/region.ts";
import type { TargetRegion } from "../core/settings.ts";
import type { DroppedFile } from "../core/submission.ts";
import type { ListedBlob } from "../core/unreported.ts";

/** An answer of Azure's that a port has no value for. Thrown by the adapters, told apart in `core/refusals.ts`. */
export class AzureRefusal extends Error {
  override readonly name = "AzureRefusal";
  readonly answer: AzureAnswer;
  /** What the adapter was about to do, for the next step. */
  readonly context: RefusalContext;

  constructor(answer: AzureAnswer, context: RefusalContext = {}, options?: ErrorOptions) {
    super(answer.message, options);
    this.answer = answer;
    this.context = context;
  }
}

/** That a dropped file is no longer the one first seen: deleted, or written again. */
export type Lost = "gone" | "changed";

/** What bytes turned out to be. */
export interface Digest {
  readonly size: number;
  readonly sha256: string;
}

/** What a file should be, and where in the vault it belongs. */
export interface VaultPlace extends Digest {
  readonly path: string;
}

/** The drop box, the vault and the profiles. */
export interface Packages {
  /** The folders right under a prefix that ends in a slash, by name; at most the first 200. */
  folders(prefix: string): Promise<readonly string[]>;
  /** The files right under a prefix that ends in a slash, by path; at most the first 200. */
  list(prefix: string): Promise<readonly DroppedFile[]>;
  /** Everything in the drop box. */
  listAll(): Promise<readonly ListedBlob[]>;
  /** A dropped file as text, cut after 64 KiB and one byte. */
  readDropped(file: DroppedFile): Promise<{ readonly text: string } | Lost>;
  /** Reads a dropped file to its end. May take minutes. */
  digest(file: DroppedFile): Promise<Digest | Lost>;
  /**
   * Copies a dropped file into the vault. Nothing is there before all bytes were read and are what `place` says;
   * otherwise the answer is what they were. May take minutes; safe to run twice, also at once.
   */
  copyIntoVault(file: DroppedFile, place: VaultPlace): Promise<"in-vault" | Digest | Lost>;
  /** Writes a small text to a path that its content determines; when it is there already, that is as good. */
  writeIntoVault(path: string, text: string): Promise<void>;
  /** A small text of the vault. */
  readFromVault(path: string): Promise<string>;
  /** The address of a path in the vault, without a query. */
  vaultUrl(path: string): string;
  /** The path in the vault that an address means, or undefined when it lies elsewhere. */
  vaultPathOf(url: string): string | undefined;
  /** Throws a problem when there is only a profile whose name differs in upper and lower case. */
  readProfile(application: string): Promise<string | undefined>;
}

/** Where the pipeline puts what it receives for those who cannot reach storage. Nothing there is ever overwritten. */
export interface DropBox {
  /** Streams a block of a file to storage, which forgets it unless it is committed. One attempt: a stream has no second. */
  writeBlock(path: string, blockId: string, bytes: AsyncIterable<Uint8Array>, size: number): Promise<void>;
  /** The blocks of a file that storage has, committed or not. */
  blocks(path: string): Promise<readonly { readonly id: string; readonly size: number }[]>;
  /** Makes a file of its blocks; `exists` when there is one already, which stays as it is. */
  commitBlocks(path: string, blockIds: readonly string[]): Promise<"written" | "exists">;
  /** Creates a small file of text. */
  create(path: string, text: string): Promise<"written" | "exists">;
}

/** The gallery as it is now. */
export interface GalleryFacts {
  /** Its home region, which every version must have. */
  readonly location: string;
  /** The identity that reads packages. */
  readonly principalId: string;
}

/** Where a version's files are. */
export interface VersionSource {
  readonly mediaLink: string;
  readonly defaultConfigurationLink?: string;
}

/** The gallery that applications are published in. */
export interface Gallery {
  /** Throws a problem when the gallery lacks the configured identity. */
  read(): Promise<GalleryFacts>;
  /** The subscription's regions; undefined when the pipeline may not ask. */
  regions(): Promise<readonly Region[] | undefined>;
  hasApplication(application: string): Promise<boolean>;
  /** Creates the application, or meets it as it is. */
  createApplication(application: string, location: string, profile: Profile): Promise<void>;
  /** The ARM id that a version has or will have. */
  versionId(release: Release): string;
  readVersion(release: Release): Promise<GalleryVersion | undefined>;
  /** The names of an application's versions; none, when there is no such application. */
  versionNames(application: string): Promise<readonly string[]>;
  /** Starts to publish the version. Returns when Azure has accepted it, with the address of Azure's operation if any. */
  putVersion(
    manifest: EffectiveManifest,
    location: string,
    source: VersionSource,
    targetRegions: readonly TargetRegion[],
  ): Promise<string | undefined>;
  /**
   * Starts to bring the version to the whole list of regions, so that failed ones are tried again; and changes whether
   * the version as a whole is left out of `latest`, and all of its tags, when those are given. Returns as
   * {@link putVersion} does.
   */
  updateRegions(
    release: Release,
    source: VersionSource,
    targetRegions: readonly TargetRegion[],
    excludeFromLatest?: boolean,
    tags?: Readonly<Record<string, string>>,
  ): Promise<string | undefined>;
  /** Why an operation failed, in Azure's words; undefined when it did not fail, or Azure does not tell. */
  whyFailed(operation: string): Promise<string | undefined>;
}

/** The gallery identity's role on the packages account. */
export interface Access {
  /** Assigns the role. `foreign`: somebody else assigned it, and it is theirs to take away. */
  grant(principalId: string): Promise<"granted" | "foreign">;
  /** Takes away what {@link grant} assigned, and nothing else. */
  revoke(principalId: string): Promise<"revoked" | "absent" | "foreign">;
  /** The name of the assignment that {@link grant} makes; no two identities or scopes share one. */
  assignmentName(principalId: string): string;
  /** The identities for which {@link grant} has made an assignment that is still there. */
  granted(): Promise<readonly string[]>;
}

/** The place of packages that every pipeline has. */
export const VAULT = "vault";

/** The container of reports. */
export interface Reports {
  read(path: string): Promise<{ readonly text: string; readonly etag: string } | undefined>;
  /** Writes, if the report is still as it was read (undefined: not there); else nothing, and `conflict`. */
  write(path: string, text: string, etag: string | undefined): Promise<"written" | "conflict">;
  listAll(): Promise<readonly ListedBlob[]>;
}

/** What became of verifying an attestation; the notes tell of how, such as by an old trust root. */
export type AttestationVerdict = ({ readonly attestation: Attestation } | { readonly fault: string }) & {
  readonly notes: readonly string[];
};

/** Attestations of where packages come from. */
export interface Attestations {
  /** Verifies a Sigstore bundle by the trust root of that instance, whatever the bundle says of itself. */
  verify(bundle: string, instance: SigstoreInstance): Promise<AttestationVerdict>;
}

/** Everything of Azure that the pipeline works with. */
export interface Ports {
  readonly packages: Packages;
  readonly dropBox: DropBox;
  readonly gallery: Gallery;
  /** The gallery identity's role on the vault. */
  readonly access: Access;
  /** Its role on another place of packages, if the pipeline may give it there. */
  readonly legacyAccess?: (place: string) => Access | undefined;
  /** Those other places. */
  readonly legacyPlaces?: readonly string[];
  readonly reports: Reports;
  readonly attestations: Attestations;
}

/** The gallery identity's role on a place of packages; undefined when the pipeline has no such place. */
export function accessAt(
  { access, legacyAccess }: Pick<Ports, "access" | "legacyAccess">,
  place: string,
): Access | undefined {
  return place === VAULT ? access : legacyAccess?.(place);
}
