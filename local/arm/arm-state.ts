import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { LocalIdentity } from "../world.ts";
import type {
  ApplicationRecord,
  BlobAttempt,
  GalleryIdentity,
  GalleryRecord,
  RoleAssignmentTimes,
  SeededResource,
  VersionRecord,
} from "./records.ts";
import { IdMap, idKey, parentId, resourceGroupIdOf, subscriptionOf } from "./resource-id.ts";
import type { FinishedVersion } from "./seeded-version.ts";
import { seededVersion } from "./seeded-version.ts";
import type { ArmSettings } from "./settings.ts";
import { isGone } from "./version-life.ts";

/** A gallery to start with; `identity` gives a new system-assigned principal unless one is named. */
export type SeededGallery = {
  readonly id: string;
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly identity?: Partial<GalleryIdentity> & { readonly type: string };
};

// As seen by others: the version is gone to a GET, and its application still counts it.
const DELETED_VERSIONS_LINGER_SECONDS = 20;

/** Everything that Resource Manager knows, for tests to prepare and to look into. */
export class ArmState {
  readonly galleries = new IdMap<GalleryRecord>();
  readonly applications = new IdMap<ApplicationRecord>();
  readonly resources = new IdMap<SeededResource>();
  /** User-assigned identities by resource id. */
  readonly identities = new IdMap<LocalIdentity>();
  /** When role assignments were written here, by their ids. */
  readonly roleAssignmentTimes = new IdMap<RoleAssignmentTimes>();
  readonly blobAttempts: BlobAttempt[] = [];
  readonly #versions = new IdMap<VersionRecord>();
  readonly #subscriptions = new Set<string>();
  readonly #resourceGroups = new Set<string>();
  readonly #principalsMadeAt = new Map<string, number>();
  readonly #clock: Clock;
  readonly #settings: Pick<ArmSettings, "regions">;

  constructor(clock: Clock, settings: Pick<ArmSettings, "regions">) {
    this.#clock = clock;
    this.#settings = settings;
  }

  hasSubscription(id: string): boolean {
    return this.#subscriptions.has(idKey(id));
  }

  /** The ids of all subscriptions, lower case. */
  subscriptions(): readonly string[] {
    return [...this.#subscriptions];
  }

  /** Whether the resource group that an id lies in is known. */
  hasResourceGroup(id: string): boolean {
    return this.#resourceGroups.has(idKey(resourceGroupIdOf(id)));
  }

  /** Makes the subscription and the resource group of that id known. */
  addResourceGroup(id: string): void {
    this.#subscriptions.add(idKey(subscriptionOf(id)));
    this.#resourceGroups.add(idKey(resourceGroupIdOf(id)));
  }

  /** A gallery that is ready. */
  createGallery(seed: SeededGallery): GalleryRecord {
    this.addResourceGroup(seed.id);
    const wantsSystem = seed.identity?.type.includes("SystemAssigned") ?? false;
    const gallery: GalleryRecord = {
      id: seed.id,
      location: seed.location,
      tags: seed.tags ?? {},
      properties: {},
      identity: seed.identity && {
        type: seed.identity.type,
        systemPrincipalId: seed.identity.systemPrincipalId ?? (wantsSystem ? randomUUID() : undefined),
        userAssigned: seed.identity.userAssigned ?? [],
      },
      change: "Creating",
      readyAt: this.#clock.now(),
    };
    this.galleries.set(seed.id, gallery);
    return gallery;
  }

  /** An application. */
  createApplication(seed: {
    readonly id: string;
    readonly location: string;
    readonly supportedOSType: "Windows" | "Linux";
  }): ApplicationRecord {
    const properties = { supportedOSType: seed.supportedOSType };
    const application = { id: seed.id, location: seed.location, tags: {}, properties };
    this.applications.set(seed.id, application);
    return application;
  }

  /** A version that was published before. */
  createVersion(seed: FinishedVersion): VersionRecord {
    const version = seededVersion(seed, this.#clock.now(), this.#settings.regions);
    this.#versions.set(seed.id, version);
    return version;
  }

  /** A user-assigned identity; needs its `resourceId`. */
  createIdentity(identity: LocalIdentity & { readonly resourceId: string }, location: string): void {
    this.addResourceGroup(identity.resourceId);
    this.identities.set(identity.resourceId, identity);
    this.principalMade(identity.principalId);
    const { clientId, principalId } = identity;
    this.resources.set(identity.resourceId, {
      id: identity.resourceId,
      type: "Microsoft.ManagedIdentity/userAssignedIdentities",
      location,
      properties: { clientId, principalId },
      createdAt: this.#clock.now(),
    });
  }

  /** A storage account with the properties that a GET is to show. */
  createStorageAccount(seed: Omit<SeededResource, "type" | "createdAt">): void {
    this.addResourceGroup(seed.id);
    const type = "Microsoft.Storage/storageAccounts";
    this.resources.set(seed.id, { ...seed, type, createdAt: this.#clock.now() });
  }

  version(id: string): VersionRecord | undefined {
    const version = this.#versions.get(id);
    return version && !isGone(version, this.#clock.now()) ? version : undefined;
  }

  setVersion(version: VersionRecord): void {
    this.#versions.set(version.id, version);
  }

  versions(): readonly VersionRecord[] {
    return this.#versions.values().filter((version) => !isGone(version, this.#clock.now()));
  }

  versionsOf(applicationId: string): readonly VersionRecord[] {
    return this.versions().filter((version) => idKey(parentId(version.id)) === idKey(applicationId));
  }

  /** Whether an application has versions, or had one so short a time ago that it cannot be deleted yet. */
  hasVersionsLeft(applicationId: string): boolean {
    const lingersSince = this.#clock.now() - DELETED_VERSIONS_LINGER_SECONDS * 1000;
    return this.#versions
      .values()
      .some(
        (version) =>
          idKey(parentId(version.id)) === idKey(applicationId) &&
          (!isGone(version, this.#clock.now()) || version.change.endsAt > lingersSince),
      );
  }

  /** Remembers when a principal appeared, since the directory takes a while to know it everywhere. */
  principalMade(principalId: string): void {
    this.#principalsMadeAt.set(principalId, this.#clock.now());
  }

  principalAgeSeconds(principalId: string): number {
    return (this.#clock.now() - (this.#principalsMadeAt.get(principalId) ?? -Infinity)) / 1000;
  }
}
