import { durationText } from "../../core/duration.ts";
import type { Reason } from "../../core/problem.ts";
import type { Wave } from "../../core/rollout.ts";
import type { PlannedRelease } from "../story-values.ts";
import { HALT, now, sleep, type Story, waitForEvent } from "../vocabulary.ts";
import { accessFor, type AccessTaken, keepAccess, releaseAccess, takeAccess } from "./access-taken.ts";
import { caught, endingOf, partly } from "./endings.ts";
import { followReplication } from "./follow-replication.ts";
import { beginStep, type Ending, note, type Telling, tellStep } from "./telling.ts";
import { includeVersion, writeVersion } from "./write-version.ts";

/** A version on its way: what the steps after its examination go by. */
export interface Publication {
  readonly planned: PlannedRelease;
  readonly waves: readonly Wave[];
  /** Since when the timeout counts: a long wait for files takes nothing from it. */
  readonly begunAt: string;
  readonly timeoutSeconds: number;
}

/** A publication as far as it goes by now. */
interface Reach extends Publication {
  readonly regions: readonly string[];
}

/** Pauses before regions that failed are tried again; a new role may have reached storage too late for them. */
const MEND_PAUSES: readonly number[] = [60, 300];

/** Access is given back while regions bake for longer than this. */
const SHORT_BAKE_SECONDS = 600;

/** Every region that the publication is to reach. */
export function allRegions({ waves }: Publication): string[] {
  return waves.flatMap(({ regions }) => regions);
}

/** Brings a version to its regions, wave after wave, and into `latest` at the end; with access, which it gives back. */
export function* rollOut(telling: Telling, publication: Publication): Story<Ending> {
  const access = accessFor(publication.planned.release);
  const ending = yield* caught(waveByWave(telling, publication, access));
  yield* releaseAccess(telling, access);
  return ending;
}

function* waveByWave(telling: Telling, publication: Publication, access: AccessTaken): Story<Ending> {
  const { waves } = publication;
  let reach: Reach = { ...publication, regions: [] };
  for (const [index, { regions, bakeSeconds }] of waves.entries()) {
    yield* tellAccess(telling, access);
    // Neither waiting for a place at the lease nor baking is time spent replicating.
    reach = { ...reach, regions: [...reach.regions, ...regions], begunAt: yield* now() };
    const ending = yield* publishWave(telling, reach, access);
    if (ending.outcome !== "published") return ending;
    if (index === waves.length - 1) break;
    const halted = yield* bake(telling, reach, access, bakeSeconds);
    if (halted) return { outcome: "halted", reason: halted };
  }
  return yield* intoLatest(telling, reach, access);
}

function* publishWave(telling: Telling, reach: Reach, access: AccessTaken): Story<Ending> {
  yield* beginStep(telling, "publish version");
  const ending = yield* writeVersion(telling, waveOf(reach), access);
  return ending ?? (yield* replicateMending(telling, reach, access));
}

/** Follows the replication, and has regions that failed tried again. */
function* replicateMending(telling: Telling, reach: Reach, access: AccessTaken): Story<Ending> {
  for (const [rounds, pause] of MEND_PAUSES.entries()) {
    const ending = yield* replicate(telling, reach, access, rounds);
    if (ending.reason?.code !== "regions-failed") return ending;
    note(telling, `Tried again: ${ending.reason.message}.`);
    yield* sleep(pause);
    yield* takeAccess(telling, access, { doubt: true });
    const refusal = yield* writeVersion(telling, waveOf(reach), access);
    if (refusal) return partly(telling.report, refusal.reason ?? ending.reason);
  }
  return yield* replicate(telling, reach, access, MEND_PAUSES.length);
}

/** Follows the version into these regions. */
export function* replicate(
  telling: Telling,
  reach: Omit<Reach, "waves">,
  access?: AccessTaken,
  rounds = 0,
): Story<Ending> {
  yield* beginStep(telling, "replicate");
  return yield* follow(telling, reach, access, rounds);
}

function* follow(
  telling: Telling,
  { planned, regions, begunAt, timeoutSeconds }: Omit<Reach, "waves">,
  access?: AccessTaken,
  rounds = 0,
): Story<Ending> {
  const acceptedAt = yield* now();
  const following = { planned, regions, begunAt, timeoutSeconds, acceptedAt, rounds };
  const end = yield* followReplication(telling, { ...following, ...(access && { access }) });
  if (access && end !== "timed-out") access.isInUse = false;
  return endingOf(telling.report, end);
}

/** Lets a wave's regions have the version for a while. Gives the reason when somebody halts the publication. */
function* bake(
  telling: Telling,
  reach: Reach,
  access: AccessTaken,
  seconds: number,
): Story<Reason | undefined> {
  if (seconds > SHORT_BAKE_SECONDS) yield* releaseAccess(telling, access);
  else yield* keepAccess(access);
  yield* tellStep(telling, `bake for ${durationText(seconds)}`);
  const waited = yield* waitForEvent(HALT, seconds);
  return waited === "arrived" ? halted(reach) : undefined;
}

/** Every region has it: now virtual machines that ask for the latest version may get it. */
function* intoLatest(telling: Telling, reach: Reach, access: AccessTaken): Story<Ending> {
  if (reach.planned.exclusion === "for-good") return { outcome: "published", reason: null };
  yield* tellAccess(telling, access);
  yield* beginStep(telling, "put into latest");
  const refusal = yield* includeVersion(telling, reach.planned, access);
  if (refusal) return { outcome: "partly-published", reason: refusal.reason && notInLatest(refusal.reason) };
  const ending = yield* follow(telling, reach, access);
  if (ending.outcome === "published") return ending;
  return { outcome: ending.outcome, reason: ending.reason && notInLatest(ending.reason) };
}

/** Only when all regions have it does the version get into `latest`, here for one that lacks nothing else. */
export function* includeOnly(telling: Telling, publication: Publication): Story<Ending> {
  const access = accessFor(publication.planned.release);
  const reach = { ...publication, regions: allRegions(publication) };
  const ending = yield* caught(intoLatest(telling, reach, access));
  yield* releaseAccess(telling, access);
  return ending;
}

function* tellAccess(telling: Telling, access: AccessTaken): Story<void> {
  const isFirst = access.held === null;
  if (isFirst) yield* beginStep(telling, "grant access");
  yield* takeAccess(telling, access);
  if (isFirst && access.held !== null) {
    telling.report = { ...telling.report, access: { state: "leased", at: yield* now() } };
  }
}

function waveOf({ planned, regions }: Reach) {
  return { ...planned, regions };
}

function halted(reach: Reach): Reason {
  const { application, version } = reach.planned.release;
  const left = allRegions(reach).filter((name) => !reach.regions.includes(name));
  return {
    code: "halted",
    message: `${application} ${version} was halted in ${reach.regions.join(", ")}; it is not in ${left.join(", ")}`,
    nextStep:
      "Submit the same release again to go on with it, or publish a mended one under a new version number.",
  };
}

function notInLatest({ code, message, nextStep }: Reason): Reason {
  return {
    code,
    message: `every region has the version, but it could not be put into latest: ${message}`,
    nextStep: `${nextStep} Then submit the same release again, or promote the version.`,
  };
}
