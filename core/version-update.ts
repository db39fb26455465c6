import type { GalleryVersion } from "./gallery-version.ts";
import { type LatestFlags, latestFlagsAfter, sameLatestFlags } from "./latest.ts";
import type { Expansion, LatestChange, Operation } from "./operation.ts";
import type { Reason } from "./problem.ts";
import { isSameRegion, regionKey } from "./region.ts";
import { regionsOf, replicationOf } from "./replication.ts";
import { isMarked, isOurExclusion, unmarkedTags } from "./rollout.ts";
import type { TargetRegion } from "./settings.ts";
import { isBusy, missingRegions, unionOfRegions } from "./version-write.ts";

/**
 * What is to be done so that a version becomes what an operation asks for: `update` it, `mend` regions that failed,
 * `wait` because Azure is at it, or `none`. The list of regions is never shorter than Azure's.
 */
export type VersionUpdate =
  VersionChange | { readonly kind: "wait" | "none" } | { readonly kind: "refused"; readonly reason: Reason };

/** A write that changes a version: its whole list of regions and, when given, its own flag and all of its tags. */
export interface VersionChange {
  readonly kind: "update" | "mend";
  readonly targetRegions: readonly TargetRegion[];
  readonly excludeFromLatest?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

/** The update that brings the gallery's version to what the operation asks for. */
export function versionUpdate(operation: Operation, present: GalleryVersion): VersionUpdate {
  return operation.kind === "expand" ? expansion(operation, present) : latestChange(operation, present);
}

/** The regions that a version has once an operation is done. */
export function regionsAfter(operation: Operation, present: GalleryVersion): string[] {
  const wanted = operation.kind === "expand" ? operation.targetRegions : [];
  return unionOfRegions(present.targetRegions, wanted).map(({ name }) => name);
}

function expansion(operation: Expansion, present: GalleryVersion): VersionUpdate {
  const fixed = operation.targetRegions.filter((wanted) => hasOtherStorage(wanted, present));
  if (fixed.length > 0) return { kind: "refused", reason: storageIsFixed(operation, fixed) };
  if (isBusy(present)) return { kind: "wait" };
  if (!present.regions.some(({ state }) => state === "Completed")) {
    return { kind: "refused", reason: notPublished(operation) };
  }
  const targetRegions = unionOfRegions(present.targetRegions, operation.targetRegions);
  const names = targetRegions.map(({ name }) => name);
  if (missingRegions(present, names).length > 0) return { kind: "update", targetRegions };
  switch (replicationOf(present, names)) {
    case "replicated":
      return { kind: "none" };
    case "failed":
      return { kind: "mend", targetRegions };
    case "replicating":
      return { kind: "wait" };
  }
}

function latestChange(operation: LatestChange, present: GalleryVersion): VersionUpdate {
  const names = operation.regions ?? present.targetRegions.map(({ name }) => regionKey(name));
  const strangers = missingRegions(present, names);
  if (strangers.length > 0) return { kind: "refused", reason: regionsNotThere(operation, strangers) };
  if (isBusy(present)) return { kind: "wait" };
  const unready = regionsOf(present, names).filter(({ state }) => state !== "Completed");
  if (operation.kind === "promote" && unready.length > 0) {
    const reason = notReplicated(
      operation,
      unready.map(({ name }) => regionKey(name)),
    );
    return { kind: "refused", reason };
  }
  const flags = latestFlagsAfter(operation, present);
  const keepsMark = operation.kind === "withdraw" && operation.regions !== null;
  const tags = isMarked(present) && !keepsMark ? unmarkedTags(present) : undefined;
  if (isSettled(flags, present, tags !== undefined)) return { kind: "none" };
  return { kind: "update", ...flags, ...(tags && { tags }) };
}

// What the pipeline left out of `latest` until it is replicated, it puts there later: unless the mark goes, or, for a
// change of some regions, with the flags that the regions have by then.
function isSettled(flags: LatestFlags, present: GalleryVersion, losesMark: boolean): boolean {
  if (!isOurExclusion(present)) return sameLatestFlags(flags, present);
  const included = { excludeFromLatest: false };
  return !losesMark && sameLatestFlags({ ...flags, ...included }, { ...present, ...included });
}

function hasOtherStorage(wanted: TargetRegion, present: GalleryVersion): boolean {
  const there = present.targetRegions.find(({ name }) => isSameRegion(name, wanted.name))?.storageAccountType;
  const { storageAccountType } = wanted;
  return there !== undefined && storageAccountType !== undefined && there !== storageAccountType;
}

/** What an expansion asks for that is left as it is, to be told. */
export function untouchedRegions(operation: Operation, present: GalleryVersion): string[] {
  if (operation.kind !== "expand") return [];
  return operation.targetRegions
    .filter((wanted) => missingRegions(present, [wanted.name]).length === 0)
    .map(({ name }) => name);
}

function storageIsFixed(release: Expansion, regions: readonly TargetRegion[]): Reason {
  return {
    code: "storage-type-fixed",
    message: `${release.application} ${release.version} is in ${namesOf(regions)} already, with another storageAccountType`,
    nextStep:
      "Leave storageAccountType out for regions that the version has: Azure never changes it for a version.",
  };
}

function notPublished({ application, version }: Expansion): Reason {
  return {
    code: "not-published",
    message: `${application} ${version} is complete in no region yet`,
    nextStep: "Submit the release again first; the pipeline takes up what there is.",
  };
}

function regionsNotThere({ application, version }: LatestChange, names: readonly string[]): Reason {
  return {
    code: "region-not-there",
    message: `${application} ${version} is not in ${names.join(", ")}`,
    nextStep: "Name regions that the version has, or expand it to them first.",
  };
}

function notReplicated({ application, version }: LatestChange, names: readonly string[]): Reason {
  return {
    code: "not-replicated",
    message: `${application} ${version} is not complete in ${names.join(", ")}, so it cannot become the latest version there`,
    nextStep: "Name the regions that have it, or have the others mended first: submit or expand it again.",
  };
}

function namesOf(regions: readonly TargetRegion[]): string {
  return regions.map(({ name }) => name).join(", ");
}
