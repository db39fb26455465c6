import type { Hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Clock } from "./clock.ts";
import type { Log } from "./console.ts";
import type { OpenPackage } from "./package-source.ts";
import { retrying } from "./retry.ts";

/** How a file is cut into blocks, and who takes them. */
export interface Blocks {
  /** The size of each but the last. */
  readonly bytes: number;
  /** How many are under way at once; each has a buffer of its own. */
  readonly lanes: number;
  /** Sends one block: one attempt. The bytes stay as they are until it is done. */
  readonly send: (number: number, bytes: Buffer, signal: AbortSignal) => Promise<void>;
  /** Whether a block need not be sent, because it has arrived before. */
  readonly hasArrived?: (number: number) => boolean;
}

interface Tools {
  readonly clock: Clock;
  readonly log: Log;
}

/** How many blocks a file of that size has. */
export function countOfBlocks(size: number, { bytes }: Pick<Blocks, "bytes">): number {
  return Math.ceil(size / bytes);
}

/**
 * Reads a file once, from its first byte to its last, has the hash see all of it, and sends its blocks, each again as long
 * as the refusal passes by itself. `sent` is told the bytes of each block that is there.
 */
export async function sendBlocks(
  opened: OpenPackage,
  size: number,
  blocks: Blocks,
  hash: Hash,
  sent: (bytes: number) => void,
  tools: Tools,
): Promise<void> {
  const count = countOfBlocks(size, blocks);
  const stop = new AbortController();
  let turn: Promise<void> = Promise.resolve();
  let next = 0;

  async function read(buffer: Buffer) {
    if (next >= count || stop.signal.aborted) return undefined;
    const number = next++;
    const position = number * blocks.bytes;
    const bytes = buffer.subarray(0, Math.min(blocks.bytes, size - position));
    await opened.fill(bytes, position);
    return { number, bytes };
  }

  // Lanes take turns at reading, so that the hash sees the bytes in order; then each sends its block at its own pace.
  async function lane(buffer: Buffer): Promise<void> {
    for (;;) {
      const reading = turn.then(() => read(buffer));
      turn = reading.then(async (block) => {
        // The hash holds up everything else for some milliseconds: what can be sent meanwhile is on its way first.
        await setImmediate();
        if (block) hash.update(block.bytes);
      }, ignore);
      const block = await reading;
      if (!block) return;
      const { number, bytes } = block;
      if (!blocks.hasArrived?.(number)) {
        const what = `block ${number + 1} of ${count}`;
        await retrying(what, () => blocks.send(number, bytes, stop.signal), tools);
      }
      sent(bytes.length);
    }
  }

  const lanes = Array.from({ length: Math.min(blocks.lanes, count) }, async () => {
    try {
      await lane(Buffer.allocUnsafeSlow(Math.min(blocks.bytes, size)));
    } catch (error) {
      // The first failure tells why; what the other lanes say after it is only that they were stopped.
      if (!stop.signal.aborted) stop.abort(error);
    }
  });
  await Promise.all(lanes);
  if (stop.signal.aborted) throw stop.signal.reason;
}

function ignore(): void {
  // Whoever waits for the reading hears of its failure.
}
