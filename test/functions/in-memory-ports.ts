import { createHash } from "node:crypto";
import { spellingProblem } from "../../core/application.ts";
import type { GalleryVersion, RegionReplication } from "../../core/gallery-version.ts";
import { blobUrl, pathOfBlobUrl, type Release } from "../../core/naming.ts";
import type { Attestation } from "../../core/provenance.ts";
import type { SigstoreInstance } from "../../core/publishers.ts";
import type { AzureAnswer } from "../../core/refusals.ts";
import { regionKey } from "../../core/region.ts";
import type { TargetRegion } from "../../core/settings.ts";
import type { DroppedFile } from "../../core/submission.ts";
import {
  type Access,
  type Attestations,
  type AttestationVerdict,
  AzureRefusal,
  type DropBox,
  type Gallery,
  type Lost,
  type Packages,
  type Reports,
  type VersionSource,
} from "../../functions/ports.ts";
import type { ListedBlob } from "../../core/unreported.ts";
import { type VirtualClock, virtualClock } from "./story-runner.ts";

export const ENDPOINT = "https://vmapps.blob.core.windows.net";
export const GALLERY_ID =
  "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/apps/providers/Microsoft.Compute/galleries/tools";

interface Blob {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly writtenAt: string;
}

/** Containers in memory. */
export class InMemoryPackages implements Packages {
  readonly dropped = new Map<string, Blob>();
  readonly vault = new Map<string, Buffer>();
  readonly profiles = new Map<string, string>();
  clock: Pick<VirtualClock, "now"> = virtualClock();
  #writes = 0;

  drop(path: string, content: string | Buffer): DroppedFile {
    const writtenAt = new Date(this.clock.now()).toISOString();
    const blob = { bytes: Buffer.from(content), etag: `"0x${(++this.#writes).toString(16)}"`, writtenAt };
    this.dropped.set(path, blob);
    return { path, etag: blob.etag, size: blob.bytes.length };
  }

  async list(prefix: string): Promise<DroppedFile[]> {
    return [...this.dropped]
      .filter(([path]) => path.startsWith(prefix) && !path.slice(prefix.length).includes("/"))
      .map(([path, { etag, bytes }]) => ({ path, etag, size: bytes.length }))
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .slice(0, 200);
  }

  async listAll(): Promise<ListedBlob[]> {
    return [...this.dropped].map(([path, { etag, bytes, writtenAt }]) => ({
      ...{ path, etag, size: bytes.length, writtenAt },
    }));
  }

  async folders(prefix: string): Promise<string[]> {
    const names = [...this.dropped.keys()]
      .filter((path) => path.startsWith(prefix) && path.slice(prefix.length).includes("/"))
      .map((path) => path.slice(prefix.length).split("/")[0]!);
    return [...new Set(names)].sort();
  }

  async readDropped(file: DroppedFile): Promise<{ text: string } | Lost> {
    const bytes = this.#bytes(file);
    return typeof bytes === "string" ? bytes : { text: bytes.subarray(0, 65_537).toString() };
  }

  async digest(file: DroppedFile): Promise<{ size: number; sha256: string } | Lost> {
    const bytes = this.#bytes(file);
    return typeof bytes === "string" ? bytes : { size: bytes.length, sha256: digestOf(bytes) };
  }

  async copyIntoVault(
    file: DroppedFile,
    place: { path: string; size: number; sha256: string },
  ): Promise<"in-vault" | { size: number; sha256: string } | Lost> {
    if (this.vault.get(place.path)?.length === place.size) return "in-vault";
    const bytes = this.#bytes(file);
    if (typeof bytes === "string") return bytes;
    const found = { size: bytes.length, sha256: digestOf(bytes) };
    if (found.size !== place.size || found.sha256 !== place.sha256) return found;
    this.vault.set(place.path, bytes);
    return "in-vault";
  }

  async writeIntoVault(path: string, text: string): Promise<void> {
    if (!this.vault.has(path)) this.vault.set(path, Buffer.from(text));
  }

  async readFromVault(path: string): Promise<string> {
    const bytes = this.vault.get(path);
    if (!bytes)
      throw new AzureRefusal(answer("storage", 404, "BlobNotFound", "The specified blob does not exist."));
    return bytes.toString();
  }

  vaultUrl(path: string): string {
    return blobUrl(ENDPOINT, "packages", path);
  }

  vaultPathOf(url: string): string | undefined {
    return pathOfBlobUrl(url, ENDPOINT, "packages");
  }

  async readProfile(application: string): Promise<string | undefined> {
    const profile = this.profiles.get(application);
    const problem = profile === undefined && spellingProblem(application, [...this.profiles.keys()]);
    if (problem) throw problem;
    return profile;
  }

