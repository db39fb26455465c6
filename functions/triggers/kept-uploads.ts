import { setTimeout } from "node:timers/promises";
import { quoted } from "../../core/application.ts";
import {
  openUploadsPath,
  openUploadsText,
  type OpenUpload,
  parseOpenUploads,
  withOpened,
  withoutOpened,
} from "../../core/open-uploads.ts";
import type { Release } from "../../core/naming.ts";
import {
  isUploadId,
  parseUpload,
  type Upload,
  type UploadFile,
  uploadPath,
  uploadText,
} from "../../core/upload.ts";
import type { Reports } from "../ports.ts";
import { HttpProblem, notFound } from "./http-answers.ts";

/** How often a write is tried again that somebody else came before: a whole matrix of jobs may open at once. */
const MOST_ATTEMPTS = 20;

// Whoever lost comes back at another time than the others who did.
function afterOthers(attempt: number): Promise<void> {
  return setTimeout(Math.random() * Math.min(25 * (attempt + 1), 300));
}

/** An upload as it is kept; undefined when there is none. */
export async function keptUpload(
  reports: Pick<Reports, "read">,
  release: Release,
  submission: string,
): Promise<{ readonly upload: Upload; readonly etag: string } | undefined> {
  if (!isUploadId(submission)) return undefined;
  const found = await reports.read(uploadPath({ ...release, submission }));
  return found && { upload: parseUpload(found.text), etag: found.etag };
}

/** The opener's own upload. Anybody else's is not there. */
export async function ownUpload(
  reports: Pick<Reports, "read">,
  release: Release,
  submission: string,
  opener: string,
): Promise<Upload> {
  const kept = await keptUpload(reports, release, submission);
  if (kept?.upload.opener !== opener) throw notFound(`submission ${submission} that this caller opened`);
  return kept.upload;
}

/** Keeps a new upload, or gives the one that is there under its name. */
export async function keepNew(reports: Reports, upload: Upload): Promise<Upload> {
  const written = await reports.write(uploadPath(upload), uploadText(upload), undefined);
  if (written === "written") return upload;
  return (await keptUpload(reports, upload, upload.submission))?.upload ?? upload;
}

/** Changes the opener's upload; `change` sees it as it is by now, and may throw. */
export async function changeUpload(
  reports: Reports,
  { application, version, submission }: Upload,
  change: (upload: Upload) => Upload,
): Promise<Upload> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const kept = await keptUpload(reports, { application, version }, submission);
    if (!kept) throw notFound(`submission ${submission}`);
    const changed = change(kept.upload);
    if (changed === kept.upload) return changed;
    const written = await reports.write(uploadPath(changed), uploadText(changed), kept.etag);
    if (written === "written") return changed;
    await afterOthers(attempt);
  }
  throw crowded();
}

/** Counts an upload among its application's open ones, or throws that there are too many. */
export async function countOpened(
  reports: Reports,
  application: string,
  entry: OpenUpload,
  at: Date,
): Promise<void> {
  await changeOpen(reports, application, (open) => {
    const next = withOpened(open, entry, at);
    if ("full" in next) throw new HttpProblem(429, next.full, { "retry-after": "600" });
    return next;
  });
}

/** Counts an upload no longer, since it was committed. */
export async function countCommitted(reports: Reports, { application, submission }: Upload): Promise<void> {
  await changeOpen(reports, application, (open) => withoutOpened(open, submission));
}

async function changeOpen(
  reports: Reports,
  application: string,
  change: (open: readonly OpenUpload[]) => readonly OpenUpload[],
): Promise<void> {
  const path = openUploadsPath(application);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const found = await reports.read(path);
    const open = found ? parseOpenUploads(found.text) : [];
    const text = openUploadsText(change(open));
    if (text === found?.text) return;
    if ((await reports.write(path, text, found?.etag)) === "written") return;
    await afterOthers(attempt);
  }
  throw crowded();
}

/** The file of an upload, or a problem 404. */
export function fileOf({ files }: Upload, name: string): UploadFile {
  const file = files.find((one) => one.file === name);
  if (!file) throw notFound(`file ${quoted(name)} in this submission`);
  return file;
}

/** Throws when nothing more is taken. */
export function refuseExpired({ submission, expiresAt, manifestSha256 }: Upload, at: Date): void {
  if (manifestSha256 !== null || Date.parse(expiresAt) > at.getTime()) return;
  throw new HttpProblem(410, {
    code: "submission-expired",
    message: `${submission} was open until ${expiresAt} and takes nothing more`,
    nextStep: "Open another submission and send the files again.",
  });
}

function crowded(): HttpProblem {
  return new HttpProblem(
    503,
    {
      code: "too-busy",
      message: "others kept changing the same submissions at the same time",
      nextStep: "Send the request again; repeating it is harmless.",
    },
    { "retry-after": "5" },
  );
}
