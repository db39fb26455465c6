import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { BlobServiceClient } from "@azure/storage-blob";
import type { TokenCredential } from "@azure/identity";
import { containers } from "../core/naming.ts";
import { Problem } from "../core/problem.ts";
import { hasAzureCode } from "./azure-refusal.ts";
import type { StorageAccount } from "./storage-account.ts";
import { storageQuestions } from "./storage-questions.ts";

/** The blob is written, or it was there already and stays what it is. */
export type Written = "written" | "exists";

/**
 * What an uploader may do in the packages account: create blobs in the drop box and read reports. One attempt each;
 * what Azure refuses is thrown as a problem.
 */
export interface Storage {
  readonly account: string;
  /** The text of a report, or undefined when there is none. */
  readReport(path: string): Promise<string | undefined>;
  /** Throws what Azure would say to a new blob at that path. Writes nothing. */
  checkMayCreate(path: string): Promise<void>;
  createBlob(path: string, bytes: Uint8Array, contentType: string): Promise<Written>;
  writeBlock(path: string, blockId: string, bytes: Buffer, signal: AbortSignal): Promise<void>;
  commitBlocks(path: string, blockIds: readonly string[], contentType: string): Promise<Written>;
}

/** The id of a block that nobody ever sent. */
export const NO_BLOCK = Buffer.from("never-sent-00").toString("base64");
/** The id of the block of a blob that has only one. */
export const ONLY_BLOCK = Buffer.from("block-000000").toString("base64");
const CREATE_ONLY = { conditions: { ifNoneMatch: "*" } };
const REPORT_LIMIT_BYTES = 4 * 1024 * 1024;
const BLOCK_TIMEOUT_MS = 300_000;
const TIMEOUT_MS = 60_000;
// TLS copies what is written at once: small pieces keep the memory of a block from counting twice.
const PIECE_BYTES = 256 * 1024;

/** What a storage may be told beside its address. */
export interface StorageOptions {
  /** Who is signed in, for next steps; asked when it is needed, because signing in may tell. */
  readonly clientId?: () => string | undefined;
  /** Whether each block carries an MD5 that Azure checks on arrival. */
  readonly blockChecksums?: boolean;
}

/** The packages account through Azure's own client. Retries are the caller's, who knows what may be repeated. */
export function createStorage(
  account: StorageAccount,
  credential: TokenCredential,
  options: StorageOptions = {},
): Storage {
  const { clientId, blockChecksums } = options;
  const service = new BlobServiceClient(account.blobEndpoint, credential, { retryOptions: { maxTries: 1 } });
  const reports = service.getContainerClient(containers.reports);
  const dropBox = service.getContainerClient(containers.dropBox);

  const { ask, create } = storageQuestions(account, clientId);

  return {
    account: account.name,

    readReport: (path) =>
      ask("read", async () => {
        try {
          const answer = await reports.getBlobClient(path).download(undefined, undefined, {
            abortSignal: AbortSignal.timeout(TIMEOUT_MS),
          });
          if ((answer.contentLength ?? 0) > REPORT_LIMIT_BYTES) throw tooLarge(path);
          const body = answer.readableStreamBody;
          return body === undefined ? "" : (await buffer(body)).toString("utf8");
        } catch (error) {
          if (hasAzureCode(error, "BlobNotFound")) return undefined;
          throw error;
        }
      }),

    checkMayCreate: (path) =>
      ask("write", async () => {
        try {
          // Azure judges the right to write first; then it finds that nobody ever sent this block.
          await dropBox
            .getBlockBlobClient(path)
            .commitBlockList([NO_BLOCK], { ...CREATE_ONLY, abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
        } catch (error) {
          if (!hasAzureCode(error, "InvalidBlockList")) throw error;
        }
      }),

    createBlob: async (path, bytes, blobContentType) => {
      // Put Blob has no checksum that is checked on arrival, Put Block has.
      if (blockChecksums) {
        await writeBlock(path, ONLY_BLOCK, Buffer.from(bytes));
        return commitBlocks(path, [ONLY_BLOCK], blobContentType);
      }
      return create(() =>
        dropBox.getBlockBlobClient(path).upload(bytes, bytes.byteLength, {
          ...CREATE_ONLY,
          blobHTTPHeaders: { blobContentType },
          abortSignal: AbortSignal.timeout(BLOCK_TIMEOUT_MS),
        }),
      );
    },

    writeBlock,
    commitBlocks,
  };

  function writeBlock(path: string, blockId: string, bytes: Buffer, signal?: AbortSignal): Promise<void> {
    const timeout = AbortSignal.timeout(BLOCK_TIMEOUT_MS);
    return ask("write", async () => {
      await dropBox
        .getBlockBlobClient(path)
        .stageBlock(blockId, () => Readable.from(pieces(bytes)), bytes.length, {
          abortSignal: signal ? AbortSignal.any([signal, timeout]) : timeout,
          ...(blockChecksums && { transactionalContentMD5: createHash("md5").update(bytes).digest() }),
        });
    });
  }

  function commitBlocks(
    path: string,
    blockIds: readonly string[],
    blobContentType: string,
  ): Promise<Written> {
    return create(() =>
      dropBox.getBlockBlobClient(path).commitBlockList([...blockIds], {
        ...CREATE_ONLY,
        blobHTTPHeaders: { blobContentType },
        abortSignal: AbortSignal.timeout(TIMEOUT_MS),
      }),
    );
  }
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield bytes.subarray(start, start + PIECE_BYTES);
  }
}

function tooLarge(path: string): Problem {
  return new Problem(
    "bad-report",
    `the report ${path} is larger than any report`,
    "Check storage-account: it must be the packages account of the pipeline.",
  );
}
