import { durationText } from "../core/duration.ts";
import { type Submission, submissionReportPath } from "../core/naming.ts";
import { isFinal } from "../core/outcome.ts";
import { Problem } from "../core/problem.ts";
import { type Report, reportLine } from "../core/report.ts";
import { passesByItself } from "./azure-refusal.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./console.ts";
import type { Intake } from "./intake.ts";
import { boardLine, progressLines, waitingLine } from "./progress-lines.ts";

const FIRST_PAUSE_SECONDS = 2;
const LONGEST_PAUSE_SECONDS = 15;
const LONGEST_RETRY_AFTER_SECONDS = 120;
const QUIET_SECONDS = 60;
const UNSEEN_SECONDS = 180;

interface Tools {
  readonly intake: Pick<Intake, "readSubmission">;
  readonly clock: Clock;
  readonly log: Log;
  /** Is told each report that was read. */
  readonly learn: (facts: { readonly report: Report }) => void;
}

/** How long to wait, and what counts as failed. */
export interface Waiting {
  readonly timeoutSeconds: number;
  /** With `home-region`, a release that is in the gallery's own region only warns about the others. */
  readonly failOn: "any-region" | "home-region";
}

/**
 * Follows a submission's report until its last word, printing what is new. An outcome that counts as failed is thrown as
 * the report's own problem, and `still-publishing` when the time is up: the publication goes on without whoever waits.
 */
export async function follow(submission: Submission, waiting: Waiting, tools: Tools): Promise<void> {
  const { timeoutSeconds } = waiting;
  const { clock, log } = tools;
  const startedAt = clock.now();
  const elapsed = (): number => (clock.now() - startedAt) / 1000;
  let last: Report | undefined;
  // The report that the board was last shown for.
  let shown: Report | undefined;
  let spokeAt = 0;
  let hasWarned = false;
  let pause = FIRST_PAUSE_SECONDS;
  for (;;) {
    const { report, retryAfterSeconds } = await look(submission, tools);
    const board = report && boardLine(shown, report);
    if (board !== undefined) shown = report;
    const lines = [...(report ? progressLines(last, report) : []), ...(board === undefined ? [] : [board])];
    if (lines.length > 0 || elapsed() - spokeAt >= QUIET_SECONDS) {
      const quiet = report
        ? (waitingLine(report) ?? reportLine(report))
        : "waiting for the pipeline to begin";
      for (const line of lines.length > 0 ? lines : [quiet]) log.info(line);
      spokeAt = elapsed();
    }
    last = report ?? last;
    if (last && isFinal(last.outcome)) {
      conclude(last, waiting, log);
      return;
    }
    if (!last && !hasWarned && elapsed() >= UNSEEN_SECONDS) {
      hasWarned = true;
      log.warning(UNSEEN);
    }
    const wait = Math.max(pause, retryAfterSeconds);
    if (elapsed() + wait > timeoutSeconds) {
      forgiveOrThrow(timeUp(submission, timeoutSeconds, last), last, waiting, log);
      return;
    }
    await clock.sleep(wait);
    pause = Math.min(pause * 1.25, LONGEST_PAUSE_SECONDS);
  }
}

const UNSEEN = `the pipeline has not begun for ${durationText(UNSEEN_SECONDS)}: check that the function app runs and that the event subscription of the storage account delivers`;

// A broken connection or a busy account is no news of the publication.
async function look(
  submission: Submission,
  { intake, log, learn }: Tools,
): Promise<{ readonly report?: Report; readonly retryAfterSeconds: number }> {
  try {
    const report = await intake.readSubmission(submission);
    if (!report) return { retryAfterSeconds: 0 };
    learn({ report });
    return { report, retryAfterSeconds: 0 };
  } catch (error) {
    if (!passesByItself(error) && !isUnresolved(error)) throw goesOn(error, submission);
    log.info(`${error.message}; still waiting`);
    const seconds = passesByItself(error) ? (error.retryAfterSeconds ?? 0) : 0;
    return { retryAfterSeconds: Math.min(seconds, LONGEST_RETRY_AFTER_SECONDS) };
  }
}

// The account was there a moment ago, so a name that does not resolve is the resolver's fault.
function isUnresolved(error: unknown): error is Problem {
  return error instanceof Problem && error.code === "unknown-account";
}

function goesOn(error: unknown, submission: Submission): unknown {
  if (!(error instanceof Problem)) return error;
  return new Problem(
    error.code,
    `${error.message}. The publication of ${submission.application} ${submission.version} goes on; only the wait ended`,
    error.nextStep,
    { cause: error },
  );
}

// What is in the home region can be installed there and copied on; only that was asked for.
function forgiveOrThrow(problem: Problem, report: Report | undefined, waiting: Waiting, log: Log): void {
  if (waiting.failOn === "any-region" || !report || !isInHomeRegion(report)) throw problem;
  log.warning(
    `${problem.message}; the home region ${report.homeRegion ?? ""} has it, and fail-on is "home-region"`,
  );
}

function isInHomeRegion({ homeRegion, regions }: Report): boolean {
  return regions.some(({ name, state }) => name === homeRegion && state === "Completed");
}

function conclude(report: Report, waiting: Waiting, log: Log): void {
  if (report.outcome === "published") {
    log.info(reportLine(report));
    return;
  }
  const failed = report.regions.filter(({ state }) => state === "Failed").map(({ name }) => name);
  const where = failed.length > 0 ? ` (failed: ${failed.join(", ")})` : "";
  const problem = new Problem(
    report.reason?.code ?? report.outcome,
    `${reportLine(report)}${where}`,
    report.reason?.nextStep ??
      "Look at the report in this job's summary, then run the job again: it takes up what is there.",
  );
  if (report.outcome === "refused") throw problem;
  forgiveOrThrow(problem, report, waiting, log);
}

function timeUp(submission: Submission, timeoutSeconds: number, last: Report | undefined): Problem {
  const { application, version } = submission;
  const state = last ? `it stands at: ${reportLine(last)}` : "the pipeline has not begun";
  return new Problem(
    "still-publishing",
    `${application} ${version} is not published after ${durationText(timeoutSeconds)}; ${state}. The publication goes on without this job`,
    `Run the job again to join it: the same content is taken up where it stands. A larger timeout waits longer, and reports/${submissionReportPath(submission)} tells how it ended.`,
  );
}
