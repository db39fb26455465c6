import {
  type AnnotationProperties,
  debug,
  error as annotateError,
  info,
  setFailed,
  setOutput,
  summary,
  warning,
} from "@actions/core";
import { Problem } from "../core/problem.ts";
import { logLine } from "./log-line.ts";
import { marksOf, type Place } from "./place.ts";
import { messageOf } from "./thrown.ts";
import { type Facts, outputsOf } from "./outputs.ts";
import { type SummaryRun, summaryOf } from "./summary.ts";

/** The job's log. Every text may come from a stranger: each becomes one harmless line. */
export interface Log {
  info(line: string): void;
  /** Also shows as an annotation of the run, and of the line when it has one. */
  warning(message: string, place?: Place): void;
  /** Only shown when the job is debugged. */
  debug(line: string): void;
}

/** The log of a job on GitHub. */
export const jobLog: Log = {
  info: (line) => info(logLine(line)),
  warning: (message, place) => warning(logLine(message), propertiesOf(place)),
  debug: (line) => debug(logLine(line)),
};

/** Fails the step with one message: what happened, then what to do. A surprise is told as what it is, a defect. */
export function failStep(error: unknown): Problem {
  const problem = error instanceof Problem ? error : defect(error);
  for (const { place, message } of marksOf(problem)) annotateError(logLine(message), propertiesOf(place));
  const lines = [problem.message, `Next step: ${problem.nextStep}`].flatMap((text) => text.split("\n"));
  setFailed(lines.map(logLine).join("\n"));
  if (error instanceof Error) debug(error.stack ?? error.message);
  return problem;
}

/** Sets every output and writes the job summary, whatever came of the release. */
export async function tell(facts: Facts, problem: Problem | undefined, run: SummaryRun): Promise<void> {
  for (const [name, value] of Object.entries(outputsOf(facts))) setOutput(name, value);
  if (!process.env["GITHUB_STEP_SUMMARY"]) return;
  try {
    await summary.addRaw(summaryOf(facts, problem, run), true).write();
  } catch (error) {
    warning(logLine(`the job summary could not be written: ${messageOf(error)}`));
  }
}

function propertiesOf(place: Place | undefined): AnnotationProperties {
  if (!place) return {};
  return { file: place.file, startLine: place.line, startColumn: place.column };
}

function defect(error: unknown): Problem {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Problem(
    "defect",
    `the Action met something that it does not know: ${message}`,
    "Run the job again with debug logging; if it happens again, report it with the log as a defect of this Action.",
    { cause: error },
  );
}
