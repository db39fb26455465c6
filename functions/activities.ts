import {
  type AccountClaim,
  CLAIM_PATH,
  claimedByAnother,
  claimText,
  isAnothers,
  parseClaim,
} from "../core/account-claim.ts";
import { type ContentDigests, contentDigests } from "../core/content-digests.ts";
import {
  type EffectiveManifest,
  effectiveManifest,
  effectiveManifestText,
  parseEffectiveManifest,
  type SubmittedFile,
} from "../core/effective-manifest.ts";
import { MANIFEST_FILE } from "../core/file-name.ts";
import type { GalleryVersion, RegionReplication } from "../core/gallery-version.ts";
import { type Manifest, parseManifest } from "../core/manifest.ts";
import { type Drop, dropPrefix, manifestPath, type Release, sha256, vaultPath } from "../core/naming.ts";
import { Problem, type Reason, reasonOf } from "../core/problem.ts";
import { parseProfile, type Profile } from "../core/profile.ts";
import type { RefusalContext, Unavailable } from "../core/refusals.ts";
import {
  beingDeleted,
  busy,
  noApplication,
  notesOn,
  otherContent,
  otherDigest,
  otherStored,
  superseded,
  unknownRegions,
} from "../core/rejection.ts";
import { asksProvenance } from "../core/provenance-gate.ts";
import { regionKey } from "../core/region.ts";
import { regionsOf, replicationOf } from "../core/replication.ts";
import {
  type Exclusion,
  exclusionOf,
  exclusionToSend,
  isOurExclusion,
  unmarkedTags,
  type Wave,
  wavesOf,
  withExclusion,
} from "../core/rollout.ts";
import { type ProvenSubmission, type Report, sameRegions, withRegions } from "../core/report.ts";
import { withSubmitter } from "../core/submitter-tags.ts";
import { contentDifferences } from "../core/same-content.ts";
import {
  bareManifest,
  type DroppedFile,
  fileNameOf,
  readSubmission,
  type SubmissionReading,
} from "../core/submission.ts";
import type { NotificationActivities } from "./notify.ts";
import type { StoryActivities } from "./story-activities.ts";
import type { VersionUpdates } from "./version-updates.ts";
import { isUploadId, parseUpload, uploadPath } from "../core/upload.ts";
import { isBusy, missingRegions, type VersionWrite, versionWrite } from "../core/version-write.ts";
import { type Accepted, acceptedAs, type Altered, answered as answeredWith } from "./answered.ts";
import { checkProvenance, type ProvenanceQuestion } from "./check-provenance.ts";
import { accessAt, type Packages, type Ports, type Reports, VAULT, type VersionSource } from "./ports.ts";
import { type Carrying, type SavedReport, saveReport, telling, type ToldAlready } from "./report-saving.ts";

export type { SavedReport, ToldAlready };

/** That a submission cannot be published, and why. */
export interface Refused {
  readonly state: "refused";
  readonly reason: Reason;
}

/** A dropped file whose digest is known. */
export type SubmittedBlob = DroppedFile & { readonly sha256: string };

/** A complete submission whose digests are known: small, since the orchestration carries it. */
export interface Submitted {
  readonly drop: Drop;
  readonly submission: string;
  readonly manifest: DroppedFile | null;
  readonly package: SubmittedBlob;
  readonly configuration: SubmittedBlob | null;
}

/** What is going to be published. The effective manifest itself lies in the vault, under its digest. */
export interface Plan {
  readonly manifestSha256: string;
  readonly versionId: string;
  /** The package in the vault. */
  readonly blobUrl: string;
  /** Digests of what can never change, so that a later run can compare before it uploads. */
  readonly content: ContentDigests;
  /** The gallery's own region, in its short form. */
  readonly homeRegion: string;
  /** All target regions, in the waves in which they get the version. */
  readonly waves: readonly Wave[];
  readonly exclusion: Exclusion;
  readonly notes: readonly string[];
  /** `include`: every region has it, and it only has to get into `latest`. */
  readonly work: VersionWrite["kind"] | "include";
  /** Who was proven to have submitted it; null: nobody. */
  readonly submitted: ProvenSubmission | null;
  /** Whether the profile wants the origin checked before anything is granted. */
  readonly asksProvenance: boolean;
  /** Whether the gallery has the application; otherwise it is to be created. */
  readonly hasApplication: boolean;
  /** The digest of the profile that was gone by. Absent: there is none. */
  readonly profileSha256?: string;
}

/** A release, where its effective manifest lies, and how it is kept out of `latest`. */
export interface PlannedRelease {
  readonly release: Release;
  readonly manifestSha256: string;
  readonly exclusion: Exclusion;
}

/** A release on its way to some of its regions. */
export interface PlannedWave extends PlannedRelease {
  readonly regions: readonly string[];
}

