import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import type { BlockBlobClient } from "@azure/storage-blob";
import type { Digest, VaultPlace } from "../ports.ts";
import { asking, isRefusal, withinSeconds, withinLongActivity } from "./answers.ts";

/** The size of a block; a package of 2 GiB has 256 of them. */
const BLOCK_BYTES = 8 * 1024 * 1024;
/** Blocks in memory at most, 40 MiB: one is filled while the others are under way. */
const BUFFERS = 5;
// TLS copies what is written at once: small pieces keep the memory of a block from counting twice.
const PIECE_BYTES = 256 * 1024;

/**
 * Copies a stream into a blob that is committed only when its bytes are what `place` says; else the answer is what they
 * were. A blob that is already there counts as done: only this function writes to such a path.
 */
export async function copyVerified(
  source: () => Promise<AsyncIterable<Uint8Array>>,
  blob: BlockBlobClient,
  place: VaultPlace,
): Promise<"in-vault" | Digest> {
  const context = { container: blob.containerName, doing: "write" } as const;
  const abortSignal = withinLongActivity();
  if (await isInVault(blob, place)) return "in-vault";

  const blocks = newBlocks(blob, abortSignal);
  const found = await digestOf(await source(), (block, size) => blocks.stage(block, size));
  const ids = await blocks.staged();
  if (found.size !== place.size || found.sha256 !== place.sha256) return found;
  try {
    await asking(
      "storage",
      () => blob.commitBlockList(ids, { conditions: { ifNoneMatch: "*" }, abortSignal }),
      context,
    );
  } catch (error) {
    // Another copy of the same bytes was faster; its commit drops the blocks of this one.
    const isTaken =
      isRefusal(error, 409) || isRefusal(error, 412) || isRefusal(error, 400, "InvalidBlockList");
    if (!isTaken || !(await isInVault(blob, place))) throw error;
  }
  return "in-vault";
}

/**
 * Size and SHA-256 of a stream. `handOver` gets its bytes in blocks of equal size, the last one shorter, and gives the
 * buffer for the next one.
 */
export async function digestOf(
  stream: AsyncIterable<Uint8Array>,
  handOver: (block: Buffer, size: number) => Promise<Buffer> = (block) => Promise.resolve(block),
): Promise<Digest> {
  const hash = createHash("sha256");
  let size = 0;
  let block: Buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let filled = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    size += chunk.length;
    for (let taken = 0; taken < chunk.length;) {
      const bytes = chunk.subarray(taken, taken + BLOCK_BYTES - filled);
      block.set(bytes, filled);
      taken += bytes.length;
      filled += bytes.length;
      if (filled < BLOCK_BYTES) continue;
      block = await handOver(block, BLOCK_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) await handOver(block, filled);
  return { size, sha256: hash.digest("hex") };
}

function newBlocks(blob: BlockBlobClient, abortSignal: AbortSignal) {
  // Another submission may stage other bytes for the same path at the same time: nobody commits what is not theirs.
  const run = randomBytes(16).toString("hex");
  const ids: string[] = [];
  const underWay = new Set<Promise<unknown>>();
  const free: Buffer[] = [];
  return {
    /** Sends a block off and gives a buffer that is free. */
    async stage(block: Buffer, size: number): Promise<Buffer> {
      const id = Buffer.from(`${run}-${String(ids.length).padStart(6, "0")}`).toString("base64");
      ids.push(id);
      // The SDK asks for the body anew when it tries again.
      const body = (): NodeJS.ReadableStream => Readable.from(pieces(block.subarray(0, size)));
      const staging = asking("storage", () => blob.stageBlock(id, body, size, { abortSignal }));
      underWay.add(staging);
      void staging.then(
        () => {
          underWay.delete(staging);
          free.push(block);
        },
        () => undefined,
      );
      if (underWay.size === BUFFERS) await Promise.race(underWay);
      return free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    },
    async staged(): Promise<string[]> {
      await Promise.all(underWay);
      return ids;
    },
  };
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield bytes.subarray(start, start + PIECE_BYTES);
  }
}

async function isInVault(blob: BlockBlobClient, { path, size }: VaultPlace): Promise<boolean> {
  try {
    const context = { container: blob.containerName, doing: "read" } as const;
    const abortSignal = withinSeconds();
    const { contentLength } = await asking("storage", () => blob.getProperties({ abortSignal }), context);
    if (contentLength === size) return true;
  } catch (error) {
    if (isRefusal(error, 404)) return false;
    throw error;
  }
  throw new Error(`${path} is in the vault with another size than ${size} bytes`);
}
