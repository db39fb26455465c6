import { Problem } from "../core/problem.ts";
import type { Facts } from "./outputs.ts";

/** A signal that aborts when GitHub cancels the job, with what that means for the release as its reason. */
export function cancellation(facts: () => Facts): AbortSignal {
  const controller = new AbortController();
  // GitHub sends SIGINT, and SIGTERM some seconds later (GitHub documentation, "Workflow cancellation reference").
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => controller.abort(problemOfCancelling(facts())));
  }
  return controller.signal;
}

/** What `work` gives, unless the signal aborts before. */
export function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([work, aborted]);
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
