import * as z from "zod";
import type { Release, Submission } from "../core/naming.ts";
import { pathOf } from "./pipeline.ts";
import { notOurPipeline, type PipelineClient } from "./pipeline-client.ts";

const fileSchema = z.object({
  file: z.string(),
  size: z.number(),
  /** Numbers of the blocks that have arrived. */
  received: z.array(z.number()),
  /** Null until the file is committed. */
  sha256: z.string().nullable(),
});

const uploadSchema = z.object({
  submission: z.string().regex(/^api-[0-9a-f]{32}$/),
  blockBytes: z
    .int()
    .min(1)
    .max(16 * 1024 * 1024),
  blocksAtOnce: z.int().min(1).max(16),
  files: z.array(fileSchema),
});

/** A submission that is open at the pipeline: what it takes, and what has arrived. */
export type OpenSubmission = z.infer<typeof uploadSchema>;
/** One of its files. */
export type OpenFile = z.infer<typeof fileSchema>;

/** A file that is to be sent. */
export interface NamedFile {
  readonly file: string;
  readonly size: number;
}

/** The pipeline's endpoints through which a submission comes in. One attempt each. */
export interface Submissions {
  /** Opens a submission, or gives the one that this job opened with the same key. */
  open(release: Release, files: readonly NamedFile[], key: string): Promise<OpenSubmission>;
  /** What has arrived. */
  see(submission: Submission): Promise<OpenSubmission>;
  sendBlock(
    submission: Submission,
    file: string,
    block: number,
    bytes: Buffer,
    signal: AbortSignal,
  ): Promise<void>;
  commitFile(submission: Submission, file: string, size: number, sha256: string): Promise<void>;
  /** Hands the submission over: the publication begins. */
  commit(submission: Submission, manifest: string): Promise<void>;
}

const BLOCK_TIMEOUT_MS = 230_000;

/** The endpoints through which a submission comes in. */
export function createSubmissions(client: PipelineClient): Submissions {
  const placeOf = (submission: Submission): string =>
    `${pathOf(submission)}/submissions/${submission.submission}`;
  const fileOf = (submission: Submission, file: string): string =>
    `${placeOf(submission)}/files/${encodeURIComponent(file)}`;

  function openIn(answer: unknown): OpenSubmission {
    const { success, data, error } = uploadSchema.safeParse(answer);
    if (!success) throw notOurPipeline(client.url, error);
    return data;
  }

  return {
    open: async (release, files, key) =>
      openIn(
        await client.ask({
          ...{ method: "POST", path: `${pathOf(release)}/submissions`, body: { files } },
          headers: { "idempotency-key": key },
        }),
      ),

    see: async (submission) => openIn(await client.ask({ method: "GET", path: placeOf(submission) })),

    sendBlock: async (submission, file, block, bytes, signal) => {
      const path = `${fileOf(submission, file)}/blocks/${block}`;
      await client.ask({ method: "PUT", path, body: bytes, timeoutMs: BLOCK_TIMEOUT_MS, signal });
    },

    commitFile: async (submission, file, size, sha256) => {
      await client.ask({ method: "PUT", path: fileOf(submission, file), body: { size, sha256 } });
    },

    commit: async (submission, manifest) => {
      await client.ask({
        ...{ method: "PUT", path: `${placeOf(submission)}/manifest`, body: Buffer.from(manifest) },
        headers: { "content-type": "application/json" },
      });
    },
  };
}
