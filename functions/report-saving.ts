import { releaseReportPath, submissionReportPath } from "../core/naming.ts";
import type { Outcome } from "../core/outcome.ts";
import {
  isLaterReport,
  isToldAlready,
  parseReport,
  replacesReleaseReport,
  type Report,
  reportText,
} from "../core/report.ts";
import type { Reports } from "./ports.ts";

/** What a story has to tell. `keepsEnding`: a report that another telling has ended stays as it is. */
export interface SavedReport {
  readonly report: Report;
  readonly keepsEnding?: boolean;
}

/** That a submission had its ending before: another story told it. */
export interface ToldAlready {
  readonly state: "told-already";
  readonly outcome: Outcome;
}

/** What an activity may be given beside its own input: what the story has to tell, to be saved first. */
export interface Carrying {
  readonly tell?: SavedReport;
}

/** Saves what a story tells. */
export type SaveReport = (saved: SavedReport) => Promise<ToldAlready | undefined>;

/** The activity that saves what it is given to tell, and does its work unless another story has told the ending. */
export function telling<Input, Output>(
  save: SaveReport,
  act: (input: Input) => Promise<Output>,
): (input: Input & Carrying) => Promise<Output | ToldAlready> {
  return async (input) => {
    const toldAlready = input.tell && (await save(input.tell));
    return toldAlready ?? act(input);
  };
}

/** Writes a submission's report, and the release's unless that already tells of something better. */
export async function saveReport(
  reports: Reports,
  { report, keepsEnding = false }: SavedReport,
): Promise<ToldAlready | undefined> {
  let told: ToldAlready | undefined;
  await rewrite(reports, submissionReportPath(report), (present) => {
    told =
      keepsEnding && present && isToldAlready(present, report)
        ? { state: "told-already", outcome: present.outcome }
        : undefined;
    return !told && isLaterReport(present, report) ? report : undefined;
  });
  if (told) return told;
  await rewrite(reports, releaseReportPath(report), (present) =>
    replacesReleaseReport(present, report) ? report : undefined,
  );
  return undefined;
}

async function rewrite(
  reports: Reports,
  path: string,
  next: (present: Report | undefined) => Report | undefined,
): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const present = await reports.read(path);
    const report = next(present && parseReport(present.text));
    if (!report) return;
    if ((await reports.write(path, reportText(report), present?.etag)) === "written") return;
  }
  throw new Error(`${path} was rewritten by others 5 times in a row`);
}
