import type { TargetRegion } from "./settings.ts";

/** Azure's `ReplicationState` of one region, in words of its API. */
export type RegionState = "Unknown" | "Replicating" | "Completed" | "Failed";

/** One region of a version's `replicationStatus.summary`. `name` is as Azure shows it, e.g. `East US 2`. */
export interface RegionReplication {
  readonly name: string;
  readonly state: RegionState;
  /** 0 to 100. */
  readonly progress: number;
  /** Azure's reason, where it gives one. */
  readonly details?: string;
}

/** A version as the gallery tells of it. */
export interface GalleryVersion {
  readonly id: string;
  readonly location: string;
  /** Creating, Updating, Failed, Succeeded, Deleting or Migrating. */
  readonly provisioningState: string;
  readonly mediaLink: string;
  readonly defaultConfigurationLink?: string;
  readonly install?: string;
  readonly remove?: string;
  readonly update?: string;
  readonly packageFileName?: string;
  readonly configFileName?: string;
  readonly scriptBehaviorAfterReboot?: string;
  readonly storageAccountType?: string;
  readonly advancedSettings?: Readonly<Record<string, string>>;
  readonly targetRegions: readonly TargetRegion[];
  readonly excludeFromLatest: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  readonly regions: readonly RegionReplication[];
}
