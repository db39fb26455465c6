import { isFinal } from "./outcome.ts";
import { type Report, secondsBetween } from "./report.ts";

/** What lines of telemetry begin with in the log; the rest of the line is JSON. Queries in `infra/queries/` read them. */
export const TELEMETRY = "telemetry ";

/** What the pipeline tells whoever watches it. Times are whole seconds; no line names a person or holds a secret. */
export type Telemetry =
  | {
      /** A submission's report was saved. */
      readonly event: "submission";
      readonly operation: string;
      readonly application: string;
      readonly version: string;
      readonly submission: string;
      readonly outcome: string;
      /** The step under way, or the last one. */
      readonly step: string;
      readonly ended: boolean;
      /** Since the submission was first seen. */
      readonly seconds: number;
      /** The code of the reason, if there is one. */
      readonly reason: string;
    }
  | {
      /** A region, as it stood when its submission ended. */
      readonly event: "region";
      readonly operation: string;
      readonly application: string;
      readonly version: string;
      readonly region: string;
      readonly state: string;
      /** From Azure's acceptance to the region's end; null when it did not end. */
      readonly seconds: number | null;
    }
  | {
      /** The reconciler has looked at the drop box. */
      readonly event: "reconciled";
      /** Submissions without a final report. */
      readonly unfinished: number;
      /** Those that no event had announced, or whose story had ended without a word. */
      readonly lost: number;
    }
  | {
      /** The reconciler has looked at the role of an identity of the gallery. */
      readonly event: "access";
      readonly principal: string;
      readonly place: string;
      /** Whether the pipeline's own assignment is there. */
      readonly lent: boolean;
    }
  | {
      /** A notification was sent, or given up. */
      readonly event: "notification";
      readonly operation: string;
      readonly application: string;
      readonly version: string;
      readonly channel: string;
      readonly delivered: boolean;
    };

/** The line of a log that tells so. */
export function telemetryLine(told: Telemetry): string {
  return TELEMETRY + JSON.stringify(told);
}

/** What a saved report tells: how the submission stands, and at its end where each region does. */
export function telemetryOf(report: Report, operation: string): readonly Telemetry[] {
  const { application, version, submission, outcome, reason, steps, startedAt, updatedAt } = report;
  const ended = isFinal(outcome);
  const release = { operation, application, version };
  return [
    {
      event: "submission",
      ...{ ...release, submission, outcome, step: steps.at(-1)?.name ?? "", ended },
      ...{ seconds: secondsBetween(startedAt, updatedAt), reason: reason?.code ?? "" },
    },
    ...(ended
      ? report.regions.map(({ name, state, seconds }): Telemetry => ({
          event: "region",
          ...{ ...release, region: name, state, seconds },
        }))
      : []),
  ];
}
