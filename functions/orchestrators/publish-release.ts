import { type Drop, isCommittedByManifest } from "../../core/naming.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { Reason } from "../../core/problem.ts";
import type { ClaimedFile, SubmissionReading } from "../../core/submission.ts";
import type { Plan, Refused, Submitted, SubmittedBlob } from "../story-values.ts";
import { now, sleep, type Story } from "../vocabulary.ts";
import { awaitSubmission } from "./await-submission.ts";
import { checkProvenance } from "./check-provenance.ts";
import { caught, failed, occupied, refused } from "./endings.ts";
import { enterVersion, leaveVersion, pauseWhileOccupied } from "./one-at-a-time.ts";
import { patiently, secondsSince } from "./patience.ts";
import { allRegions, includeOnly, type Publication, replicate, rollOut } from "./roll-out.ts";
import {
  beginStep,
  type Ending,
  note,
  type Telling,
  tellEnding,
  tellingOf,
  tellStep,
  tellWith,
} from "./telling.ts";

/** What the story is started with. A higher generation tells a drop's story again. */
export interface PublishRelease {
  readonly drop: Drop;
  readonly generation: number;
  /** Whether a submission that has ended is to be told again, since somebody asked for it. */
  readonly again?: boolean;
}

type Complete = Extract<SubmissionReading, { state: "complete" }>;

/** A submission's way from the drop box into every region. Each ending is reported. */
export function* publishRelease({ drop, generation, again = false }: PublishRelease): Story<Outcome> {
  const submission = isCommittedByManifest(drop) ? drop.folder : `unread-${generation}`;
  const telling = tellingOf({ ...drop, submission }, yield* now(), !again);
  const ending = yield* caught(publishDrop(telling, drop));
  if (telling.toldAlready) return telling.toldAlready;
  yield* tellEnding(telling, ending);
  return ending.outcome;
}

function* publishDrop(telling: Telling, drop: Drop): Story<Ending> {
  const reading = yield* awaitSubmission(telling, drop);
  if ("outcome" in reading) return reading;
  const begunAt = yield* now();
  const submitted = yield* withDigests(telling, drop, reading);
  if ("reason" in submitted) return refused(submitted.reason);

  const { sha256, size } = submitted.package;
  yield* beginStep(telling, "check against the gallery", { sha256, size });
  const examined = yield* tellWith(telling, "examineRelease", submitted);
  if (examined.state === "refused") return refused(examined.reason);
  const { plan } = examined;
  const { versionId, blobUrl, content, homeRegion, notes } = plan;
  const proven = plan.submitted && { submitted: plan.submitted };
  const judgedBy = plan.profileSha256 !== undefined && { profileSha256: plan.profileSha256 };
  telling.report = {
    ...telling.report,
    ...proven,
    ...judgedBy,
    versionId,
    blobUrl,
    content,
    homeRegion,
    notes: [...notes],
  };

  const publication = publicationOf(drop, plan, begunAt, reading.timeoutSeconds);
  if (plan.work === "none")
    return yield* replicate(telling, { ...publication, regions: allRegions(publication) });
  const unproven = yield* checkProvenance(telling, submitted, plan);
  if (unproven) return unproven;
  return yield* oneByOne(telling, submitted, publication, plan);
}

function publicationOf(drop: Drop, plan: Plan, begunAt: string, timeoutSeconds: number): Publication {
  const { manifestSha256, waves, exclusion } = plan;
  const release = { application: drop.application, version: drop.version };
  return { planned: { release, manifestSha256, exclusion }, waves, begunAt, timeoutSeconds };
}

