const ticksPerMillisecond = 10_000n;
const ticksAtUnixEpoch = 621_355_968_000_000_000n;

/** A moment as galleries write it: seven digits and an offset. */
export function publishedDate(now: number): string {
  return new Date(now).toISOString().replace("Z", "0000+00:00");
}

/** A moment in .NET ticks, as operation URLs carry it. */
export function ticks(now: number): string {
  return String(BigInt(Math.floor(now)) * ticksPerMillisecond + ticksAtUnixEpoch);
}
