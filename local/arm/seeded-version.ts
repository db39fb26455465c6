import { publishedDate } from "./azure-time.ts";
import { mergedProfile } from "./publishing-profile.ts";
import type { VersionRecord } from "./records.ts";
import { regionNamed } from "./regions.ts";
import type { SentProfile } from "./version-body.ts";

/** A version that is there from the start; Succeeded, unless some of its regions failed. */
export type FinishedVersion = {
  readonly id: string;
  readonly location: string;
  readonly profile: SentProfile;
  readonly digest: string;
  readonly packageBytes?: number;
  /** Reasons by display name. */
  readonly failures?: Readonly<Record<string, string>>;
};

/** The record of a version that was published at `now`. */
export function seededVersion(seed: FinishedVersion, now: number, regions: readonly string[]): VersionRecord {
  const location = regionNamed(seed.location, regions) ?? { name: seed.location, displayName: seed.location };
  const context = { location, regions, publishedDate: publishedDate(now) };
  const profile = mergedProfile({ storageAccountType: "Standard_LRS", ...seed.profile }, undefined, context);
  return {
    id: seed.id,
    location: seed.location,
    tags: {},
    profile,
    copies: profile.targetRegions.map((region) => ({
      displayName: region.name,
      startsAt: now,
      endsAt: now,
      failure: seed.failures?.[region.name],
      digest: seed.digest,
    })),
    change: { kind: "Creating", operationId: "", endsAt: now },
    publishedDigest: seed.digest,
    packageBytes: seed.packageBytes ?? 1,
  };
}
