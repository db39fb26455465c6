import { Problem } from "../core/problem.ts";
import type { Facts } from "./outputs.ts";

/** The runner's wish that the step ends. */
export interface Cancellation {
  readonly signal: AbortSignal;
  /** Rejects with what it means for the release; never resolves. */
  readonly cancelled: Promise<never>;
}

/** Listens for the signals by which GitHub cancels a job. */
export function cancellation(facts: () => Facts): Cancellation {
  const controller = new AbortController();
  const cancelled = new Promise<never>((_, reject) => {
    // GitHub sends SIGINT, and SIGTERM some seconds later (GitHub documentation, "Workflow cancellation reference").
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        const problem = problemOfCancelling(facts());
        controller.abort(problem);
        reject(problem);
      });
    }
  });
  // When it comes after everything else, nobody waits for it any more.
  cancelled.catch(() => undefined);
  return { signal: controller.signal, cancelled };
}

/** What a cancelled job leaves behind, by what was known when it was cancelled. */
export function problemOfCancelling({ outcome, report, submission }: Facts): Problem {
  if (outcome !== undefined || report) {
    return new Problem(
      "cancelled",
      "the job was cancelled while it waited; the publication goes on without it",
      "Run the job again to join it, or have an operator withdraw the version.",
    );
  }
  return new Problem(
    "cancelled",
    submission === undefined
      ? "the job was cancelled before the package was handed over: nothing will be published"
      : "the job was cancelled just when it handed the package over, so it may have arrived",
    "Run the job again: it begins anew, or joins what is on its way.",
  );
}