/** How far a version is. `failed`: Azure has ended its work, and regions failed or are not there. */
export interface ReplicationReading {
  readonly state: "replicating" | "replicated" | "failed";
  readonly regions: readonly RegionReplication[];
}

/** What is told of a replication while it is read: the report so far, and the time of the reading. */
export interface ToldSoFar extends SavedReport {
  readonly isSaved: boolean;
  readonly acceptedAt: string;
  readonly at: string;
}

/** Who reads a place of packages, and the name of the assignment that lets it. */
export type FoundLessee =
  | { readonly state: "leased"; readonly leaseId: string; readonly principalId: string }
  | { readonly state: "standing" }
  | { readonly state: "no-such-place" };

/** A lease, and whether Azure has its assignment. */
export interface LeasedPlace {
  readonly leaseId: string;
  readonly place: string;
  readonly principalId: string;
  readonly ours: boolean;
}

/** What of the configuration activities go by. */
export interface ActivityRules {
  /** How access is kept: given for each need and taken back, or there for good. */
  readonly access: "leased" | "standing";
  /** The function app's ARM id; without it, nobody notices a second app on the account. */
  readonly functionAppId?: string | undefined;
  /** Hears of each report that is saved. */
  readonly onSaved?: (report: Report) => void;
}

export type { Accepted, Altered } from "./answered.ts";

/** The activities of the function app, by the name they are registered under. */
export type Activities = ReturnType<typeof createActivities> &
  VersionUpdates &
  StoryActivities &
  NotificationActivities;

/**
 * What stories can have done: each is safe to run twice. Expected answers are values, among them {@link Unavailable};
 * anything thrown is a surprise. `names` makes next steps concrete.
 */
export function createActivities(ports: Ports, names: RefusalContext, rules: ActivityRules) {
  const { packages, gallery, reports } = ports;

  async function save(told: SavedReport): Promise<ToldAlready | undefined> {
    const toldAlready = await saveReport(reports, told);
    if (!toldAlready) rules.onSaved?.(told.report);
    return toldAlready;
  }

  /** The activity with refusals of Azure's and problems as values. */
  function answered<Input, Output>(
    act: (input: Input) => Promise<Output>,
  ): (input: Input) => Promise<Output | Unavailable> {
    return (input) => answeredWith(() => act(input), names);
  }

  /** The same, saving what the story tells before. */
  function tellingly<Input, Output>(
    act: (input: Input) => Promise<Output>,
  ): (input: Input & Carrying) => Promise<Output | ToldAlready | Unavailable> {
    return answered(telling(save, act));
  }

  return {
    /** Looks whether a drop is complete. `settled` is the id under which its files were seen a settling time ago. */
    readSubmission: tellingly((input: { drop: Drop; settled: string | null }) => lookAt(packages, input)),

    /** The digest of a file for which nobody claimed one. May take 20 minutes. */
    hashFile: tellingly(async ({ file }: { file: DroppedFile }): Promise<string | Refused> => {
      const digest = await packages.digest(file);
      return typeof digest === "string" ? refused(superseded(fileNameOf(file), digest)) : digest.sha256;
    }),

    /** What there is to do for a submission, or why it is refused. Puts its effective manifest into the vault. */
    examineRelease: tellingly((submitted: Submitted) => examine(ports, submitted)),

    /** What is proven about where a package comes from, and whether that is enough. Keeps a good attestation. */
    checkProvenance: tellingly((question: ProvenanceQuestion) => checkProvenance(ports, question)),

    /** Copies a submitted file into the vault, if its bytes are what was claimed. May take 20 minutes. */
    verifyIntoVault: tellingly((input: { release: Release; file: SubmittedBlob }) => verify(packages, input)),

    /** Creates the application from its profile when the gallery lacks it. */
    ensureApplication: answered(async (release: Release): Promise<"present" | "created" | Refused> => {
      if (await gallery.hasApplication(release.application)) return "present";
      const profile = await profileOf(packages, release.application);
      if (!profile) return refused(noApplication(release));
      const { location } = await gallery.read();
      await gallery.createApplication(release.application, location, profile);
      return "created";
    }),

    /** Whose access to a place of packages is to be leased; `standing` when it is there for good. */
    findLessee: tellingly(async ({ place }: { place: string }): Promise<FoundLessee> => {
      if (rules.access === "standing") return { state: "standing" };
      const { claim } = await claimOf(reports);
      if (rules.functionAppId !== undefined && claim && claim.app !== rules.functionAppId)
        throw claimedByAnother(claim);
      const { principalId } = await gallery.read();
      const leaseId = accessAt(ports, place)?.assignmentName(principalId);
      return leaseId === undefined ? { state: "no-such-place" } : { state: "leased", leaseId, principalId };
    }),

    /** Says that this function app works on the account, and whether it is the only one. */
    claimAccount: answered(async ({ at }: { at: string }): Promise<"ours"> => {
      const { functionAppId: app } = rules;
      if (app === undefined || rules.access === "standing") return "ours";
      const { claim: present, etag } = await claimOf(reports);
      if (present && isAnothers(present, app, at)) throw claimedByAnother(present);
      // Whoever was quicker is found at the next look.
      await reports.write(CLAIM_PATH, claimText({ app, seenAt: at }), etag);
      return "ours";
    }),

    /** Every lease that there may be: of the gallery's present identity, and of those that still have an assignment. */
    findLeases: answered((_: object): Promise<LeasedPlace[]> => findLeases(ports, rules)),

    /** Has Azure accept the version, or what it lacks. Looks first, so that an answer that got lost does no harm. */
    putVersion: answered((wave: PlannedWave) => put(ports, wave)),

    /** Ends the pipeline's own exclusion of the version from `latest`; does nothing where there is none. */
    includeInLatest: answered(
      (planned: PlannedRelease): Promise<Accepted | "nothing" | Refused | Unavailable> =>
        include(ports, planned),
    ),

    /** Why an operation failed that Azure had accepted, or null when Azure does not tell. */
    readFailure: answered(
      async ({ operation }: { operation: string }): Promise<string | null> =>
        (await gallery.whyFailed(operation)) ?? null,
    ),

    /** How far the version is in the wanted regions. Saves the report when there is something new to tell. */
    readReplication: answered(
      async (input: {
        release: Release;
        regions: readonly string[];
        told: ToldSoFar;
      }): Promise<ReplicationReading | "absent" | ToldAlready> => {
        const version = await gallery.readVersion(input.release);
        const reading = version && readingOf(version, input.regions);
        const { isSaved, acceptedAt, at, ...told } = input.told;
        const report = reading ? withRegions(told.report, reading.regions, acceptedAt, at) : told.report;
        const isNews = !isSaved || !sameRegions(report, told.report);
        const toldAlready = isNews ? await save({ ...told, report }) : undefined;
        return toldAlready ?? reading ?? "absent";
      },
    ),

    /**
     * Writes a submission's report, and the release's unless that already tells of something better. `keepsEnding`: a
     * report that another telling has ended stays as it is.
     */
    saveReport: answered(
      async (input: SavedReport): Promise<"saved" | ToldAlready> => (await save(input)) ?? "saved",
    ),
  };
}

