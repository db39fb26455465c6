import type { GalleryVersion, RegionReplication } from "../../core/gallery-version.ts";
import type { Release } from "../../core/naming.ts";
import { regionKey } from "../../core/region.ts";
import type { TargetRegion } from "../../core/settings.ts";
import type { Gallery, VersionSource } from "../../functions/ports.ts";
import { digestOf, GALLERY_ID, type InMemoryPackages, refusal } from "../functions/in-memory-ports.ts";
import type { VersionWritten } from "./observations.ts";
import type { Random } from "./random.ts";
import type { SimulatedAccess } from "./simulated-access.ts";

const SECOND = 1000;
export const REGION_NAMES = [
  "East US",
  "East US 2",
  "West Europe",
  "West US",
  "North Europe",
  "Japan East",
  "UK South",
  "Central US",
  "Canada Central",
  "Brazil South",
] as const;

interface Copy {
  readonly displayName: string;
  readonly endsAt: number;
  readonly failure: string | undefined;
}

type Facts = Omit<GalleryVersion, "regions" | "provisioningState">;

interface VersionRecord {
  readonly release: Release;
  readonly facts: Facts;
  readonly copies: Map<string, Copy>;
  busyUntil: number;
}

/** How long copies take and how often they fail. */
export interface ReplicationPlan {
  readonly secondsOf: (region: string) => number;
  readonly failureOf: (region: string, release: Release) => string | undefined;
}

/** A gallery in virtual time: copies end one by one, some fail, and every write makes it read the package again. */
export class SimulatedGallery implements Gallery {
  principalId = "11111111-1111-4111-8111-111111111111";
  readonly location = "eastus";
  readonly applications = new Set<string>();
  readonly versions = new Map<string, VersionRecord>();
  onWritten: (written: Omit<VersionWritten, "kind" | "by">) => void = () => undefined;
  plan: ReplicationPlan;
  readonly #now: () => number;
  readonly #random: Random;
  readonly #packages: InMemoryPackages;
  readonly #access: SimulatedAccess;

  constructor(options: {
    now: () => number;
    random: Random;
    packages: InMemoryPackages;
    access: SimulatedAccess;
    plan: ReplicationPlan;
  }) {
    this.#now = options.now;
    this.#random = options.random;
    this.#packages = options.packages;
    this.#access = options.access;
    this.plan = options.plan;
  }

  async read(): Promise<{ location: string; principalId: string }> {
    return { location: this.location, principalId: this.principalId };
  }

  async regions(): Promise<readonly { name: string; displayName: string }[]> {
    return REGION_NAMES.map((displayName) => ({ name: regionKey(displayName), displayName }));
  }

  async hasApplication(application: string): Promise<boolean> {
    return this.applications.has(application);
  }

  async createApplication(application: string): Promise<void> {
    this.applications.add(application);
  }

  versionId({ application, version }: Release): string {
    return `${GALLERY_ID}/applications/${application}/versions/${version}`;
  }

  async versionNames(application: string): Promise<string[]> {
    const prefix = this.versionId({ application, version: "" });
    return [...this.versions.keys()].flatMap((id) =>
      id.startsWith(prefix) ? [id.slice(prefix.length)] : [],
    );
  }

  async readVersion(release: Release): Promise<GalleryVersion | undefined> {
    const record = this.versions.get(this.versionId(release));
    return record && this.#versionOf(record);
  }

