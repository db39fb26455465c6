import { Readable } from "node:stream";
import type { ContainerClient } from "@azure/storage-blob";
import type { DropBox } from "../ports.ts";
import { asking, isRefusal, withinSeconds } from "./answers.ts";

/** The host gives up an answer after 230 seconds. */
const BLOCK_SECONDS = 200;
const CREATE_ONLY = { conditions: { ifNoneMatch: "*" } };

/** The drop box as the pipeline writes it. The client must not repeat requests: a streamed block can be sent once. */
export function azureDropBox(container: ContainerClient): DropBox {
  const context = { container: container.containerName, doing: "write" } as const;

  async function unlessThere(write: () => Promise<unknown>): Promise<"written" | "exists"> {
    try {
      await asking("storage", write, context);
      return "written";
    } catch (error) {
      if (isRefusal(error, 409, "BlobAlreadyExists") || isRefusal(error, 412)) return "exists";
      throw error;
    }
  }

  return {
    async writeBlock(path, blockId, bytes, size) {
      // The SDK does not listen for errors of what it sends: unheard, they would end the process.
      const broken = new AbortController();
      // Small pieces and no objects: no more of a block is in memory than is just passing through.
      const stream = Readable.from(bytes, { objectMode: false });
      stream.once("error", (error) => broken.abort(error));
      const abortSignal = AbortSignal.any([broken.signal, withinSeconds(BLOCK_SECONDS)]);
      const blob = container.getBlockBlobClient(path);
      try {
        await asking("storage", () => blob.stageBlock(blockId, () => stream, size, { abortSignal }), context);
      } finally {
        stream.destroy();
      }
    },

    async blocks(path) {
      try {
        const list = await asking(
          "storage",
          () => container.getBlockBlobClient(path).getBlockList("all", { abortSignal: withinSeconds() }),
          { container: container.containerName, doing: "read" },
        );
        return [...(list.committedBlocks ?? []), ...(list.uncommittedBlocks ?? [])].map(({ name, size }) => ({
          id: name,
          size,
        }));
      } catch (error) {
        if (isRefusal(error, 404, "BlobNotFound")) return [];
        throw error;
      }
    },

    commitBlocks: (path, blockIds) =>
      unlessThere(() =>
        container.getBlockBlobClient(path).commitBlockList([...blockIds], {
          ...CREATE_ONLY,
          blobHTTPHeaders: { blobContentType: "application/octet-stream" },
          abortSignal: withinSeconds(60),
        }),
      ),

    create: (path, text) =>
      unlessThere(() =>
        container.getBlockBlobClient(path).upload(text, Buffer.byteLength(text), {
          ...CREATE_ONLY,
          blobHTTPHeaders: { blobContentType: "application/json" },
          abortSignal: withinSeconds(),
        }),
      ),
  };
}