async function claimOf(
  reports: Reports,
): Promise<{ claim: AccountClaim | undefined; etag: string | undefined }> {
  const found = await reports.read(CLAIM_PATH);
  return { claim: found && parseClaim(found.text), etag: found?.etag };
}

async function findLeases(ports: Ports, rules: ActivityRules): Promise<LeasedPlace[]> {
  if (rules.access === "standing") return [];
  const present = (await ports.gallery.read()).principalId;
  const leases: LeasedPlace[] = [];
  for (const place of [VAULT, ...(ports.legacyPlaces ?? [])]) {
    const access = accessAt(ports, place);
    const granted = (await access?.granted()) ?? [];
    for (const principalId of new Set([present, ...granted])) {
      const leaseId = access?.assignmentName(principalId) ?? "";
      leases.push({ leaseId, place, principalId, ours: granted.includes(principalId) });
    }
  }
  return leases;
}

async function lookAt(
  packages: Packages,
  { drop, settled }: { drop: Drop; settled: string | null },
): Promise<SubmissionReading> {
  const files = await packages.list(dropPrefix(drop));
  const manifest = files.find((file) => file.path === manifestPath(drop));
  const read = manifest && (await packages.readDropped(manifest));
  // Written again since it was listed: soon there is a new one to look at.
  if (typeof read === "string") return { state: "settling", submission: `manifest ${read}`, seconds: 5 };
  return readSubmission({
    drop,
    files,
    manifestText: read?.text,
    profile: await profileOf(packages, drop.application),
    settled: settled ?? undefined,
  });
}

