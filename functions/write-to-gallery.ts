import {
  type EffectiveManifest,
  parseEffectiveManifest,
  type SubmittedFile,
} from "../core/effective-manifest.ts";
import { MANIFEST_FILE } from "../core/file-name.ts";
import type { GalleryVersion } from "../core/gallery-version.ts";
import { type Release, vaultPath } from "../core/naming.ts";
import type { Reason } from "../core/problem.ts";
import type { Unavailable } from "../core/refusals.ts";
import { regionKey } from "../core/region.ts";
import { beingDeleted, busy, otherContent, otherStored } from "../core/rejection.ts";
import { regionsOf, replicationOf } from "../core/replication.ts";
import { exclusionToSend, isOurExclusion, unmarkedTags, withExclusion } from "../core/rollout.ts";
import { contentDifferences } from "../core/same-content.ts";
import { isBusy, missingRegions, versionWrite } from "../core/version-write.ts";
import { type Accepted, acceptedAs, type Altered, type Refused, refused } from "./answered.ts";
import type { Packages, Ports, VersionSource } from "./ports.ts";
import type { PlannedRelease, PlannedWave, ReplicationReading } from "./story-values.ts";

/** Has Azure accept the version, or what it lacks. Looks first, so that an answer that got lost does no harm. */
export async function put(
  { packages, gallery }: Ports,
  { release, manifestSha256, regions, exclusion }: PlannedWave,
): Promise<Accepted | Altered | Refused> {
  const manifest = await manifestInVault(packages, release, manifestSha256);
  const version = await gallery.readVersion(release);
  const fault = version && faultOf(packages, manifest, version);
  if (fault) return refused(fault);
  const targetRegions = manifest.targetRegions.filter(({ name }) => regions.includes(name));
  const write = versionWrite({ ...manifest, targetRegions }, version);
  const source = sourceOf(packages, manifest, version);
  if (write.kind === "put") {
    const { location } = await gallery.read();
    const sent = withExclusion(manifest, exclusionToSend(exclusion, version));
    const operation = await gallery.putVersion(sent, location, source, write.targetRegions);
    // It is accepted, whether or not it can be read back; what comes later compares it as well.
    const stored = await gallery.readVersion(release).catch(() => undefined);
    return alteration(packages, sent, stored) ?? acceptedAs(operation);
  }
  if (write.kind === "update-regions") {
    return acceptedAs(await gallery.updateRegions(release, source, write.targetRegions));
  }
  return "accepted";
}

/** Ends the pipeline's own exclusion of the version from `latest`; does nothing where there is none. */
export async function include(
  { packages, gallery }: Ports,
  { release, manifestSha256 }: PlannedRelease,
): Promise<Accepted | "nothing" | Refused | Unavailable> {
  const version = await gallery.readVersion(release);
  if (!version || !isOurExclusion(version)) return "nothing";
  const manifest = await manifestInVault(packages, release, manifestSha256);
  const fault = faultOf(packages, manifest, version);
  if (fault) return refused(fault);
  if (isBusy(version)) return { state: "unavailable", refusal: { kind: "busy", reason: busy(release) } };
  const regions = version.targetRegions.map((region) => ({ ...region, name: regionKey(region.name) }));
  const source = sourceOf(packages, manifest, version);
  return acceptedAs(await gallery.updateRegions(release, source, regions, false, unmarkedTags(version)));
}

async function manifestInVault(
  packages: Packages,
  release: Release,
  manifestSha256: string,
): Promise<EffectiveManifest> {
  const path = vaultPath(release, manifestSha256, MANIFEST_FILE);
  return parseEffectiveManifest(await packages.readFromVault(path));
}

/** Where the version is read from. One that exists keeps its address, which Azure never changes. */
export function sourceOf(
  packages: Packages,
  manifest: EffectiveManifest,
  version?: GalleryVersion,
): VersionSource {
  const address = (file: SubmittedFile, present: string | undefined): string => {
    const path = present === undefined ? undefined : packages.vaultPathOf(present);
    return packages.vaultUrl(path ?? vaultPath(manifest, file.sha256, file.file));
  };
  const { configuration } = manifest;
  return {
    mediaLink: address(manifest.package, version?.mediaLink),
    ...(configuration && {
      defaultConfigurationLink: address(configuration, version?.defaultConfigurationLink),
    }),
  };
}

/** Why what is wanted cannot be in that version: Azure is deleting it, or it has other content. */
export function faultOf(
  packages: Packages,
  wanted: EffectiveManifest,
  version: GalleryVersion,
): Reason | undefined {
  if (version.provisioningState === "Deleting") return beingDeleted(wanted);
  const differences = contentDifferences(wanted, version, (url) => packages.vaultPathOf(url));
  return differences.length > 0 ? otherContent(wanted, differences) : undefined;
}

function alteration(
  packages: Packages,
  sent: EffectiveManifest,
  stored: GalleryVersion | undefined,
): Altered | undefined {
  if (!stored) return undefined;
  const differences = [...contentDifferences(sent, stored, (url) => packages.vaultPathOf(url))];
  if (sent.excludeFromLatest && !stored.excludeFromLatest)
    differences.push({ field: "excludeFromLatest", submitted: "true", published: "false" });
  return differences.length > 0 ? { state: "altered", reason: otherStored(sent, differences) } : undefined;
}

/** How far the version is in these regions. */
export function readingOf(version: GalleryVersion, regions: readonly string[]): ReplicationReading {
  const lacks = !isBusy(version) && missingRegions(version, regions).length > 0;
  return {
    state: lacks ? "failed" : replicationOf(version, regions),
    regions: regionsOf(version, regions),
  };
}
