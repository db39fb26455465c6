import type { ArmError } from "./answer.ts";
import type { RegionCopy, VersionRecord } from "./records.ts";
import { regionName } from "./regions.ts";
import { isCompleted } from "./version-life.ts";

/** What decides how a version is copied to its regions. */
export type CopyPlan = {
  readonly displayNames: readonly string[];
  readonly before: readonly RegionCopy[];
  readonly acceptedAt: number;
  readonly startsAt: number;
  readonly digest: string;
  readonly secondsFor: (region: string) => number;
  readonly failureIn: (region: string) => string | undefined;
};

/** One copy per target region: regions that have the package keep it, new and failed ones get it. */
export function planCopies(plan: CopyPlan): readonly RegionCopy[] {
  return plan.displayNames.map((displayName) => {
    const kept = plan.before.find((copy) => regionName(copy.displayName) === regionName(displayName));
    if (kept && isCompleted(kept, plan.acceptedAt)) return kept;
    const endsAt = plan.startsAt + plan.secondsFor(regionName(displayName)) * 1000;
    const failure = plan.failureIn(displayName);
    return { displayName, startsAt: plan.startsAt, endsAt, failure, digest: plan.digest };
  });
}

/** The same copies, with those that are not finished yet failing now. */
export function failPending(
  copies: readonly RegionCopy[],
  now: number,
  failure: string,
): readonly RegionCopy[] {
  return copies.map((copy) => (now < copy.endsAt ? { ...copy, endsAt: now, failure } : copy));
}

/** When the last of the copies ends. */
export function lastEnd(copies: readonly RegionCopy[], earliest: number): number {
  return Math.max(earliest, ...copies.map((copy) => copy.endsAt));
}

/** The error that an operation ends with when copies of it fail. */
export function replicationError(version: Pick<VersionRecord, "copies">): ArmError | undefined {
  const failed = version.copies.filter((copy) => copy.failure !== undefined);
  if (failed.length === 0) return undefined;
  const details = failed.map(
    (copy) => `{region:${regionName(copy.displayName)}, detail:${copy.failure ?? ""}}`,
  );
  // Assumed: the code; the text is known from image versions, which the same service replicates.
  return {
    code: "GalleryApplicationVersionInternalError",
    message:
      "Gallery replication jobs failed in one or more regions. The failing regions' details are as follows: " +
      `'${details.join(", ")}'. If retry does not work, then please do an update by removing the failed regions ` +
      "and update again by adding them back.",
  };
}
