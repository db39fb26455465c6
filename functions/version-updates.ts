import type { ContentDigests } from "../core/content-digests.ts";
import type { GalleryVersion } from "../core/gallery-version.ts";
import { foreignSource, legacyBlobOf, type LegacySource } from "../core/legacy-source.ts";
import { digestOfVaultPath, type Release, releaseReportPath } from "../core/naming.ts";
import type { Operation } from "../core/operation.ts";
import type { Reason } from "../core/problem.ts";
import { defaultRules, parseProfile } from "../core/profile.ts";
import type { RefusalContext } from "../core/refusals.ts";
import { beingDeleted, unknownRegions } from "../core/rejection.ts";
import { regionKey } from "../core/region.ts";
import { parseReport, type Report } from "../core/report.ts";
import { regionsAfter, untouchedRegions, versionUpdate } from "../core/version-update.ts";
import { type Accepted, acceptedAs, answered, type Refused, refused } from "./answered.ts";
import { type Ports, VAULT, type VersionSource } from "./ports.ts";

/** What an operation comes to, as long as nobody else changes the version. */
export interface UpdatePlan {
  readonly state: "accepted";
  readonly work: "update" | "mend" | "wait" | "none";
  readonly versionId: string;
  readonly blobUrl: string;
  /** The place of packages that the gallery reads: `vault`, or the ARM id of a legacy container. */
  readonly place: string;
  readonly homeRegion: string;
  readonly sha256: string | null;
  readonly size: number | null;
  readonly content: ContentDigests | null;
  /** Every region that the version has when the operation is done. */
  readonly regions: readonly string[];
  /** Regions that were asked for and are there already; they stay as they are. */
  readonly untouched: readonly string[];
  readonly timeoutSeconds: number;
}

interface Place {
  readonly source: VersionSource;
  readonly place: string;
}

/** The activities that change published versions, by the name they are registered under. */
export type VersionUpdates = ReturnType<typeof createVersionUpdates>;

/**
 * The activities that change a version which is in the gallery. Beside the vault, packages may lie in `legacySources`.
 * Expected answers are values; `names` makes next steps concrete.
 */
export function createVersionUpdates(
  ports: Ports,
  names: RefusalContext,
  legacySources: readonly LegacySource[] = [],
) {
  const { packages, gallery } = ports;

  /** Where the version is read from, or why it may not be touched. */
  function placeOf(release: Release, version: GalleryVersion): Place | Reason {
    const main = placeOfFile(version.mediaLink);
    const second = version.defaultConfigurationLink;
    const configuration = second === undefined ? undefined : placeOfFile(second);
    if (!main) return foreignSource(release, version.mediaLink);
    if (second === undefined) return { source: { mediaLink: main.url }, place: main.place };
    // One lease covers one container, so both files have to lie in the same.
    if (configuration?.place !== main.place) return foreignSource(release, second);
    const source = { mediaLink: main.url, defaultConfigurationLink: configuration.url };
    return { source, place: main.place };
  }

  function placeOfFile(url: string): { url: string; place: string } | undefined {
    const path = packages.vaultPathOf(url);
    if (path !== undefined) return { url: packages.vaultUrl(path), place: VAULT };
    const legacy = legacyBlobOf(url, legacySources);
    return legacy && { url: legacy.url, place: legacy.source.id };
  }

  async function examine({ operation }: { operation: Operation }): Promise<UpdatePlan | Refused> {
    const release = { application: operation.application, version: operation.version };
    const version = await gallery.readVersion(release);
    if (!version) return refused(unknownVersion(release));
    if (version.provisioningState === "Deleting") return refused(beingDeleted(release));
    const known = operation.kind === "expand" ? await gallery.regions() : undefined;
    const wanted = operation.kind === "expand" ? operation.targetRegions : [];
    const strangers = known && unknownRegions(wanted, known);
    if (strangers) return refused(strangers);
    const place = placeOf(release, version);
    if ("code" in place) return refused(place);
    const update = versionUpdate(operation, version);
    if (update.kind === "refused") return refused(update.reason);
    const report = await releaseReport(release);
    const path = packages.vaultPathOf(place.source.mediaLink);
    return {
      state: "accepted",
      work: update.kind,
      versionId: gallery.versionId(release),
      blobUrl: place.source.mediaLink,
      place: place.place,
      homeRegion: regionKey(version.location),
      sha256: report?.sha256 ?? (path === undefined ? null : (digestOfVaultPath(path) ?? null)),
      size: report?.size ?? null,
      content: report?.content ?? null,
      regions: regionsAfter(operation, version),
      untouched: untouchedRegions(operation, version),
      timeoutSeconds: await timeoutSecondsOf(release.application),
    };
  }

  async function update({ operation }: { operation: Operation }): Promise<Accepted | "nothing" | Refused> {
    const release = { application: operation.application, version: operation.version };
    const version = await gallery.readVersion(release);
    if (!version) return refused(unknownVersion(release));
    const place = placeOf(release, version);
    if ("code" in place) return refused(place);
    const wanted = versionUpdate(operation, version);
    if (wanted.kind === "refused") return refused(wanted.reason);
    if (!("targetRegions" in wanted)) return "nothing";
    const { targetRegions, excludeFromLatest, tags } = wanted;
    const { source } = place;
    return acceptedAs(await gallery.updateRegions(release, source, targetRegions, excludeFromLatest, tags));
  }

  async function releaseReport(release: Release): Promise<Report | undefined> {
    const found = await ports.reports.read(releaseReportPath(release));
    return found && parseReport(found.text);
  }

  async function timeoutSecondsOf(application: string): Promise<number> {
    const text = await packages.readProfile(application);
    const rules = text === undefined ? defaultRules : parseProfile(text, application);
    return rules.timeoutMinutes * 60;
  }

  return {
    /** What there is to do for an operation on a published version, or why it is refused. Changes nothing. */
    examineUpdate: (input: { operation: Operation }) => answered(() => examine(input), names),

    /** Has Azure accept what the operation still lacks, reckoned from what Azure has at this moment. */
    writeUpdate: (input: { operation: Operation }) => answered(() => update(input), names),
  };
}

function unknownVersion({ application, version }: Release): Reason {
  return {
    code: "version-unknown",
    message: `the gallery has no ${application} ${version}`,
    nextStep: "Check application and version; publish the release first.",
  };
}
