import { writeSync } from "node:fs";

/** What this reporter reads of jest's aggregated result. */
export type Counts = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
};

/** A jest reporter that ends the output with one line in a fixed form, for people and scripts alike. */
// eslint-disable-next-line no-restricted-exports -- jest takes a reporter from the default export
export default class ClosingLineReporter {
  onRunComplete(_contexts: unknown, results: Counts): void {
    // jest puts its own summary behind every other reporter, so only the end of the process comes after it.
    process.once("exit", () => writeSync(process.stdout.fd, `${closingLine(results)}\n`));
  }
}

/** `N passed, N failed`, then `, N skipped` if there are any. A file that could not run counts as a failure. */
export function closingLine(results: Counts): string {
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  const line = `${results.numPassedTests} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}
