import { createHash } from "node:crypto";

/** How long the copy of a package to a region takes, in seconds. */
export type ReplicationSeconds = (region: string, bytes: number, version: string) => number;

/** Seconds between `shortest` and `longest`, always the same for the same seed, region and version. */
export function seededReplicationSeconds(
  seed: string,
  shortest: number,
  longest: number,
): ReplicationSeconds {
  return (region, _bytes, version) => {
    const digest = createHash("sha256").update(`${seed}|${region}|${version}`).digest();
    return shortest + (digest.readUInt32BE(0) / 0xffffffff) * (longest - shortest);
  };
}
