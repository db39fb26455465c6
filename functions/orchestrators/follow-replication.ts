import type { RegionReplication } from "../../core/gallery-version.ts";
import { pauseSeconds } from "../../core/replication.ts";
import type { PlannedRelease } from "../story-values.ts";
import { type Story, type Waited, waitForEvent } from "../vocabulary.ts";
import { type AccessTaken, keepAccess } from "./access-taken.ts";
import { attempted, isUnavailable, secondsSince } from "./patience.ts";
import { correctRegions, type Telling, tellRegions } from "./telling.ts";

/** The event that says that Azure has ended a write to the version: it only ends a pause early. */
const VERSION_WRITTEN = "version-written";

/** How a version's replication ended, or that it did not within its time. */
export type ReplicationEnd = "replicated" | "failed" | "vanished" | "timed-out";

/** What is followed: the release in these regions, accepted at that time, until its time since `begunAt` is over. */
export interface Following {
  readonly planned: Pick<PlannedRelease, "release">;
  readonly regions: readonly string[];
  readonly acceptedAt: string;
  readonly begunAt: string;
  readonly timeoutSeconds: number;
  /** How often it was followed before: each time more slowly, so that its history stays short. */
  readonly rounds?: number;
  /** The access that is kept meanwhile. When it is in use, Azure was just asked, and there is nothing to see yet. */
  readonly access?: AccessTaken;
}

/** Reads how far the version is until Azure has ended its work, and tells of each change. */
export function* followReplication(telling: Telling, following: Following): Story<ReplicationEnd> {
  const { planned, regions, acceptedAt, begunAt, timeoutSeconds, rounds = 0, access } = following;
  const slowness = Math.min(1 + rounds, 4);
  let absences = 0;
  let waited: Waited = "timed-out";
  if (access?.isInUse) waited = yield* waitForEvent(VERSION_WRITTEN, pauseSeconds(0) * slowness);
  for (;;) {
    if (access) yield* keepAccess(access);
    const reading = yield* tellRegions(telling, planned.release, regions, acceptedAt);
    // One answer alone may come from a part of Azure that has not heard of the version yet, and so may several at once.
    if (reading !== "absent") absences = 0;
    else if (waited === "timed-out") absences += 1;
    if (absences === 3) return "vanished";
    if (reading !== "absent" && reading.state === "failed") {
      yield* correctRegions(telling, yield* explained(reading.regions, access), acceptedAt);
    }
    if (reading !== "absent" && reading.state !== "replicating") return reading.state;
    if ((yield* secondsSince(begunAt)) >= timeoutSeconds) return "timed-out";
    const pause = pauseSeconds(yield* secondsSince(acceptedAt)) * slowness;
    waited = yield* waitForEvent(VERSION_WRITTEN, pause);
  }
}

/** The regions, those that lack the version without a reason of their own with that of the whole operation. */
function* explained(
  regions: readonly RegionReplication[],
  access: AccessTaken | undefined,
): Story<readonly RegionReplication[]> {
  const isUnexplained = ({ state, details }: RegionReplication): boolean =>
    state !== "Completed" && details === undefined;
  const operation = access?.operation ?? null;
  if (operation === null || !regions.some(isUnexplained)) return regions;
  const details = yield* attempted("readFailure", { operation });
  if (details === null || isUnavailable(details)) return regions;
  return regions.map((region) => (isUnexplained(region) ? { ...region, details } : region));
}