  #bytes(file: DroppedFile): Buffer | Lost {
    const blob = this.dropped.get(file.path);
    if (!blob) return "gone";
    return blob.etag === file.etag ? blob.bytes : "changed";
  }
}

/** A drop box in memory that is written as storage is: blocks first, then the list of them. */
export class InMemoryDropBox implements DropBox {
  readonly staged = new Map<string, Map<string, Buffer>>();
  readonly #packages: InMemoryPackages;

  constructor(packages: InMemoryPackages) {
    this.#packages = packages;
  }

  async writeBlock(path: string, id: string, bytes: AsyncIterable<Uint8Array>, size: number): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    const block = Buffer.concat(chunks);
    if (block.length !== size) throw new Error(`${block.length} bytes were sent instead of ${size}`);
    this.staged.set(path, (this.staged.get(path) ?? new Map()).set(id, block));
  }

  async blocks(path: string): Promise<{ id: string; size: number }[]> {
    return [...(this.staged.get(path) ?? [])].map(([id, { length }]) => ({ id, size: length }));
  }

  async commitBlocks(path: string, ids: readonly string[]): Promise<"written" | "exists"> {
    const staged = this.staged.get(path);
    return this.create(path, Buffer.concat(ids.map((id) => staged!.get(id)!)));
  }

  async create(path: string, content: string | Buffer): Promise<"written" | "exists"> {
    if (this.#packages.dropped.has(path)) return "exists";
    this.#packages.drop(path, content);
    return "written";
  }
}

/** Role assignments in memory; they take effect late, as Azure's do. */
export class InMemoryAccess implements Access {
  readonly assignments = new Map<string, { owner: "pipeline" | "somebody"; since: number }>();
  propagationSeconds = 0;
  readonly #clock: VirtualClock;
  readonly #place: string;

  constructor(clock: VirtualClock, place = "vault") {
    this.#clock = clock;
    this.#place = place;
  }

  assignBySomebody(principalId: string): void {
    this.assignments.set(principalId, { owner: "somebody", since: -Infinity });
  }

  isEffective(principalId: string): boolean {
    const assignment = this.assignments.get(principalId);
    return assignment !== undefined && assignment.since + this.propagationSeconds * 1000 <= this.#clock.now();
  }

