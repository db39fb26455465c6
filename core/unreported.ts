import { MANIFEST_FILE } from "./file-name.ts";
import {
  type Drop,
  dropOfPath,
  isCommittedByManifest,
  isReportable,
  type Release,
  type Submission,
  submissionReportPath,
} from "./naming.ts";
import { operationOfPath } from "./operation.ts";
import { type DroppedFile, fileNameOf, submissionOf } from "./submission.ts";

/** A blob of a listing. Times are ISO 8601. */
export interface ListedBlob extends DroppedFile {
  readonly writtenAt: string;
}

/** A submission in the drop box, and the report of it that was listed. */
export interface ListedSubmission {
  readonly drop: Drop;
  readonly submission: Submission;
  /** When its last file came. */
  readonly arrivedAt: string;
  readonly report: ListedBlob | undefined;
}

/** The submissions that listings of the drop box and of the reports show, whatever became of them. */
export function listedSubmissions(
  dropped: readonly ListedBlob[],
  reports: readonly ListedBlob[],
): ListedSubmission[] {
  const byPath = new Map(reports.map((report) => [report.path, report]));
  const drops = new Map<string, ListedBlob[]>();
  for (const file of dropped) {
    if (!dropOfPath(file.path)) continue;
    const folder = file.path.slice(0, file.path.lastIndexOf("/"));
    drops.set(folder, [...(drops.get(folder) ?? []), file]);
  }
  return [...drops.values()].flatMap((files) => {
    const drop = files[0] && dropOfPath(files[0].path)?.drop;
    if (!drop || !isReportable(drop) || !isBegun(drop, files)) return [];
    const submission = {
      application: drop.application,
      version: drop.version,
      submission: submissionOf(drop, files),
    };
    const arrivedAt = files.reduce((latest, file) => later(latest, file.writtenAt), "");
    return [{ drop, submission, arrivedAt, report: byPath.get(submissionReportPath(submission)) }];
  });
}

/** An operation on a published version that was asked for, and the report of it that was listed. */
export interface ListedOperation {
  readonly release: Release;
  readonly id: string;
  readonly askedAt: string;
  readonly report: ListedBlob | undefined;
}

/** The operations that a listing of the reports shows, whatever became of them. */
export function listedOperations(reports: readonly ListedBlob[]): ListedOperation[] {
  const byPath = new Map(reports.map((report) => [report.path, report]));
  return reports.flatMap(({ path, writtenAt: askedAt }) => {
    const found = operationOfPath(path);
    if (!found) return [];
    const report = byPath.get(submissionReportPath({ ...found.release, submission: found.id }));
    return [{ ...found, askedAt, report }];
  });
}

/** A folder without the manifest that commits it is something that nobody looks at. */
function isBegun(drop: Drop, files: readonly DroppedFile[]): boolean {
  return !isCommittedByManifest(drop) || files.some((file) => fileNameOf(file) === MANIFEST_FILE);
}

function later(one: string, other: string): string {
  return Date.parse(other) > (Date.parse(one) || 0) ? other : one;
}
