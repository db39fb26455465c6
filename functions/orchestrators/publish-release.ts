import { type Drop, isCommittedByManifest } from "../../core/naming.ts";
import type { Outcome } from "../../core/outcome.ts";
import { Problem, type Reason, reasonOf } from "../../core/problem.ts";
import type { ClaimedFile, SubmissionReading } from "../../core/submission.ts";
import type { Plan, PlannedRelease, Refused, Submitted, SubmittedBlob } from "../activities.ts";
import { now, sleep, type Story } from "../vocabulary.ts";
import { accessFor, type AccessTaken, releaseAccess, takeAccess } from "./access-taken.ts";
import { awaitSubmission } from "./await-submission.ts";
import { endingOf, failed, partly, refused } from "./endings.ts";
import { followReplication } from "./follow-replication.ts";
import { patiently, unexpected } from "./patience.ts";
import { type Ending, note, type Telling, tellEnding, tellingOf, tellStep } from "./telling.ts";
import { writeVersion } from "./write-version.ts";

/** What the story is started with. A higher generation tells a drop's story again. */
export interface PublishRelease {
  readonly drop: Drop;
  readonly generation: number;
}

type Complete = Extract<SubmissionReading, { state: "complete" }>;

/** A version on its way: what the steps after its examination go by. */
interface Publication {
  readonly planned: PlannedRelease;
  readonly regions: readonly string[];
  /** Since when the timeout counts: a long wait for files takes nothing from it. */
  readonly begunAt: string;
  readonly timeoutSeconds: number;
}

/** Pauses before regions that failed are tried again; a new role may have reached storage too late for them. */
const MEND_PAUSES: readonly number[] = [60, 300];

/** A submission's way from the drop box into every region. Each ending is reported. */
export function* publishRelease({ drop, generation }: PublishRelease): Story<Outcome> {
  const submission = isCommittedByManifest(drop) ? drop.folder : `unread-${generation}`;
  const telling = tellingOf({ ...drop, submission }, yield* now());
  const ending = yield* caught(publishDrop(telling, drop));
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
  yield* tellStep(telling, "check against the gallery", { sha256, size });
  const examined = yield* patiently("examineRelease", submitted);
  if (examined.state === "refused") return refused(examined.reason);
  const { plan } = examined;
  const { versionId, blobUrl, content, homeRegion, notes } = plan;
  telling.report = { ...telling.report, versionId, blobUrl, content, homeRegion, notes: [...notes] };

  const publication = publicationOf(drop, plan, begunAt, reading.timeoutSeconds);
  if (plan.work === "none") return yield* replicate(telling, publication);
  const fault = yield* prepare(telling, submitted);
  return fault ? refused(fault) : yield* publishWithAccess(telling, publication);
}

function publicationOf(drop: Drop, plan: Plan, begunAt: string, timeoutSeconds: number): Publication {
  const { manifestSha256, regions } = plan;
  const release = { application: drop.application, version: drop.version };
  return { planned: { release, manifestSha256 }, regions, begunAt, timeoutSeconds };
}

/** Verifies the files into the vault and sees to the application: all that needs no access of the gallery's. */
function* prepare(telling: Telling, submitted: Submitted): Story<Reason | undefined> {
  const { application, version } = submitted.drop;
  yield* tellStep(telling, "verify into the vault", { outcome: "publishing" });
  for (const file of [submitted.package, ...(submitted.configuration ? [submitted.configuration] : [])]) {
    const verified = yield* patiently("verifyIntoVault", { release: { application, version }, file });
    if (verified !== "in-vault") return verified.reason;
  }
  const ensured = yield* patiently("ensureApplication", { application, version });
  if (typeof ensured !== "string") return ensured.reason;
  if (ensured === "created")
    note(telling, "The application was created in the gallery, as its profile says.");
  return undefined;
}

function* publishWithAccess(telling: Telling, publication: Publication): Story<Ending> {
  const access = accessFor(publication.planned.release);
  const ending = yield* caught(publish(telling, publication, access));
  yield* releaseAccess(telling, access);
  return ending;
}

function* publish(telling: Telling, publication: Publication, access: AccessTaken): Story<Ending> {
  yield* tellStep(telling, "grant access");
  yield* takeAccess(access);
  yield* tellStep(telling, "publish version", { access: { state: "leased", at: yield* now() } });
  const ending = yield* writeVersion(publication.planned, access);
  return ending ?? (yield* replicateMending(telling, publication, access));
}

/** Follows the replication, and has regions that failed tried again. */
function* replicateMending(telling: Telling, publication: Publication, access: AccessTaken): Story<Ending> {
  for (const pause of MEND_PAUSES) {
    const ending = yield* replicate(telling, publication, access);
    if (ending.reason?.code !== "regions-failed") return ending;
    note(telling, `Tried again: ${ending.reason.message}.`);
    yield* sleep(pause);
    yield* takeAccess(access, { doubt: true });
    const refusal = yield* writeVersion(publication.planned, access);
    if (refusal) return partly(telling.report, refusal.reason ?? ending.reason);
  }
  return yield* replicate(telling, publication, access);
}

function* replicate(telling: Telling, publication: Publication, access?: AccessTaken): Story<Ending> {
  yield* tellStep(telling, "replicate");
  const acceptedAt = yield* now();
  const end = yield* followReplication(telling, { ...publication, acceptedAt, ...(access && { access }) });
  if (access && end !== "timed-out") access.isInUse = false;
  return endingOf(telling.report, end);
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
  yield* tellStep(telling, "hash files");
  const sha256 = yield* patiently("hashFile", { file: { path, etag, size } });
  return typeof sha256 === "string" ? { path, etag, size, sha256 } : sha256;
}

/** The story's ending, also when it throws. */
function* caught(story: Story<Ending>): Story<Ending> {
  try {
    return yield* story;
  } catch (error) {
    return failed(error instanceof Problem ? reasonOf(error) : unexpected(error));
  }
}
