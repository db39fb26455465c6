import type { ContainerClient } from "@azure/storage-blob";
import type { Reports } from "../ports.ts";
import { asking, isRefusal, withinSeconds } from "./answers.ts";
import { listAll } from "./listing.ts";

/** The reports in a container. */
export function azureReports(container: ContainerClient): Reports {
  const about = { container: container.containerName };
  return {
    listAll: () => listAll(container),

    async read(path) {
      const blob = container.getBlockBlobClient(path);
      try {
        const { text, etag } = await asking(
          "storage",
          async () => {
            const answer = await blob.download(0, undefined, { abortSignal: withinSeconds() });
            return { text: await textOf(answer.readableStreamBody), etag: answer.etag ?? "" };
          },
          { ...about, doing: "read" },
        );
        return { text, etag };
      } catch (error) {
        if (isRefusal(error, 404, "BlobNotFound")) return undefined;
        throw error;
      }
    },

    async write(path, text, etag) {
      const blob = container.getBlockBlobClient(path);
      const options = {
        conditions: etag === undefined ? { ifNoneMatch: "*" } : { ifMatch: etag },
        blobHTTPHeaders: { blobContentType: "application/json", blobCacheControl: "no-cache" },
        abortSignal: withinSeconds(),
      };
      try {
        await asking("storage", () => blob.upload(text, Buffer.byteLength(text), options), {
          ...about,
          doing: "write",
        });
        return "written";
      } catch (error) {
        if (isRefusal(error, 412) || isRefusal(error, 409, "BlobAlreadyExists")) return "conflict";
        throw error;
      }
    },
  };
}

/** The text of a stream; of nothing, when there is none. */
export async function textOf(stream: NodeJS.ReadableStream | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