/** Publishes when nothing else is being done to the version. What was done meanwhile is looked at before. */
function* oneByOne(
  telling: Telling,
  submitted: Submitted,
  publication: Publication,
  plan: Plan,
): Story<Ending> {
  const { release } = publication.planned;
  const entered = yield* enter(telling, publication);
  if ("outcome" in entered) return entered;
  const { isAtOnce, begunAt } = entered;
  const ending = yield* caught(
    isAtOnce
      ? publish(telling, submitted, publication, plan)
      : publishAfterOthers(telling, submitted, { ...publication, begunAt }),
  );
  yield* leaveVersion(release);
  return ending;
}

interface Entered {
  readonly isAtOnce: boolean;
  readonly begunAt: string;
}

function* enter(telling: Telling, { planned, ...publication }: Publication): Story<Entered | Ending> {
  const { release } = planned;
  let { begunAt } = publication;
  let isReserved = false;
  for (let look = 0; ; look++) {
    const entry = yield* enterVersion(release, "publish", isReserved);
    if (entry.state === "entered") return { isAtOnce: look === 0, begunAt };
    if (entry.state === "later") {
      yield* tellStep(telling, `wait: ${release.application} has too many releases within an hour`);
      yield* sleep(entry.seconds);
      // However long the queue is, nothing of it is the publication's own time.
      [isReserved, begunAt] = [true, yield* now()];
      continue;
    }
    if ((yield* secondsSince(begunAt)) >= publication.timeoutSeconds)
      return failed(occupied(release, entry.by));
    if (look === 0) yield* tellStep(telling, "wait for another operation on the version");
    yield* sleep(pauseWhileOccupied(look));
  }
}

function* publishAfterOthers(
  telling: Telling,
  submitted: Submitted,
  publication: Publication,
): Story<Ending> {
  const examined = yield* tellWith(telling, "examineRelease", submitted);
  if (examined.state === "refused") return refused(examined.reason);
  return yield* publish(telling, submitted, publication, examined.plan);
}

function* publish(
  telling: Telling,
  submitted: Submitted,
  publication: Publication,
  { work, hasApplication }: Plan,
): Story<Ending> {
  if (work === "none") return yield* replicate(telling, { ...publication, regions: allRegions(publication) });
  if (work === "include") return yield* includeOnly(telling, publication);
  const fault = yield* prepare(telling, submitted, hasApplication);
  return fault ? refused(fault) : yield* rollOut(telling, publication);
}

/** Verifies the files into the vault and sees to the application: all that needs no access of the gallery's. */
function* prepare(
  telling: Telling,
  submitted: Submitted,
  hasApplication: boolean,
): Story<Reason | undefined> {
  const { application, version } = submitted.drop;
  yield* beginStep(telling, "verify into the vault", { outcome: "publishing" });
  for (const file of [submitted.package, ...(submitted.configuration ? [submitted.configuration] : [])]) {
    const verified = yield* tellWith(telling, "verifyIntoVault", { release: { application, version }, file });
    if (verified !== "in-vault") return verified.reason;
  }
  if (hasApplication) return undefined;
  const ensured = yield* patiently("ensureApplication", { application, version });
  if (typeof ensured !== "string") return ensured.reason;
  if (ensured === "created")
    note(telling, "The application was created in the gallery, as its profile says.");
  return undefined;
}

function* withDigests(telling: Telling, drop: Drop, reading: Complete): Story<Submitted | Refused> {
  const { submission, manifest, configuration } = reading;
  const main = yield* withDigest(telling, reading.package);
  if ("reason" in main) return main;
  const second = configuration && (yield* withDigest(telling, configuration));
  if (second && "reason" in second) return second;
  return { drop, submission, manifest, package: main, configuration: second };
}

function* withDigest(telling: Telling, file: ClaimedFile): Story<SubmittedBlob | Refused> {
  const { path, etag, size } = file;
  if (file.sha256 !== null) return { path, etag, size, sha256: file.sha256 };
  yield* beginStep(telling, "hash files");
  const sha256 = yield* tellWith(telling, "hashFile", { file: { path, etag, size } });
  return typeof sha256 === "string" ? { path, etag, size, sha256 } : sha256;
}
