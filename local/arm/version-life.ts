import type { RegionCopy, VersionRecord } from "./records.ts";

/** A region's line of the replication status. */
export type RegionStatus = {
  readonly region: string;
  readonly state: "Unknown" | "Replicating" | "Completed" | "Failed";
  readonly details: string;
  readonly progress: number;
};

/** The replication of a version as `$expand=ReplicationStatus` shows it. */
export type ReplicationStatus = {
  readonly aggregatedState: "Unknown" | "InProgress" | "Completed" | "Failed";
  readonly summary: readonly RegionStatus[];
};

/** Whether a write to the version is still under way. */
export function isBusy(version: VersionRecord, now: number): boolean {
  return now < version.change.endsAt;
}

/** Whether the version was deleted and is gone. */
export function isGone(version: VersionRecord, now: number): boolean {
  return version.change.kind === "Deleting" && !isBusy(version, now);
}

/** The version's `provisioningState`. */
export function provisioningState(version: VersionRecord, now: number): string {
  if (isBusy(version, now)) return version.change.kind;
  const isFailed =
    version.change.error !== undefined || version.copies.some((copy) => copy.failure !== undefined);
  return isFailed ? "Failed" : "Succeeded";
}

/** Where the version's copies stand; before they start, "Unknown" or already "Replicating". */
export function replicationStatus(
  version: VersionRecord,
  now: number,
  waiting: "Unknown" | "Replicating" = "Replicating",
): ReplicationStatus {
  const summary = version.copies.map((copy) => regionStatus(copy, now, waiting));
  const states = new Set(summary.map((region) => region.state));
  const aggregatedState = states.has("Replicating")
    ? "InProgress"
    : states.has("Unknown")
      ? "Unknown"
      : states.has("Failed")
        ? "Failed"
        : "Completed";
  return { aggregatedState, summary };
}

/** Whether a region has the package. */
export function isCompleted(copy: RegionCopy, now: number): boolean {
  return now >= copy.endsAt && copy.failure === undefined;
}

function regionStatus(copy: RegionCopy, now: number, waiting: "Unknown" | "Replicating"): RegionStatus {
  const region = copy.displayName;
  if (isCompleted(copy, now)) return { region, state: "Completed", details: "", progress: 100 };
  const progress = progressOf(copy, now);
  if (now >= copy.endsAt) return { region, state: "Failed", details: copy.failure ?? "", progress };
  return { region, state: now < copy.startsAt ? waiting : "Replicating", details: "", progress };
}

/** A copy that is to fail gets stuck half-way. */
function progressOf({ startsAt, endsAt, failure }: RegionCopy, now: number): number {
  const done = endsAt > startsAt ? Math.min(1, Math.max(0, (now - startsAt) / (endsAt - startsAt))) : 1;
  return Math.min(99, Math.floor(done * (failure === undefined ? 100 : 50)));
}
