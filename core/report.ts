import * as z from "zod";
import { durationText } from "./duration.ts";
import type { RegionReplication } from "./gallery-version.ts";
import { markdownCode, markdownTable, markdownText, oneLine } from "./markdown.ts";
import { SCHEMA, sha256Schema } from "./manifest.ts";
import type { Submission } from "./naming.ts";
import { isLatestChangeId } from "./operation-id.ts";
import { isFinal, type Outcome, outcomes } from "./outcome.ts";
import { Problem, type Reason } from "./problem.ts";
import { provenanceSchema } from "./provenance.ts";
import { regionKey } from "./region.ts";
import { submitterSchema } from "./submitter.ts";

const reasonSchema = z.object({ code: z.string(), message: z.string(), nextStep: z.string() });

const regionSchema = z.object({
  /** The short form: `eastus2`. */
  name: z.string(),
  state: z.enum(["Unknown", "Replicating", "Completed", "Failed"]),
  progress: z.number(),
  /** From the version's submission to the region's end, as far as it was seen. */
  seconds: z.number().nullable(),
  details: z.string().nullable(),
});

const stepSchema = z.object({
  name: z.string(),
  startedAt: z.string(),
  /** Null while the step is under way. */
  seconds: z.number().nullable(),
});

const provenSubmissionSchema = z.object({ by: submitterSchema, manifestSha256: sha256Schema });

/** Who was proven to have submitted the manifest with that digest. */
export type ProvenSubmission = z.infer<typeof provenSubmissionSchema>;

/** The schema of a report. Unknown fields are dropped, so that a reader outlives a newer pipeline. */
export const reportSchema = z.object({
  schema: z.literal(SCHEMA),
  application: z.string(),
  version: z.string(),
  submission: z.string(),
  outcome: z.enum(outcomes),
  /** ARM id of the version, once it is known. */
  versionId: z.string().nullable(),
  /** The package in the vault, never with a query. */
  blobUrl: z.string().nullable(),
  sha256: z.string().nullable(),
  size: z.number().nullable(),
  /** Digests of what Azure makes immutable, by field; see `contentDigests`. Absent while nothing was accepted. */
  content: z.record(z.string(), z.string()).optional(),
  /** The digest of the profile by whose rules the release was judged. Absent: it has none, or nothing was judged yet. */
  profileSha256: sha256Schema.optional(),
  /** Where the package comes from. Absent: nothing was proven. */
  provenance: provenanceSchema.optional(),
  /** Who was proven to have submitted it, and the manifest that this holds for. Absent: nobody was. */
  submitted: provenSubmissionSchema.optional(),
  /** The effective manifest that needs an approval, and who gave it. Absent: none is needed. */
  approval: z
    .object({ manifestSha256: sha256Schema, by: z.string().nullable(), at: z.string().nullable() })
    .optional(),
  regions: z.array(regionSchema),
  /** The gallery's own region. Absent while the gallery was not read, and from a pipeline that does not tell it. */
  homeRegion: z.string().optional(),
  steps: z.array(stepSchema),
  /** The gallery's access to the vault for this release. Null: none was needed. */
  access: z.object({ state: z.enum(["leased", "released"]), at: z.string() }).nullable(),
  /** What the pipeline did of its own accord, or thinks worth knowing. */
  notes: z.array(z.string()),
  /** Why the outcome is not `published`. */
  reason: reasonSchema.nullable(),
  startedAt: z.string(),
  updatedAt: z.string(),
  endedAt: z.string().nullable(),
});

/** State and outcome of a submission, written by the pipeline for whoever waits. Times are ISO 8601, UTC. */
export type Report = z.infer<typeof reportSchema>;
/** A region's row of a {@link Report}. */
export type ReportRegion = z.infer<typeof regionSchema>;

/** The report in `text`, or a problem `bad-report` when it is none, or of a form that this code does not know. */
export function parseReport(text: string): Report {
  try {
    return reportSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Problem(
      "bad-report",
      "the pipeline's report has a form that is not known here",
      "Use a version of the Action that is as new as the pipeline.",
      { cause },
    );
  }
}

