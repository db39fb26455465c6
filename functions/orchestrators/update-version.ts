import type { UnfinishedOperation } from "../../core/application-gate.ts";
import type { Operation } from "../../core/operation.ts";
import type { Outcome } from "../../core/outcome.ts";
import { Problem, type Reason, reasonOf } from "../../core/problem.ts";
import { now, sleep, type Story } from "../vocabulary.ts";
import { accessFor, type AccessTaken, releaseAccess, takeAccess } from "./access-taken.ts";
import { endingOf, failed, refused } from "./endings.ts";
import { followReplication } from "./follow-replication.ts";
import { enterVersion, leaveVersion, pauseWhileOccupied } from "./one-at-a-time.ts";
import { patiently, secondsSince, type Settled, unexpected } from "./patience.ts";
import { beginStep, type Ending, note, type Telling, tellEnding, tellingOf, tellStep } from "./telling.ts";
import { changeVersion } from "./write-version.ts";

/** What the story is started with. `submission` names its report. */
export interface UpdateVersion {
  readonly operation: Operation;
  readonly submission: string;
  /** Who asked for it, in words for the report. */
  readonly askedBy: string;
  /** Whether an operation that has ended is to be told again, since somebody asked for it. */
  readonly again?: boolean;
}

type Plan = Extract<Settled<"examineUpdate">, { state: "accepted" }>;

interface Task {
  readonly operation: Operation;
  readonly plan: Plan;
  readonly begunAt: string;
}

/** Pauses before regions that failed are tried again. */
const MEND_PAUSES: readonly number[] = [60, 300];
/** More rounds than others who change the version at the same time can cause. */
const MOST_ROUNDS = 20;

const DONE: Ending = { outcome: "published", reason: null };

/** A published version is brought to more regions, or its place in `latest` changed. Each ending is reported. */
export function* updateVersion(input: UpdateVersion): Story<Outcome> {
  const { operation, submission, askedBy, again = false } = input;
  const { application, version } = operation;
  const telling = tellingOf({ application, version, submission }, yield* now(), !again);
  note(telling, `Asked for by ${askedBy}.`);
  const ending = yield* caught(update(telling, operation));
  if (telling.toldAlready) return telling.toldAlready;
  yield* tellEnding(telling, ending);
  return ending.outcome;
}

function* update(telling: Telling, operation: Operation): Story<Ending> {
  const begunAt = yield* now();
  yield* tellStep(telling, "check against the gallery");
  const plan = yield* patiently("examineUpdate", { operation });
  if (plan.state === "refused") return refused(plan.reason);
  const { versionId, blobUrl, homeRegion, sha256, size, content, untouched, timeoutSeconds } = plan;
  if (untouched.length > 0) note(telling, `There already, and left as they are: ${untouched.join(", ")}.`);
  const facts = { versionId, blobUrl, homeRegion, sha256, size };
  telling.report = { ...telling.report, ...facts, ...(content && { content }) };
  const inTheWay = yield* awaitTurn(telling, operation, timeoutSeconds);
  if (inTheWay) return failed(inTheWay);
  const ending = yield* caught(updateWithAccess(telling, { operation, plan, begunAt }));
  yield* leaveVersion(operation);
  return ending;
}

/** At most one operation on a version is unfinished: waits for the others. Gives the reason when that takes too long. */
function* awaitTurn(
  telling: Telling,
  operation: Operation,
  timeoutSeconds: number,
): Story<Reason | undefined> {
  const begunAt = yield* now();
  for (let look = 0; ; look++) {
    const entry = yield* enterVersion(operation, operation.kind === "expand" ? "expand" : "feature");
    if (entry.state === "entered") return undefined;
    if ((yield* secondsSince(begunAt)) >= timeoutSeconds) return occupied(operation, entry.by);
    if (look === 0) yield* tellStep(telling, "wait for another operation on the version");
    yield* sleep(pauseWhileOccupied(look));
  }
}

function* updateWithAccess(telling: Telling, task: Task): Story<Ending> {
  const access = accessFor(task.operation, task.plan.place);
  const ending = yield* caught(bringAbout(telling, task, access));
  yield* releaseAccess(telling, access);
  return ending;
}

/** Updates and follows until Azure has what was asked for, whoever else changes the version meanwhile. */
function* bringAbout(telling: Telling, task: Task, access: AccessTaken): Story<Ending> {
  const { operation, begunAt } = task;
  const { timeoutSeconds } = task.plan;
  const { application, version } = operation;
  let mends = 0;
  for (let round = 0; ; round++) {
    if (round === MOST_ROUNDS) return failed(notApplied(operation));
    const next = yield* patiently("examineUpdate", { operation });
    if (next.state === "refused") return refused(next.reason);
    if (next.work === "none") return yield* tellDone(telling, operation, next.regions);
    if (next.work === "mend") {
      const pause = MEND_PAUSES[mends++];
      if (pause === undefined) return endingOf(telling.report, "failed");
      yield* sleep(pause);
    }
    if (next.work !== "wait") {
      const stopped = yield* write(telling, operation, access);
      if (stopped) return stopped;
    }
    yield* beginStep(telling, "replicate");
    const acceptedAt = yield* now();
    const end = yield* followReplication(telling, {
      ...{ planned: { release: { application, version } }, regions: next.regions },
      ...{ acceptedAt, begunAt, timeoutSeconds, access, rounds: round },
    });
    if (end === "vanished" || end === "timed-out") return endingOf(telling.report, end);
    access.isInUse = false;
  }
}

function* write(telling: Telling, operation: Operation, access: AccessTaken): Story<Ending | undefined> {
  yield* beginStep(telling, "grant access", { outcome: "publishing" });
  yield* takeAccess(telling, access, { doubt: access.held !== null });
  yield* beginStep(telling, operation.kind, { access: { state: "leased", at: yield* now() } });
  return yield* changeVersion(telling, operation, access);
}

// What there is to tell of regions was told while they were followed, unless nothing had to be done.
function* tellDone(telling: Telling, operation: Operation, regions: readonly string[]): Story<Ending> {
  if (telling.report.regions.length > 0) return DONE;
  const { application, version } = operation;
  const at = yield* now();
  yield* followReplication(telling, {
    ...{ planned: { release: { application, version } }, regions },
    ...{ acceptedAt: at, begunAt: at, timeoutSeconds: 0 },
  });
  return DONE;
}

function* caught(story: Story<Ending>): Story<Ending> {
  try {
    return yield* story;
  } catch (error) {
    return failed(error instanceof Problem ? reasonOf(error) : unexpected(error));
  }
}

function occupied({ application, version }: Operation, { work }: UnfinishedOperation): Reason {
  return {
    code: "version-occupied",
    message: `another operation on ${application} ${version} (${work}) has not ended for hours`,
    nextStep: "Look at the status of the version; ask again when that operation has ended.",
  };
}

function notApplied({ application, version }: Operation): Reason {
  return {
    code: "not-applied",
    message: `Azure accepted ${MOST_ROUNDS} changes of ${application} ${version}, and the version is still not as asked for`,
    nextStep: "See whether somebody else keeps changing the version; ask again when nobody does.",
  };
}
