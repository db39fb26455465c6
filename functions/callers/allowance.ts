/** Requests that a caller may make in a minute, on one instance of the function app. */
export const REQUESTS_PER_MINUTE = 120;

/** Blocks that a caller may send in a minute, on one instance: 10 GB. */
export const BLOCKS_PER_MINUTE = 1200;

/** More callers than this at once are forgotten, oldest first, so that memory stays bounded. */
const MOST_CALLERS = 10_000;

interface Minute {
  readonly startedAt: number;
  count: number;
}

/**
 * Counts requests by caller: seconds to wait when the minute's are used up, else undefined. It is a brake on clients
 * that run wild, no defence: each instance of the function app counts by itself, and forgets when it stops.
 */
export function allowances(
  now: () => number = Date.now,
  most = REQUESTS_PER_MINUTE,
): (caller: string) => number | undefined {
  const minutes = new Map<string, Minute>();
  return (caller) => {
    const at = now();
    const minute = minutes.get(caller);
    if (!minute || at - minute.startedAt >= 60_000) {
      minutes.delete(caller);
      const [oldest] = minutes.keys();
      if (minutes.size >= MOST_CALLERS && oldest !== undefined) minutes.delete(oldest);
      minutes.set(caller, { startedAt: at, count: 1 });
      return undefined;
    }
    minute.count += 1;
    if (minute.count <= most) return undefined;
    return Math.ceil((minute.startedAt + 60_000 - at) / 1000);
  };
}

/** The same for each pace by itself, so that whoever sends a large file can still ask how it stands. */
export function pacedAllowances(
  now: () => number = Date.now,
): (caller: string, pace: "requests" | "blocks") => number | undefined {
  const paces = { requests: allowances(now), blocks: allowances(now, BLOCKS_PER_MINUTE) };
  return (caller, pace) => paces[pace](caller);
}
