import { sha256 } from "./naming.ts";
import { isFinal, type Outcome } from "./outcome.ts";
import type { Reason } from "./problem.ts";
import type { Report } from "./report.ts";

/** What is told when a release ends. Small, since an orchestration carries it; the report has the rest. */
export interface Notification {
  readonly schema: 1;
  readonly event: "release-ended";
  readonly application: string;
  readonly version: string;
  readonly submission: string;
  readonly outcome: Outcome;
  readonly reason: Reason | null;
  readonly versionId: string | null;
  /** Regions by state, at most 100. */
  readonly regions: readonly { readonly name: string; readonly state: string }[];
  readonly startedAt: string;
  readonly endedAt: string;
}

/** What there is to tell of a report; undefined while the submission has not ended. */
export function notificationOf(report: Report): Notification | undefined {
  const { application, version, submission, outcome, reason, versionId, startedAt, endedAt } = report;
  if (!isFinal(outcome) || endedAt === null) return undefined;
  const regions = report.regions.slice(0, 100).map(({ name, state }) => ({ name, state }));
  const release = { application, version, submission, outcome, reason, versionId, regions };
  return { schema: 1, event: "release-ended", ...release, startedAt, endedAt };
}

/** The instance that tells of an ending: the same one however often the report is saved. */
export function notificationInstanceId({ application, version, submission, endedAt }: Notification): string {
  return sha256(["notification", application, version, submission, endedAt].join("\n"));
}
