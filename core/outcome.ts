/** All ways in which a submission can stand or end. */
export const outcomes = [
  "waiting",
  "awaiting-approval",
  "publishing",
  "published",
  "partly-published",
  "refused",
  "failed",
  "halted",
  "timed-out",
  "incomplete",
] as const;

/** How a submission stands, or ended. */
export type Outcome = (typeof outcomes)[number];

const UNFINISHED: ReadonlySet<Outcome> = new Set(["waiting", "awaiting-approval", "publishing"]);

/** Whether a report with this outcome is the last word. */
export function isFinal(outcome: Outcome): boolean {
  return !UNFINISHED.has(outcome);
}
