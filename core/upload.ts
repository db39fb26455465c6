import * as z from "zod";
import { quoted } from "./application.ts";
import { fileNameFault, isSameFileName, MANIFEST_FILE } from "./file-name.ts";
import { MAX_DOCUMENT_BYTES } from "./json.ts";
import { type Manifest, MAX_PACKAGE_BYTES, sha256Schema } from "./manifest.ts";
import { type Drop, dropPrefix, type Release, sha256, type Submission } from "./naming.ts";
import type { Reason } from "./problem.ts";
import { type Submitter, submitterSchema } from "./submitter.ts";
import { requestBodyFrom } from "./request-body.ts";

/** The size of a block; only the last one of a file may be shorter. A package of 2 GiB has 256 of them. */
export const BLOCK_BYTES = 8 * 1024 * 1024;
/** Blocks that a client does well to have under way at once. */
export const BLOCKS_AT_ONCE = 6;
/** How long an opened submission takes files. */
export const OPEN_HOURS = 24;

const fileSchema = z.object({ file: z.string(), size: z.int(), sha256: z.string().nullable() });

const uploadSchema = z.object({
  application: z.string(),
  version: z.string(),
  submission: z.string(),
  /** Who may go on with it. */
  opener: z.string(),
  by: submitterSchema,
  expiresAt: z.string(),
  files: z.array(fileSchema),
  /** The manifest that was announced; what lies in the drop box counts only if it is this one. */
  manifestSha256: z.string().nullable(),
});

/** A submission that is sent through the pipeline's endpoints, as it is kept: only the pipeline writes it. */
export type Upload = z.infer<typeof uploadSchema>;
/** One of its files; `sha256` is null until it is committed. */
export type UploadFile = z.infer<typeof fileSchema>;

/** Where an upload is kept in `reports`: no application's name begins so. */
export function uploadPath({ application, version, submission }: Submission): string {
  return `_submissions/${application}/${version}/${submission}.json`;
}

/** The text in which an upload is kept. */
export function uploadText(upload: Upload): string {
  return `${JSON.stringify(upload, null, 2)}\n`;
}

/** The upload that the pipeline kept. */
export function parseUpload(text: string): Upload {
  return uploadSchema.parse(JSON.parse(text));
}

/** The id of a submission through the endpoints: what the same opener opens with the same key is the same. */
export function uploadId(release: Release, opener: string, key: string): string {
  const seed = [release.application, release.version, opener, key];
  return `api-${sha256(JSON.stringify(seed)).slice(0, 32)}`;
}

/** Whether a submission's id is that of an upload. */
export function isUploadId(id: string): boolean {
  return /^api-[0-9a-f]{32}$/.test(id);
}

/** The folder of the drop box that an upload fills. */
export function dropOfUpload({ application, version, submission }: Submission): Drop {
  return { application, version, folder: submission };
}

/** Where one of its files lies in the drop box. */
export function uploadFilePath(upload: Submission, file: string): string {
  return dropPrefix(dropOfUpload(upload)) + file;
}

/** How many blocks a file has. */
export function blocksOf({ size }: Pick<UploadFile, "size">): number {
  return Math.ceil(size / BLOCK_BYTES);
}

/** The size of a block of a file; undefined when the file has no such block. */
export function blockSize(file: Pick<UploadFile, "size">, block: number): number | undefined {
  const count = blocksOf(file);
  if (!Number.isInteger(block) || block < 0 || block >= count) return undefined;
  return block < count - 1 ? BLOCK_BYTES : file.size - block * BLOCK_BYTES;
}

/** The number that a path's part means; undefined when it is none. */
export function blockNumberFrom(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) ? Number(text) : undefined;
}

/** What storage calls a block; all ids of a blob have the same length (Put Block documentation). */
export function blockId(block: number): string {
  return btoa(`block-${String(block).padStart(6, "0")}`);
}

