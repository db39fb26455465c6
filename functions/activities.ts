import {
  type AccountClaim,
  CLAIM_PATH,
  claimedByAnother,
  claimText,
  isAnothers,
  parseClaim,
} from "../core/account-claim.ts";
import { type Drop, type Release, vaultPath } from "../core/naming.ts";
import type { RefusalContext, Unavailable } from "../core/refusals.ts";
import { noApplication, otherDigest, superseded } from "../core/rejection.ts";
import { type Report, sameRegions, withRegions } from "../core/report.ts";
import { type DroppedFile, fileNameOf } from "../core/submission.ts";
import { type Accepted, answered as answeredWith, type Refused, refused } from "./answered.ts";
import { checkProvenance, type ProvenanceQuestion } from "./check-provenance.ts";
import { examine, lookAt, profileOf } from "./examine-release.ts";
import type { NotificationActivities } from "./notify.ts";
import { accessAt, type Packages, type Ports, type Reports, VAULT } from "./ports.ts";
import { type Carrying, type SavedReport, saveReport, telling, type ToldAlready } from "./report-saving.ts";
import type { StoryActivities } from "./story-activities.ts";
import type {
  FoundLessee,
  LeasedPlace,
  PlannedRelease,
  PlannedWave,
  ReplicationReading,
  Submitted,
  SubmittedBlob,
  ToldSoFar,
} from "./story-values.ts";
import type { VersionUpdates } from "./version-updates.ts";
import { include, put, readingOf } from "./write-to-gallery.ts";

/** What of the configuration activities go by. */
export interface ActivityRules {
  /** How access is kept: given for each need and taken back, or there for good. */
  readonly access: "leased" | "standing";
  /** The function app's ARM id; without it, nobody notices a second app on the account. */
  readonly functionAppId?: string | undefined;
  /** Hears of each report that is saved. */
  readonly onSaved?: (report: Report) => void;
}

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
