import type { RegionReplication } from "../../core/gallery-version.ts";
import type { Release, Submission } from "../../core/naming.ts";
import type { Outcome } from "../../core/outcome.ts";
import { Problem, type Reason } from "../../core/problem.ts";
import { ended, newReport, type Report, withRegions, withStep } from "../../core/report.ts";
import type { ReplicationReading, SavedReport, ToldAlready } from "../story-values.ts";
import { type ActivityName, type Input, now, type Story } from "../vocabulary.ts";
import { patiently, type Settled } from "./patience.ts";

/** How a submission ended. The reason is null when there is nothing to explain. */
export interface Ending {
  readonly outcome: Outcome;
  readonly reason: Reason | null;
}

/** The report of a story under way: what was told last, and what of it was saved. */
export interface Telling {
  report: Report;
  saved: Report | null;
  /** Whether a submission that has its ending keeps it. */
  readonly keepsEnding: boolean;
  /** The ending that somebody else told before. */
  toldAlready?: Outcome;
}

/**
 * The activities that save what is told, if it is new, before they do their own work: a step that costs no turn. None
 * that writes to the gallery: those have their turn for a short time only.
 */
type Teller =
  "readSubmission" | "hashFile" | "examineRelease" | "checkProvenance" | "verifyIntoVault" | "findLessee";

/** Begins to tell of a submission. Nothing is saved yet. */
export function tellingOf(submission: Submission, at: string, keepsEnding = false): Telling {
  return { report: newReport(submission, at), saved: null, keepsEnding };
}

/** Tells that a step begins; it is saved with whatever comes next. */
export function* beginStep(telling: Telling, step: string, facts: Partial<Report> = {}): Story<void> {
  telling.report = { ...withStep(telling.report, step, yield* now()), ...facts };
}

/** Tells and saves that a step begins, with what else is known by now. */
export function* tellStep(telling: Telling, step: string, facts: Partial<Report> = {}): Story<void> {
  yield* beginStep(telling, step, facts);
  yield* save(telling);
}

/** Calls an activity until Azure does what it asks, and has it save what was told before. */
export function tellWith<Name extends Teller>(
  telling: Telling,
  name: Name,
  input: Input<Name>,
): Story<Exclude<Settled<Name>, ToldAlready>>;
export function* tellWith(telling: Telling, name: ActivityName, input: Input<ActivityName>): Story<unknown> {
  return saved(telling, yield* patiently(name, carrying(telling, input)));
}

/** Reads where the regions stand and tells of it; what is new is saved at once. */
export function* tellRegions(
  telling: Telling,
  release: Release,
  regions: readonly string[],
  acceptedAt: string,
): Story<ReplicationReading | "absent"> {
  const at = yield* now();
  const told = { ...toSave(telling), isSaved: telling.saved === telling.report, acceptedAt, at };
  const reading = saved(telling, yield* patiently("readReplication", { release, regions, told }));
  if (reading !== "absent") {
    telling.report = withRegions(telling.report, reading.regions, acceptedAt, at);
    telling.saved = telling.report;
  }
  return reading;
}

/** Takes in what was found out about regions after their reading; it is saved with whatever comes next. */
export function* correctRegions(
  telling: Telling,
  regions: readonly RegionReplication[],
  acceptedAt: string,
): Story<void> {
  telling.report = withRegions(telling.report, regions, acceptedAt, yield* now());
}

/** Notes something for the report; it is saved with whatever comes next. */
export function note(telling: Telling, text: string): void {
  telling.report = { ...telling.report, notes: [...telling.report.notes, text] };
}

/** Tells and saves how it ended. */
export function* tellEnding(telling: Telling, { outcome, reason }: Ending): Story<void> {
  telling.report = ended(telling.report, outcome, reason, yield* now());
  yield* save(telling);
}

function* save(telling: Telling): Story<void> {
  saved(telling, yield* patiently("saveReport", toSave(telling)));
}

function toSave({ report, keepsEnding }: Telling): SavedReport {
  return { report, ...(keepsEnding && { keepsEnding }) };
}

function carrying(telling: Telling, input: Input<ActivityName>): Input<ActivityName> {
  return telling.saved === telling.report ? input : { ...input, tell: toSave(telling) };
}

// Duplicates of events, and machines thought dead, may start a story again that has long been told.
function saved<Answer>(telling: Telling, answer: Answer): Exclude<Answer, ToldAlready>;
function saved(telling: Telling, answer: unknown): unknown {
  telling.saved = telling.report;
  if (!isToldAlready(answer)) return answer;
  telling.toldAlready = answer.outcome;
  const { submission, application, version } = telling.report;
  throw new Problem(
    "told-already",
    `${submission} of ${application} ${version} has ended as ${answer.outcome}`,
    "Nothing to do; to publish it again, ask for a retry.",
  );
}

function isToldAlready(answer: unknown): answer is ToldAlready {
  return (
    typeof answer === "object" && answer !== null && "state" in answer && answer.state === "told-already"
  );
}