/** Which of a file's blocks are among those that storage has, whole. */
export function receivedBlocks(
  file: Pick<UploadFile, "size">,
  stored: readonly { readonly id: string; readonly size: number }[],
): number[] {
  const sizes = new Map(stored.map(({ id, size }) => [id, size]));
  const numbers = Array.from({ length: blocksOf(file) }, (_, block) => block);
  return numbers.filter((block) => sizes.get(blockId(block)) === blockSize(file, block));
}

const wanted = z.strictObject({
  files: z
    .array(
      z
        .strictObject({
          file: z.string().superRefine((name, context) => {
            const fault = isSameFileName(name, MANIFEST_FILE)
              ? "is the name of the manifest"
              : fileNameFault(name);
            if (fault) context.addIssue({ code: "custom", message: fault });
          }),
          size: z.int().min(1).max(MAX_PACKAGE_BYTES),
        })
        .superRefine(({ file, size }, context) => {
          // Attestations are read as documents are.
          if (!file.toLowerCase().endsWith(".sigstore.json") || size <= MAX_DOCUMENT_BYTES) return;
          const message = `is more than the ${MAX_DOCUMENT_BYTES} bytes of an attestation`;
          context.addIssue({ code: "custom", path: ["size"], message });
        }),
    )
    .min(1)
    .max(3)
    .superRefine((files, context) => {
      files.forEach(({ file }, index) => {
        if (files.slice(0, index).every((other) => !isSameFileName(other.file, file))) return;
        context.addIssue({ code: "custom", path: [index, "file"], message: "is there twice" });
      });
    }),
});

/** The files that a request's body wants to send, or a problem `bad-request` with every fault. */
export function filesFrom(body: unknown): UploadFile[] {
  const { files } = requestBodyFrom(wanted, body, '{"files": [{"file": "app.tar.gz", "size": 123}]}');
  return files.map((file) => ({ ...file, sha256: null }));
}

/** Size and digest that a request's body commits a file with, or a problem `bad-request`. */
export function commitFrom(body: unknown): { readonly size: number; readonly sha256: string } {
  const schema = z.strictObject({ size: z.int().min(1), sha256: sha256Schema });
  return requestBodyFrom(schema, body, '{"size": 123, "sha256": "…64 hex digits"}');
}

/** A new upload by that submitter. */
export function newUpload(
  submission: Submission,
  opened: { readonly opener: string; readonly by: Submitter; readonly files: readonly UploadFile[] },
  at: Date,
): Upload {
  const { application, version } = submission;
  return {
    ...{ application, version, submission: submission.submission },
    ...{ opener: opened.opener, by: opened.by, files: [...opened.files] },
    expiresAt: new Date(at.getTime() + OPEN_HOURS * 3_600_000).toISOString(),
    manifestSha256: null,
  };
}

/** Whether two uploads were opened for the same files. */
export function isSameOpening(a: Upload, files: readonly UploadFile[]): boolean {
  const told = (list: readonly UploadFile[]): string =>
    JSON.stringify(list.map(({ file, size }) => [file, size]));
  return told(a.files) === told(files);
}

/** Why a manifest does not commit the upload: it must name files that were committed, as they were. */
export function manifestFault(upload: Upload, manifest: Manifest): Reason | undefined {
  const { application, version, files } = upload;
  if (manifest.application !== application || manifest.version !== version) {
    return {
      code: "manifest-elsewhere",
      message: `the manifest is for ${manifest.application} ${manifest.version}, but was sent to a submission of ${application} ${version}`,
      nextStep: "Open a submission of the release that the manifest names.",
    };
  }
  const named = [manifest.package, ...(manifest.configuration ? [manifest.configuration] : [])];
  for (const { file, size, sha256: digest } of named) {
    const sent = files.find((one) => one.file === file);
    if (sent?.sha256 == null || sent.size !== size || sent.sha256 !== digest) return notSent(file);
  }
  return undefined;
}

function notSent(file: string): Reason {
  return {
    code: "file-not-committed",
    message: `the manifest names ${quoted(file)} with a size and SHA-256 that no committed file of this submission has`,
    nextStep: "Commit each file first, and give its size and sha256 in the manifest as they were committed.",
  };
}