  async grant(principalId: string): Promise<"granted" | "foreign"> {
    const present = this.assignments.get(principalId);
    if (present) return present.owner === "pipeline" ? "granted" : "foreign";
    this.assignments.set(principalId, { owner: "pipeline", since: this.#clock.now() });
    return "granted";
  }

  async revoke(principalId: string): Promise<"revoked" | "absent" | "foreign"> {
    const present = this.assignments.get(principalId);
    if (!present) return "absent";
    if (present.owner !== "pipeline") return "foreign";
    this.assignments.delete(principalId);
    return "revoked";
  }

  assignmentName(principalId: string): string {
    return `lease-of-${this.#place === "vault" ? "" : `${this.#place}-`}${principalId}`;
  }

  async granted(): Promise<string[]> {
    return [...this.assignments].flatMap(([principalId, { owner }]) =>
      owner === "pipeline" ? [principalId] : [],
    );
  }
}

/** Reports in memory. */
export class InMemoryReports implements Reports {
  readonly blobs = new Map<string, { text: string; etag: string; writtenAt: string }>();
  clock: Pick<VirtualClock, "now"> = virtualClock();
  writes = 0;

  async listAll(): Promise<ListedBlob[]> {
    return [...this.blobs].map(([path, { text, etag, writtenAt }]) => ({
      ...{ path, etag, size: text.length, writtenAt },
    }));
  }

  async read(path: string): Promise<{ text: string; etag: string } | undefined> {
    return this.blobs.get(path);
  }

  async write(path: string, text: string, etag: string | undefined): Promise<"written" | "conflict"> {
    if (this.blobs.get(path)?.etag !== etag) return "conflict";
    const writtenAt = new Date(this.clock.now()).toISOString();
    this.blobs.set(path, { text, etag: `"${++this.writes}"`, writtenAt });
    return "written";
  }
}

/** A verifier of attestations in memory: a bundle of its is the attestation itself, as JSON. */
export class InMemoryAttestations implements Attestations {
  notes: readonly string[] = [];

  async verify(bundle: string, instance: SigstoreInstance): Promise<AttestationVerdict> {
    const { notes } = this;
    try {
      const attestation: Attestation = JSON.parse(bundle);
      if (attestation.instance === instance) return { attestation, notes };
    } catch {
      // It is no bundle then.
    }
    return { fault: "it is not signed", notes };
  }
}

/** The address of every operation whose failure can be asked for. */
const OPERATION = "https://management.example/operations/1?s=signature";

interface Copy {
  readonly displayName: string;
  readonly endsAt: number;
  readonly failure: string | undefined;
}

interface VersionRecord {
  readonly facts: Omit<GalleryVersion, "regions" | "provisioningState">;
  readonly copies: Map<string, Copy>;
  readonly busyUntil: number;
}

const REGIONS = ["East US", "East US 2", "West Europe", "West US", "North Europe", "Japan East"];

/** A gallery in memory that replicates as time passes, and reads the package when it is written to. */
export class InMemoryGallery implements Gallery {
  principalId = "11111111-1111-4111-8111-111111111111";
  location = "eastus";
  replicationSeconds = 240;
  regionList: readonly { name: string; displayName: string }[] | undefined = REGIONS.map((displayName) => ({
    name: regionKey(displayName),
    displayName,
  }));
  /** How many more times the copy to a region fails. */
  readonly failures = new Map<string, number>();
  /** Why operations fail, where regions tell nothing. */
  operationFailure: string | undefined;
  readonly applications = new Set<string>();
  readonly versions = new Map<string, VersionRecord>();
  /** Every write, as `put eastus,westus` or `patch …`. */
  readonly writes: string[] = [];
  /** Every end of the pipeline's own exclusion from `latest`: the states of the regions then. */
  readonly inclusions: string[] = [];
  readonly #clock: VirtualClock;
  readonly #packages: InMemoryPackages;
  readonly #access: InMemoryAccess;
  /** The access to whatever lies outside the vault. */
  legacyAccess: InMemoryAccess | undefined;

  constructor(clock: VirtualClock, packages: InMemoryPackages, access: InMemoryAccess) {
    this.#clock = clock;
    this.#packages = packages;
    this.#access = access;
  }

  async read(): Promise<{ location: string; principalId: string }> {
    return { location: this.location, principalId: this.principalId };
  }

  async regions(): Promise<readonly { name: string; displayName: string }[] | undefined> {
    return this.regionList;
  }

  async hasApplication(application: string): Promise<boolean> {
    return this.applications.has(application);
  }

  async createApplication(application: string): Promise<void> {
    this.applications.add(application);
  }

  async versionNames(application: string): Promise<string[]> {
    const prefix = this.versionId({ application, version: "" });
    return [...this.versions.keys()].flatMap((id) =>
      id.startsWith(prefix) ? [id.slice(prefix.length)] : [],
    );
  }

  versionId({ application, version }: Release): string {
    return `${GALLERY_ID}/applications/${application}/versions/${version}`;
  }

  async readVersion(release: Release): Promise<GalleryVersion | undefined> {
    const record = this.versions.get(this.versionId(release));
    if (!record) return undefined;
    const regions = [...record.copies.values()].map((copy) => this.#regionOf(copy));
    const isBusy = this.#clock.now() < record.busyUntil;
    const hasFailed = regions.some((region) => region.state === "Failed");
    return {
      ...record.facts,
      provisioningState: isBusy ? "Updating" : hasFailed ? "Failed" : "Succeeded",
      regions,
    };
  }

  async putVersion(
    manifest: Parameters<Gallery["putVersion"]>[0],
    location: string,
    source: VersionSource,
    targetRegions: readonly TargetRegion[],
  ): Promise<string | undefined> {
    if (!this.applications.has(manifest.application))
      throw refusal(404, "ParentResourceNotFound", "No application.");
    const { install, remove, update, packageFileName, configFileName, scriptBehaviorAfterReboot } = manifest;
    const { advancedSettings, storageAccountType } = manifest;
    this.#write("put", manifest, source, targetRegions, {
      location,
      install,
      remove,
      packageFileName,
      excludeFromLatest: manifest.excludeFromLatest ?? false,
      ...(manifest.tags && { tags: manifest.tags }),
      ...(update && { update }),
      ...(configFileName && { configFileName }),
      ...(scriptBehaviorAfterReboot && { scriptBehaviorAfterReboot }),
      ...(advancedSettings && { advancedSettings }),
      ...(storageAccountType && { storageAccountType }),
    });
    return this.#operation();
  }

  async whyFailed(operation: string): Promise<string | undefined> {
    return operation === OPERATION ? this.operationFailure : undefined;
  }

  async updateRegions(
    release: Release,
    source: VersionSource,
    targetRegions: readonly TargetRegion[],
    excludeFromLatest?: boolean,
    tags?: Readonly<Record<string, string>>,
  ): Promise<string | undefined> {
    const record = this.versions.get(this.versionId(release));
    if (!record) throw refusal(404, "ResourceNotFound", "No version.");
    if (tags)
      this.inclusions.push([...record.copies.values()].map((copy) => this.#regionOf(copy).state).join());
    this.#write(tags ? "include" : "patch", release, source, targetRegions, {
      ...record.facts,
      ...(excludeFromLatest !== undefined && { excludeFromLatest }),
      ...(tags && { tags }),
    });
    return this.#operation();
  }

  /** Puts a version there as if somebody had published it long ago. */
  seed(
    release: Release,
    facts: Partial<GalleryVersion> & { mediaLink: string },
    regions: readonly string[],
  ): void {
    this.applications.add(release.application);
    this.versions.set(this.versionId(release), {
      facts: {
        id: this.versionId(release),
        location: this.location,
        install: "install.sh",
        remove: "remove.sh",
        packageFileName: "app.tar.gz",
        excludeFromLatest: false,
        targetRegions: regions.map((name) => ({ name: displayName(name) })),
        ...facts,
      },
      copies: new Map(
        regions.map((name) => [
          regionKey(name),
          { displayName: displayName(name), endsAt: 0, failure: undefined },
        ]),
      ),
      busyUntil: 0,
    });
  }

  #write(
    kind: "put" | "patch" | "include",
    release: Release,
    source: VersionSource,
    targetRegions: readonly TargetRegion[],
    facts: Omit<GalleryVersion, "id" | "regions" | "provisioningState" | "mediaLink" | "targetRegions">,
  ): void {
    const present = this.versions.get(this.versionId(release));
    const now = this.#clock.now();
    if (present && now < present.busyUntil)
      throw refusal(409, "Conflict", "Another operation is in progress.");
    this.#requireReadable(source);
    const names = targetRegions.map((region) => regionKey(region.name));
    const lost = [...(present?.copies.keys() ?? [])].filter((name) => !names.includes(name));
    if (lost.length > 0)
      throw refusal(
        ...([400, "BadRequest"] as const),
        `Complete set of target locations not specified. Locations '${lost.join()}' are missing.`,
      );
    if (kind !== "include") this.writes.push(`${kind} ${names.join()}`);
    const endsAt = now + this.replicationSeconds * 1000;
    const copies = new Map<string, Copy>();
    for (const name of names) {
      const copy = present?.copies.get(name);
      const isDone = copy && copy.failure === undefined;
      copies.set(
        name,
        isDone ? copy : { displayName: displayName(name), endsAt, failure: this.#failure(name) },
      );
    }
    this.versions.set(this.versionId(release), {
      facts: {
        ...facts,
        ...source,
        id: this.versionId(release),
        targetRegions: targetRegions.map((region) => ({ ...region, name: displayName(region.name) })),
      },
      copies,
      busyUntil: Math.max(now + 120_000, ...[...copies.values()].map((copy) => copy.endsAt)),
    });
  }

  #failure(name: string): string | undefined {
    const left = this.failures.get(name) ?? 0;
    if (left > 0) this.failures.set(name, left - 1);
    if (left === 0) return undefined;
    return this.operationFailure === undefined ? "The copy was interrupted." : "";
  }

  #operation(): string | undefined {
    return this.operationFailure === undefined ? undefined : OPERATION;
  }

