import type { GalleryVersion } from "./gallery-version.ts";
import type { Holder } from "./lease.ts";
import { isBusy } from "./version-write.ts";

/** A story beats far more often; one that does not for so long is stuck. */
const STUCK_SECONDS = 30 * 60;
/** What a dead story had begun on some machine has had its effect by then. */
const SETTLED_SECONDS = 6 * 60;
/** Azure has never been seen to work on a version for so long. */
const MOST_SECONDS = 24 * 3600;

/**
 * Whether a holder may be dead, going by its story alone: ended, gone, or silent for too long. Then its version decides
 * with {@link isDead}.
 */
export function isSuspicious(holder: Holder, isRunning: boolean, now: number): boolean {
  return now - holder.beat >= (isRunning ? STUCK_SECONDS : SETTLED_SECONDS);
}

/**
 * Whether a suspicious holder is positively dead. While Azure works on its version it is not: the access is needed.
 * `version` is undefined when there is none, `"unreadable"` when Azure did not tell.
 */
export function isDead(
  holder: Holder,
  version: GalleryVersion | "unreadable" | undefined,
  now: number,
): boolean {
  if (now - holder.at >= MOST_SECONDS) return true;
  return version !== "unreadable" && !(version && isAtWork(version));
}

function isAtWork(version: GalleryVersion): boolean {
  return isBusy(version) || version.regions.some((region) => region.state === "Replicating");
}
