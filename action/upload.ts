import { createHash, type Hash } from "node:crypto";
import { quoted } from "../core/application.ts";
import type { SubmittedFile } from "../core/effective-manifest.ts";
import { Problem } from "../core/problem.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./console.ts";
import type { OpenPackage, PackageSource } from "./package-source.ts";
import { createProgress } from "./progress.ts";
import { retrying } from "./retry.ts";
import { countOfBlocks, sendBlocks } from "./send-blocks.ts";
import type { Storage, Written } from "./storage.ts";

// Blocks above 4 MiB get a standard account's high throughput (Azure Storage scale targets). Each lane has one buffer.
const BLOCK_BYTES = 4 * 1024 * 1024 + 65_536;
const LANES = 7;
const CONTENT_TYPE = "application/octet-stream";

interface Tools {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Uploads the source into a blob that must not exist yet, and gives the size and SHA-256 of exactly the bytes that were
 * sent. The blob appears only at the end, and not at all when the source changed meanwhile.
 */
export async function uploadFile(file: PackageSource, path: string, tools: Tools): Promise<SubmittedFile> {
  const { storage } = tools;
  const progress = createProgress(file.name, file.size, tools.clock, tools.log);
  const sha256 = await readUnchanged(file, async (opened, hash) => {
    if (file.size <= BLOCK_BYTES) {
      const bytes = Buffer.allocUnsafe(file.size);
      await opened.fill(bytes, 0);
      hash.update(bytes);
      return () => create(path, tools, () => storage.createBlob(path, bytes, CONTENT_TYPE));
    }
    const blocks = {
      bytes: blockBytesOf(file.size),
      lanes: LANES,
      send: (number: number, bytes: Buffer, signal: AbortSignal) =>
        storage.writeBlock(path, blockId(number), bytes, signal),
    };
    await sendBlocks(opened, file.size, blocks, hash, progress.sent, tools);
    const blockIds = Array.from({ length: countOfBlocks(file.size, blocks) }, (_, number) => blockId(number));
    return () => create(path, tools, () => storage.commitBlocks(path, blockIds, CONTENT_TYPE));
  });
  progress.done();
  return { file: file.name, size: file.size, sha256 };
}

/** How many connections a package of that size is sent over. */
export function connectionsFor(size: number): number {
  return Math.min(LANES, Math.ceil(size / BLOCK_BYTES));
}

/** Creates a small blob from text. */
export async function uploadText(text: string, path: string, tools: Tools): Promise<void> {
  await create(path, tools, () => tools.storage.createBlob(path, Buffer.from(text), "application/json"));
}

/** The SHA-256 of a source, without sending it anywhere; what is told of it beforehand is believed. */
export async function digestOf(file: PackageSource): Promise<string> {
  if (file.sha256 !== undefined) return file.sha256;
  const buffer = Buffer.allocUnsafe(Math.min(file.size, BLOCK_BYTES));
  return readUnchanged(file, async (opened, hash) => {
    for (let position = 0; position < file.size; position += buffer.length) {
      const bytes = buffer.subarray(0, Math.min(buffer.length, file.size - position));
      await opened.fill(bytes, position);
      hash.update(bytes);
    }
    return () => Promise.resolve();
  });
}

/**
 * Reads a source, checks that it did not change meanwhile, and only then does what makes the result count. Gives the
 * SHA-256 of the bytes that `read` showed the hash.
 */
export async function readUnchanged(
  source: PackageSource,
  read: (opened: OpenPackage, hash: Hash) => Promise<() => Promise<void>>,
): Promise<string> {
  const opened = await source.open();
  try {
    const hash = createHash("sha256");
    const finish = await read(opened, hash);
    const sha256 = hash.digest("hex");
    await opened.check(sha256);
    await finish();
    return sha256;
  } finally {
    await opened.close();
  }
}

// Nobody else knows the folder's name: what is there after a repeated attempt came from the attempt before it.
async function create(path: string, tools: Tools, write: () => Promise<Written>): Promise<void> {
  await retrying(
    path,
    async (attempt) => {
      if ((await write()) === "exists" && attempt === 1) {
        throw new Problem(
          "blob-exists",
          `the blob ${quoted(path)} is there already, and this Action overwrites nothing`,
          "Run the job again; a new attempt has a folder of its own.",
        );
      }
    },
    tools,
  );
}

// Every lane sends as many blocks as the others, so that none of them is left alone with the last one.
function blockBytesOf(size: number): number {
  const rounds = Math.max(1, Math.round(size / (LANES * BLOCK_BYTES)));
  return Math.max(BLOCK_BYTES, Math.ceil(size / (LANES * rounds)));
}

// All ids of a blob have the same length (Put Block documentation).
function blockId(number: number): string {
  return Buffer.from(`block-${String(number).padStart(6, "0")}`).toString("base64");
}