  #requireReadable({ mediaLink }: VersionSource): void {
    const path = this.#packages.vaultPathOf(mediaLink);
    const access = path === undefined ? this.legacyAccess : this.#access;
    if (mediaLink.includes("?") || !access?.isEffective(this.principalId)) {
      throw refusal(400, "InvalidParameter", `The SAS is not valid for source uri '${mediaLink}'.`);
    }
    if (path === undefined) return;
    if (!this.#packages.vault.has(path)) {
      throw refusal(400, "InvalidParameter", `The blob referenced by source uri ${mediaLink} doesn't exist.`);
    }
  }

  #regionOf(copy: Copy): RegionReplication {
    const name = copy.displayName;
    if (this.#clock.now() < copy.endsAt) return { name, state: "Replicating", progress: 50 };
    if (copy.failure === undefined) return { name, state: "Completed", progress: 100 };
    return { name, state: "Failed", progress: 50, ...(copy.failure && { details: copy.failure }) };
  }
}

/** An answer of Azure's. */
export function answer(
  service: AzureAnswer["service"],
  status: number,
  code: string,
  message: string,
  retryAfterSeconds?: number,
): AzureAnswer {
  return { service, status, code, message, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

/** A refusal of the gallery's. */
export function refusal(
  status: number,
  code: string,
  message: string,
  retryAfterSeconds?: number,
): AzureRefusal {
  return new AzureRefusal(answer("gallery", status, code, message, retryAfterSeconds));
}

/** The SHA-256 of some bytes. */
export function digestOf(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function displayName(name: string): string {
  return REGIONS.find((region) => regionKey(region) === regionKey(name)) ?? name;
}
