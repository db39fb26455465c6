import type { RegionReplication } from "../../core/gallery-version.ts";
import type { Submission } from "../../core/naming.ts";
import type { Outcome } from "../../core/outcome.ts";
import { Problem, type Reason } from "../../core/problem.ts";
import { ended, newReport, type Report, sameRegions, withRegions, withStep } from "../../core/report.ts";
import { now, type Story } from "../vocabulary.ts";
import { patiently } from "./patience.ts";

/** How a submission ended. The reason is null when there is nothing to explain. */
export interface Ending {
  readonly outcome: Outcome;
  readonly reason: Reason | null;
}

/** The report of a story under way: what was told last. */
export interface Telling {
  report: Report;
  /** Whether a submission that has its ending keeps it. */
  readonly keepsEnding: boolean;
  /** The ending that somebody else told before. */
  toldAlready?: Outcome;
}

/** Begins to tell of a submission. Nothing is saved yet. */
export function tellingOf(submission: Submission, at: string, keepsEnding = false): Telling {
  return { report: newReport(submission, at), keepsEnding };
}

// Duplicates of events, and machines thought dead, may start a story again that has long been told.
function* save(telling: Telling): Story<void> {
  const { report, keepsEnding } = telling;
  const answer = yield* patiently("saveReport", { report, ...(keepsEnding && { keepsEnding }) });
  if (answer === "saved") return;
  telling.toldAlready = answer.outcome;
  throw new Problem(
    "told-already",
    `${report.submission} of ${report.application} ${report.version} has ended as ${answer.outcome}`,
    "Nothing to do; to publish it again, ask for a retry.",
  );
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

/** Tells where the regions stand, and saves it when that changed. */
export function* tellRegions(
  telling: Telling,
  regions: readonly RegionReplication[],
  acceptedAt: string,
): Story<void> {
  const report = withRegions(telling.report, regions, acceptedAt, yield* now());
  const isNews = !sameRegions(report, telling.report);
  telling.report = report;
  if (isNews) yield* save(telling);
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
