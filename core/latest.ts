import type { GalleryVersion } from "./gallery-version.ts";
import type { LatestChange } from "./operation.ts";
import { isSameRegion, regionKey } from "./region.ts";
import type { TargetRegion } from "./settings.ts";

/** Azure's flags that keep a version out of `latest`: one for all regions, and one for each. */
export interface LatestFlags {
  readonly excludeFromLatest: boolean;
  readonly targetRegions: readonly TargetRegion[];
}

/** The regions in which machines that ask for `latest` may get the version. */
export function regionsInLatest({ excludeFromLatest, targetRegions }: LatestFlags): string[] {
  if (excludeFromLatest) return [];
  return targetRegions
    .filter((region) => region.excludeFromLatest !== true)
    .map(({ name }) => regionKey(name));
}

/**
 * The flags after a change. The version's own flag hides it everywhere, so a promotion of some regions of a hidden
 * version clears it and hides the others one by one; without regions, a change is for all of them.
 */
export function latestFlagsAfter(
  { kind, regions }: Pick<LatestChange, "kind" | "regions">,
  { excludeFromLatest, targetRegions }: Pick<GalleryVersion, "excludeFromLatest" | "targetRegions">,
): LatestFlags {
  const isNamed = (name: string): boolean =>
    regions === null || regions.some((region) => isSameRegion(region, name));
  const withFlags = (flag: (region: TargetRegion) => boolean): TargetRegion[] =>
    targetRegions.map((region) => ({
      ...region,
      name: regionKey(region.name),
      excludeFromLatest: flag(region),
    }));
  if (kind === "withdraw") {
    return {
      excludeFromLatest: excludeFromLatest || regions === null,
      targetRegions: withFlags(
        (region) => region.excludeFromLatest === true || (regions !== null && isNamed(region.name)),
      ),
    };
  }
  return {
    excludeFromLatest: false,
    targetRegions: withFlags(
      (region) => !isNamed(region.name) && (excludeFromLatest || region.excludeFromLatest === true),
    ),
  };
}

/** Whether two sets of flags mean the same for every region. */
export function sameLatestFlags(a: LatestFlags, b: LatestFlags): boolean {
  return JSON.stringify(regionsInLatest(a).sort()) === JSON.stringify(regionsInLatest(b).sort());
}
