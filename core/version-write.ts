import type { EffectiveManifest } from "./effective-manifest.ts";
import type { GalleryVersion } from "./gallery-version.ts";
import { isSameRegion, regionKey } from "./region.ts";
import { replicationOf } from "./replication.ts";
import type { TargetRegion } from "./settings.ts";

/**
 * What is to be written so that a version of the same content reaches every wanted region: all of it, its list of
 * regions, or nothing because Azure is at it (`wait`) or done (`none`).
 */
export type VersionWrite =
  | { readonly kind: "put" | "update-regions"; readonly targetRegions: readonly TargetRegion[] }
  | { readonly kind: "wait" | "none" };

/** The write that brings the gallery's version (undefined: there is none) to what `wanted` asks for. */
export function versionWrite(wanted: EffectiveManifest, present: GalleryVersion | undefined): VersionWrite {
  if (!present) return { kind: "put", targetRegions: wanted.targetRegions };
  if (isBusy(present)) return { kind: "wait" };
  const targetRegions = unionOfRegions(present.targetRegions, wanted.targetRegions);
  const names = targetRegions.map((region) => region.name);
  const replication = replicationOf(present, names);
  if (missingRegions(present, names).length === 0 && replication !== "failed") {
    return { kind: replication === "replicated" ? "none" : "wait" };
  }
  // Regions that are done show that Azure took the version as such: then only the others need mending.
  const isPartlyDone = present.regions.some((region) => region.state === "Completed");
  return { kind: isPartlyDone ? "update-regions" : "put", targetRegions };
}

/** Whether Azure is still working on the version, so that a write would be a conflict. */
export function isBusy(version: GalleryVersion): boolean {
  return ["Creating", "Updating", "Deleting", "Migrating"].includes(version.provisioningState);
}

/** The names that are not among the version's target regions. */
export function missingRegions(version: GalleryVersion, names: readonly string[]): string[] {
  return names.filter((name) => !version.targetRegions.some((region) => isSameRegion(region.name, name)));
}

/** What a version has and what is wanted. A write replaces the list as a whole, so what is there stays, as it is. */
export function unionOfRegions(
  present: readonly TargetRegion[],
  wanted: readonly TargetRegion[],
): TargetRegion[] {
  const added = wanted.filter((target) => !present.some((region) => isSameRegion(region.name, target.name)));
  return [...present, ...added].map((region) => ({ ...region, name: regionKey(region.name) }));
}
