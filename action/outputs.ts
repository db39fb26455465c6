import type { Outcome } from "../core/outcome.ts";
import type { Report } from "../core/report.ts";
import type { PlanRow } from "./plan.ts";

/** What is known of the release so far. Grows while the Action works, so that a failure still tells what it knew. */
export interface Facts {
  readonly application?: string;
  readonly version?: string;
  readonly submission?: string;
  readonly cloud?: string;
  /** Digest of the package that this run read. */
  readonly sha256?: string;
  /** As far as this run itself decided or knows it; a report knows better. */
  readonly outcome?: Outcome;
  readonly report?: Report;
  /** What would be published, in a dry run. */
  readonly plan?: readonly PlanRow[];
}

/** The Action's outputs, in the order of `action.yml`. */
export const outputNames = [
  "version-id",
  "application",
  "version",
  "submission",
  "sha256",
  "blob-url",
  "outcome",
  "regions",
  "report",
] as const;

/** Every output, always: what is unknown is an empty text, `[]` or `{}`. */
export function outputsOf(facts: Facts): Readonly<Record<(typeof outputNames)[number], string>> {
  const { report } = facts;
  return {
    "version-id": report?.versionId ?? "",
    application: facts.application ?? "",
    version: facts.version ?? "",
    submission: facts.submission ?? report?.submission ?? "",
    sha256: facts.sha256 ?? report?.sha256 ?? "",
    "blob-url": report?.blobUrl ?? "",
    outcome: report?.outcome ?? facts.outcome ?? "",
    regions: JSON.stringify(report?.regions ?? []),
    report: JSON.stringify(report ?? {}),
  };
}