  async putVersion(
    manifest: Parameters<Gallery["putVersion"]>[0],
    location: string,
    source: VersionSource,
    targetRegions: readonly TargetRegion[],
  ): Promise<undefined> {
    const { install, remove, update, packageFileName, configFileName, tags } = manifest;
    const { excludeFromLatest = false } = manifest;
    if (!this.applications.has(manifest.application))
      throw refusal(404, "ParentResourceNotFound", "No application.");
    this.#write("put", manifest, source, targetRegions, {
      ...{ location, install, remove, packageFileName, excludeFromLatest },
      ...(tags && { tags }),
      ...(update !== undefined && { update }),
      ...(configFileName !== undefined && { configFileName }),
    });
  }

  whyFailed(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async updateRegions(
    release: Release,
    source: VersionSource,
    targetRegions: readonly TargetRegion[],
    excludeFromLatest?: boolean,
    tags?: Readonly<Record<string, string>>,
  ): Promise<undefined> {
    const record = this.versions.get(this.versionId(release));
    if (!record) throw refusal(404, "ResourceNotFound", "No version.");
    this.#write("patch", release, source, targetRegions, {
      ...record.facts,
      ...(excludeFromLatest !== undefined && { excludeFromLatest }),
      ...(tags && { tags }),
    });
  }

  /** The versions whose copies are under way, and so may still be read from the vault. */
  replicating(): string[] {
    const now = this.#now();
    return [...this.versions].filter(([, { busyUntil }]) => now < busyUntil).map(([id]) => id);
  }

  /** The role is gone while copies are under way: some of them fail. */
  loseAccess(): void {
    const now = this.#now();
    for (const { copies } of this.versions.values()) {
      for (const [name, copy] of copies) {
        if (now >= copy.endsAt || copy.failure !== undefined || this.#random.chance(0.5)) continue;
        copies.set(name, { ...copy, failure: "The source was not accessible." });
      }
    }
  }

  #write(
    verb: "put" | "patch",
    release: Release,
    source: VersionSource,
    targetRegions: readonly TargetRegion[],
    facts: Omit<Facts, "id" | "mediaLink" | "targetRegions">,
  ): void {
    const id = this.versionId(release);
    const present = this.versions.get(id);
    const now = this.#now();
    if (present && now < present.busyUntil)
      throw refusal(409, "Conflict", "Another operation is in progress.");
    const sha256 = this.#readPackage(source);
    if (present && (present.facts.mediaLink !== source.mediaLink || present.facts.install !== facts.install))
      throw refusal(409, "PropertyChangeNotAllowed", "Changing property 'mediaLink' is not allowed.");
    const names = targetRegions.map((region) => regionKey(region.name));
    const regionsBefore = [...(present?.copies.keys() ?? [])];
    const copies = new Map<string, Copy>();
    for (const name of names) {
      const copy = present?.copies.get(name);
      copies.set(name, copy && copy.failure === undefined ? copy : this.#newCopy(name, release));
    }
    const busyUntil = Math.max(now + 5 * SECOND, ...[...copies.values()].map((copy) => copy.endsAt));
    const targets = targetRegions.map((region) => ({ ...region, name: displayNameOf(region.name) }));
    this.versions.set(id, {
      release,
      copies,
      busyUntil,
      facts: { ...facts, ...source, id, targetRegions: targets },
    });
    const { application, version } = release;
    const { install, remove } = facts;
    const unfinished = [...copies].filter(([, copy]) => now < copy.endsAt || copy.failure !== undefined);
    this.onWritten({
      ...{ id, application, version, verb, install, remove, sha256, regionsBefore, targetRegions },
      ...{
        entersLatest: !facts.excludeFromLatest && present?.facts.excludeFromLatest !== false,
        unfinished: unfinished.map(([name]) => name),
      },
    });
  }

  #newCopy(name: string, release: Release): Copy {
    return {
      displayName: displayNameOf(name),
      endsAt: this.#now() + this.plan.secondsOf(name) * SECOND,
      failure: this.plan.failureOf(name, release),
    };
  }

  #readPackage({ mediaLink }: VersionSource): string {
    if (!this.#access.isEffective(this.principalId)) {
      throw refusal(400, "InvalidParameter", `The SAS is not valid for source uri '${mediaLink}'.`);
    }
    const bytes = this.#packages.vault.get(this.#packages.vaultPathOf(mediaLink) ?? "");
    if (!bytes) {
      throw refusal(400, "InvalidParameter", `The blob referenced by source uri ${mediaLink} doesn't exist.`);
    }
    return digestOf(bytes);
  }

  #versionOf(record: VersionRecord): GalleryVersion {
    const regions = [...record.copies.values()].map((copy) => this.#regionOf(copy));
    const isBusy = this.#now() < record.busyUntil;
    const hasFailed = regions.some((region) => region.state === "Failed");
    return {
      ...record.facts,
      provisioningState: isBusy ? "Updating" : hasFailed ? "Failed" : "Succeeded",
      regions,
    };
  }

  #regionOf({ displayName: name, endsAt, failure }: Copy): RegionReplication {
    if (this.#now() < endsAt) return { name, state: "Replicating", progress: 50 };
    if (failure === undefined) return { name, state: "Completed", progress: 100 };
    return { name, state: "Failed", progress: 50, details: failure };
  }
}

function displayNameOf(name: string): string {
  return REGION_NAMES.find((region) => regionKey(region) === regionKey(name)) ?? name;
}