/** The text in which a report is kept. */
export function reportText(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** The report of a submission that was just seen. */
export function newReport(submission: Submission, at: string): Report {
  return {
    schema: SCHEMA,
    application: submission.application,
    version: submission.version,
    submission: submission.submission,
    outcome: "waiting",
    versionId: null,
    blobUrl: null,
    sha256: null,
    size: null,
    regions: [],
    steps: [],
    access: null,
    notes: [],
    reason: null,
    startedAt: at,
    updatedAt: at,
    endedAt: null,
  };
}

/** The report with a step begun at `at`; the step before it ends there. */
export function withStep(report: Report, name: string, at: string): Report {
  return {
    ...report,
    steps: [...endStep(report.steps, at), { name, startedAt: at, seconds: null }],
    updatedAt: at,
  };
}

/** The report as it ends. */
export function ended(report: Report, outcome: Outcome, reason: Reason | null, at: string): Report {
  // What waits for an approval has not ended, though its story has.
  const endedAt = isFinal(outcome) ? at : null;
  return { ...report, outcome, reason, steps: endStep(report.steps, at), updatedAt: at, endedAt };
}

/** The report with the regions as read at `at`; a region that ended keeps the seconds it was first seen with. */
export function withRegions(
  report: Report,
  regions: readonly RegionReplication[],
  submittedAt: string,
  at: string,
): Report {
  const rows = regions.map((region): ReportRegion => {
    const name = regionKey(region.name);
    const before = report.regions.find((row) => row.name === name);
    const done = region.state === "Completed" || region.state === "Failed";
    const seconds =
      before?.state === region.state ? before.seconds : done ? secondsBetween(submittedAt, at) : null;
    return { name, state: region.state, progress: region.progress, seconds, details: region.details ?? null };
  });
  return { ...report, regions: rows, updatedAt: at };
}

/** Whether two reports tell the same about the regions, so that nothing need be saved. */
export function sameRegions(a: Report, b: Report): boolean {
  return JSON.stringify(a.regions) === JSON.stringify(b.regions);
}

/**
 * Whether `next` tells of a later moment than the submission's `present` report. An activity that was given up may still
 * write, minutes later, what has long been overtaken.
 */
export function isLaterReport(present: Report | undefined, next: Report): boolean {
  return !present || next.updatedAt >= present.updatedAt;
}

/**
 * Whether the submission's `present` report is the last word of another telling than `next` is of. A submission that
 * was given up as incomplete may begin again.
 */
export function isToldAlready(present: Report | undefined, next: Report): boolean {
  if (!present || !isFinal(present.outcome) || present.outcome === "incomplete") return false;
  return present.startedAt !== next.startedAt;
}

/**
 * Whether `next` may take the place of `present` as the release's report. A `published` is never replaced by less, and
 * a submission that was turned away or still waits hides nothing that another one achieved. A change of `latest` never.
 */
export function replacesReleaseReport(present: Report | undefined, next: Report): boolean {
  if (isLatestChangeId(next.submission)) return false;
  if (!present) return true;
  if (next.submission === present.submission && !isLaterReport(present, next)) return false;
  if (present.outcome === "published") return next.outcome === "published";
  return next.submission === present.submission || weight(next.outcome) >= weight(present.outcome);
}

function weight(outcome: Outcome): number {
  return ["waiting", "awaiting-approval", "refused", "incomplete"].includes(outcome) ? 0 : 1;
}

/** Whole seconds from one ISO time to another. */
export function secondsBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 1000);
}

/** The ISO time that many seconds before `at`. */
export function earlier(at: string, seconds: number): string {
  return new Date(Date.parse(at) - seconds * 1000).toISOString();
}

/** `flooperapp 1.2.0: published in 3 regions, 4 min 12 s`. */
export function reportLine(report: Report): string {
  const name = `${report.application} ${report.version}`;
  const completed = report.regions.filter((region) => region.state === "Completed").length;
  const where = `${completed} of ${report.regions.length} regions`;
  const time = report.endedAt ? `, ${durationText(secondsBetween(report.startedAt, report.endedAt))}` : "";
  if (report.outcome === "published") {
    return `${name}: published in ${completed} ${completed === 1 ? "region" : "regions"}${time}`;
  }
  if (report.reason) return `${name}: ${report.outcome}: ${oneLine(report.reason.message)}`;
  if (report.outcome === "publishing" && report.regions.length > 0) return `${name}: publishing, ${where}`;
  return `${name}: ${report.outcome}${time}`;
}

/** The report as Markdown: a heading, what it came to, the table of regions. Safe for any text in it. */
export function reportMarkdown(report: Report): string {
  const facts = [
    ["Version", report.versionId],
    ["Package", report.blobUrl],
    ["SHA-256", report.sha256],
    ["Submission", report.submission],
  ].flatMap(([label, value]) => (value ? [`- ${label}: ${markdownCode(value)}`] : []));
  return [
    `### ${mark(report.outcome)} ${markdownText(`${report.application} ${report.version}`)}: ${report.outcome}`,
    ...(report.reason
      ? [`${markdownText(report.reason.message)}\n\n**Next step:** ${markdownText(report.reason.nextStep)}`]
      : []),
    ...(report.regions.length > 0 ? [regionTable(report.regions)] : []),
    ...(facts.length > 0 ? [facts.join("\n")] : []),
    ...report.notes.map((note) => `> ${markdownText(note)}`),
  ]
    .join("\n\n")
    .concat("\n");
}

function regionTable(regions: readonly ReportRegion[]): string {
  return markdownTable(
    ["Region", "State", "Progress", "Time", "Detail"],
    regions.map((region) => [
      markdownText(region.name),
      region.state,
      `${region.progress} %`,
      region.seconds === null ? "" : durationText(region.seconds),
      markdownText(region.details ?? ""),
    ]),
  );
}

function mark(outcome: Outcome): string {
  if (outcome === "published") return "✅";
  return isFinal(outcome) ? "❌" : "⏳";
}

function endStep(steps: Report["steps"], at: string): Report["steps"] {
  return steps.map((step) =>
    step.seconds === null ? { ...step, seconds: secondsBetween(step.startedAt, at) } : step,
  );
}
