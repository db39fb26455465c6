import type { Drop, Release } from "../../core/naming.ts";
import { releaseReportPath } from "../../core/naming.ts";
import { isOperationId } from "../../core/operation-id.ts";
import { isFinal } from "../../core/outcome.ts";
import { parseReport } from "../../core/report.ts";
import type { VersionWritten } from "../../core/version-event.ts";
import type { Packages, Reports } from "../ports.ts";
import { newestInstance } from "../starting.ts";
import type { Stories } from "../vocabulary.ts";
import { dropOfSubmission } from "./drop-of-submission.ts";

/** What the handler works with. */
export interface VersionWrittenPorts {
  readonly packages: Pick<Packages, "list" | "folders">;
  readonly reports: Pick<Reports, "read">;
  readonly galleryId: string;
}

/** The event that wakes a story. */
const WAKE = "version-written";

/**
 * Wakes the story that follows a version, so that it looks before its pause is over. The event decides nothing and may
 * be early, repeated or missing: the story's own pauses carry it.
 */
export async function versionWritten(
  ports: VersionWrittenPorts,
  stories: Stories,
  written: VersionWritten,
): Promise<"woken" | "foreign" | "nobody waits"> {
  if (written.galleryId.toLowerCase() !== ports.galleryId.toLowerCase()) return "foreign";
  const drop = await dropUnderWay(ports, written);
  const newest = drop && (await newestInstance(stories, drop));
  if (!newest?.isRunning) return "nobody waits";
  await stories.raise(newest.instanceId, WAKE);
  return "woken";
}

/** Where the release that is under way came from; an operation on a published version has a folder by its own id. */
async function dropUnderWay(
  { packages, reports }: VersionWrittenPorts,
  { application, version }: Release,
): Promise<Drop | undefined> {
  const found = await reports.read(releaseReportPath({ application, version }));
  const report = found && parseReport(found.text);
  if (!report || isFinal(report.outcome)) return undefined;
  const { submission } = report;
  if (isOperationId(submission)) return { application, version, folder: submission };
  return dropOfSubmission(packages, { application, version }, submission);
}
