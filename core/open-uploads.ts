import * as z from "zod";
import type { Reason } from "./problem.ts";
import { ended, newReport, type Report } from "./report.ts";

/** Submissions of one application that may be open at once. */
export const MOST_OPEN = 40;
/** Submissions of one application that one caller may have open at once. */
export const MOST_OPEN_BY_CALLER = 10;

const entrySchema = z.object({
  submission: z.string(),
  version: z.string(),
  caller: z.string(),
  expiresAt: z.string(),
});

const ledgerSchema = z.object({ open: z.array(entrySchema) });

/** A submission that takes files. */
export type OpenUpload = z.infer<typeof entrySchema>;

/** Where an application's open submissions are counted, in `reports`. */
export function openUploadsPath(application: string): string {
  return `_submissions/${application}/open.json`;
}

/** The application whose open submissions are counted at that path; undefined when it is another path. */
export function applicationOfOpenUploads(path: string): string | undefined {
  return /^_submissions\/([^/]+)\/open\.json$/.exec(path)?.[1];
}

/** The text in which they are kept. */
export function openUploadsText(open: readonly OpenUpload[]): string {
  return `${JSON.stringify({ open }, null, 2)}\n`;
}

/** The open submissions that the pipeline kept. */
export function parseOpenUploads(text: string): OpenUpload[] {
  return ledgerSchema.parse(JSON.parse(text)).open;
}

/** The list with one more, or why there is no room for it. Whatever is past its time makes room. */
export function withOpened(
  open: readonly OpenUpload[],
  entry: OpenUpload,
  at: Date,
): readonly OpenUpload[] | { readonly full: Reason } {
  const others = open.filter(({ submission, expiresAt }) => {
    return submission !== entry.submission && Date.parse(expiresAt) > at.getTime();
  });
  const own = others.filter(({ caller }) => caller === entry.caller);
  if (own.length >= MOST_OPEN_BY_CALLER) return { full: tooMany("this caller has", own.length) };
  if (others.length >= MOST_OPEN) return { full: tooMany("the application has", others.length) };
  return [...others, entry];
}

/** The open submissions whose time is over, and the others. */
export function sortedByExpiry(
  open: readonly OpenUpload[],
  at: string,
): { readonly expired: readonly OpenUpload[]; readonly others: readonly OpenUpload[] } {
  const isOver = ({ expiresAt }: OpenUpload): boolean => Date.parse(expiresAt) <= Date.parse(at);
  return { expired: open.filter(isOver), others: open.filter((entry) => !isOver(entry)) };
}

/** The list without a submission. */
export function withoutOpened(open: readonly OpenUpload[], submission: string): readonly OpenUpload[] {
  return open.filter((entry) => entry.submission !== submission);
}

/** The report of a submission that was opened and never committed. */
export function expiredReport(application: string, entry: OpenUpload, at: string): Report {
  const { version, submission, expiresAt } = entry;
  return ended(
    newReport({ application, version, submission }, at),
    "incomplete",
    {
      code: "submission-expired",
      message: `${submission} of ${application} ${version} was open until ${expiresAt} and never committed`,
      nextStep: "Submit the release again.",
    },
    at,
  );
}

function tooMany(who: string, count: number): Reason {
  return {
    code: "too-many-submissions",
    message: `${who} ${count} submissions open that were not committed`,
    nextStep: "Go on with one of them, or wait: each is given up a day after it was opened.",
  };
}
