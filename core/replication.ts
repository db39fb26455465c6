import type { GalleryVersion, RegionReplication } from "./gallery-version.ts";
import { isSameRegion } from "./region.ts";

/** How far a version is: on its way, in every wanted region, or ended with regions that failed. */
export type Replication = "replicating" | "replicated" | "failed";

/**
 * What a reading of a version says about `wanted` regions. Only a version that Azure calls `Succeeded`, with every
 * region `Completed`, is replicated: `Unknown` counts as on its way, `Failed` with nothing on its way as failed.
 */
export function replicationOf(version: GalleryVersion, wanted: readonly string[]): Replication {
  const states = regionsOf(version, wanted).map((region) => region.state);
  switch (version.provisioningState) {
    case "Succeeded":
      if (states.every((state) => state === "Completed")) return "replicated";
      return states.every((state) => state === "Completed" || state === "Failed") ? "failed" : "replicating";
    case "Failed":
      return states.includes("Replicating") ? "replicating" : "failed";
    case "Deleting":
      return "failed";
    default:
      return "replicating";
  }
}

/** The wanted regions in Azure's words, in the order wanted; one that Azure does not list yet is `Unknown`. */
export function regionsOf(version: GalleryVersion, wanted: readonly string[]): RegionReplication[] {
  return wanted.map((name) => {
    const region = version.regions.find((candidate) => isSameRegion(candidate.name, name));
    return region ?? { name, state: "Unknown", progress: 0 };
  });
}

/**
 * How long to wait before the next look at a replication that has taken `elapsedSeconds`: half a minute at first, then a
 * minute, from a quarter of an hour on a tenth of the time or so, eight minutes when it takes hours. So half an hour
 * stays below 300 history events, six hours below 800.
 */
export function pauseSeconds(elapsedSeconds: number): number {
  if (elapsedSeconds < 60) return 30;
  if (elapsedSeconds < 900) return 60;
  if (elapsedSeconds < 1800) return 90;
  if (elapsedSeconds < 3600) return 180;
  if (elapsedSeconds < 7200) return 300;
  return 480;
}

/**
 * Pauses between attempts while a fresh role assignment may not have reached storage: growing, 20 minutes in all. Azure
 * RBAC documentation allows up to 10 minutes; 15 are the least that is waited.
 */
export const accessPauses: readonly number[] = [10, 15, 20, 30, 45, 60, 60, 90, 90, 120, 120, 180, 180, 180];