async function examine(
  { packages, gallery, reports }: Ports,
  submitted: Submitted,
): Promise<{ state: "accepted"; plan: Plan } | Refused> {
  const { drop } = submitted;
  const read = await manifestOf(packages, submitted);
  if ("state" in read) return read;
  const { manifest, manifestSha256: digest } = read;
  const proven = digest === null ? null : await provenSubmission(reports, drop, digest);
  const profileText = await packages.readProfile(drop.application);
  const profile = profileText === undefined ? undefined : parseProfile(profileText, drop.application);
  const { location } = await gallery.read();
  const merged = orRefused(() => effectiveManifest(manifest, profile, filesOf(submitted), location));
  if ("state" in merged) return merged;
  const effective = withSubmitter(merged, proven?.by);

  const known = await gallery.regions();
  const strangers = known && unknownRegions(effective.targetRegions, known);
  if (strangers) return refused(strangers);
  const hasApplication = await gallery.hasApplication(drop.application);
  if (!profile && !hasApplication) return refused(noApplication(drop));
  const version = await gallery.readVersion(drop);
  const fault = version && faultOf(packages, effective, version);
  if (fault) return refused(fault);

  const exclusion = exclusionOf(effective, profile?.latest);
  const text = effectiveManifestText(effective);
  const manifestSha256 = sha256(text);
  await packages.writeIntoVault(vaultPath(drop, manifestSha256, MANIFEST_FILE), text);
  return {
    state: "accepted",
    plan: {
      manifestSha256,
      versionId: gallery.versionId(drop),
      blobUrl: sourceOf(packages, effective, version).mediaLink,
      content: contentDigests(effective),
      homeRegion: regionKey(location),
      waves: wavesOf(effective, profile?.waves, location),
      exclusion,
      notes: notesOn(effective, manifest.targetRegions ?? profile?.targetRegions ?? [], location, {
        versionExists: version !== undefined,
        regionsChecked: known !== undefined,
      }),
      work: workOn(effective, version, exclusion),
      submitted: proven,
      asksProvenance: asksProvenance(profile, drop, proven !== null),
      hasApplication,
      ...(profileText !== undefined && { profileSha256: sha256(profileText) }),
    },
  };
}

function workOn(
  manifest: EffectiveManifest,
  version: GalleryVersion | undefined,
  exclusion: Exclusion,
): Plan["work"] {
  const { kind } = versionWrite(manifest, version);
  const isToInclude = version && isOurExclusion(version) && exclusion !== "for-good";
  return kind === "none" && isToInclude ? "include" : kind;
}

async function manifestOf(
  packages: Packages,
  { drop, ...submitted }: Submitted,
): Promise<{ readonly manifest: Manifest; readonly manifestSha256: string | null } | Refused> {
  if (!submitted.manifest) {
    return { manifest: bareManifest(drop, fileNameOf(submitted.package)), manifestSha256: null };
  }
  const read = await packages.readDropped(submitted.manifest);
  if (typeof read === "string") return refused(superseded(MANIFEST_FILE, read));
  return { manifest: parseManifest(read.text), manifestSha256: sha256(read.text) };
}

/** Who was proven to have submitted this very manifest through the endpoints; null: nobody. */
async function provenSubmission(
  reports: Pick<Reports, "read">,
  { application, version, folder }: Drop,
  manifestSha256: string,
): Promise<ProvenSubmission | null> {
  if (!isUploadId(folder)) return null;
  const found = await reports.read(uploadPath({ application, version, submission: folder }));
  const upload = found && parseUpload(found.text);
  // Whoever may write to the drop box could have put another manifest there.
  return upload?.manifestSha256 === manifestSha256 ? { by: upload.by, manifestSha256 } : null;
}

async function verify(
  packages: Packages,
  { release, file }: { release: Release; file: SubmittedBlob },
): Promise<"in-vault" | Refused> {
  const name = fileNameOf(file);
  const place = { path: vaultPath(release, file.sha256, name), size: file.size, sha256: file.sha256 };
  const copied = await packages.copyIntoVault(file, place);
  if (copied === "in-vault") return copied;
  return refused(
    typeof copied === "string" ? superseded(name, copied) : otherDigest(name, file.sha256, copied),
  );
}

async function put(
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

async function include(
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
function sourceOf(packages: Packages, manifest: EffectiveManifest, version?: GalleryVersion): VersionSource {
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

function faultOf(packages: Packages, wanted: EffectiveManifest, version: GalleryVersion): Reason | undefined {
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

function readingOf(version: GalleryVersion, regions: readonly string[]): ReplicationReading {
  const lacks = !isBusy(version) && missingRegions(version, regions).length > 0;
  return {
    state: lacks ? "failed" : replicationOf(version, regions),
    regions: regionsOf(version, regions),
  };
}

async function profileOf(packages: Packages, application: string): Promise<Profile | undefined> {
  const text = await packages.readProfile(application);
  return text === undefined ? undefined : parseProfile(text, application);
}

function filesOf(submitted: Submitted): { package: SubmittedFile; configuration?: SubmittedFile } {
  const file = (blob: SubmittedBlob): SubmittedFile => ({
    file: fileNameOf(blob),
    size: blob.size,
    sha256: blob.sha256,
  });
  return {
    package: file(submitted.package),
    ...(submitted.configuration && { configuration: file(submitted.configuration) }),
  };
}

/** What `make` makes; a problem that it throws is the submission's own. */
function orRefused<Result>(make: () => Result): Result | Refused {
  try {
    return make();
  } catch (error) {
    if (error instanceof Problem) return refused(reasonOf(error));
    throw error;
  }
}

function refused(reason: Reason): Refused {
  return { state: "refused", reason };
}
