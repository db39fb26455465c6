import { readable } from "../../core/refusals.ts";
import type {
  GalleryApplicationVersion,
  RegionalReplicationStatus,
  TargetRegion as ArmTargetRegion,
} from "@azure/arm-compute";
import type { GalleryVersion, RegionReplication, RegionState } from "../../core/gallery-version.ts";
import { type TargetRegion, targetRegionSchema } from "../../core/settings.ts";

/** A version as Azure answered it, in the domain's form. */
export function galleryVersionFrom(answer: GalleryApplicationVersion): GalleryVersion {
  const profile = answer.publishingProfile;
  const { install, remove, update } = profile?.manageActions ?? {};
  const { packageFileName, configFileName, scriptBehaviorAfterReboot } = profile?.settings ?? {};
  const { storageAccountType, advancedSettings } = profile ?? {};
  const defaultConfigurationLink = profile?.source.defaultConfigurationLink;
  return {
    id: answer.id ?? "",
    location: answer.location,
    provisioningState: answer.provisioningState ?? "Unknown",
    mediaLink: profile?.source.mediaLink ?? "",
    excludeFromLatest: profile?.excludeFromLatest ?? false,
    targetRegions: (profile?.targetRegions ?? []).map(targetRegionFrom),
    regions: (answer.replicationStatus?.summary ?? []).map(regionFrom),
    ...(defaultConfigurationLink && { defaultConfigurationLink }),
    ...(install && { install }),
    ...(remove && { remove }),
    ...(update && { update }),
    ...(packageFileName && { packageFileName }),
    ...(configFileName && { configFileName }),
    ...(scriptBehaviorAfterReboot && { scriptBehaviorAfterReboot }),
    ...(storageAccountType && { storageAccountType }),
    ...(advancedSettings && { advancedSettings }),
    ...(answer.tags && { tags: answer.tags }),
  };
}

const knownStorage = targetRegionSchema.shape.storageAccountType;

function targetRegionFrom(region: ArmTargetRegion): TargetRegion {
  const storageAccountType = knownStorage.safeParse(region.storageAccountType).data;
  const { name, regionalReplicaCount, excludeFromLatest } = region;
  return {
    name,
    ...(regionalReplicaCount !== undefined && { regionalReplicaCount }),
    ...(storageAccountType && { storageAccountType }),
    ...(excludeFromLatest !== undefined && { excludeFromLatest }),
  };
}

const STATES: readonly RegionState[] = ["Unknown", "Replicating", "Completed", "Failed"];

function regionFrom({ region, state, progress, details }: RegionalReplicationStatus): RegionReplication {
  return {
    name: region ?? "",
    state: STATES.find((known) => known === state) ?? "Unknown",
    progress: progress ?? 0,
    ...(details && { details: readable(details) }),
  };
}
