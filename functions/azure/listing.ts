import type { ContainerClient } from "@azure/storage-blob";
import type { ListedBlob } from "../../core/unreported.ts";
import { asking, withinSeconds } from "./answers.ts";

/** Every blob of a container. */
export function listAll(container: ContainerClient): Promise<ListedBlob[]> {
  return asking(
    "storage",
    async () => {
      const blobs: ListedBlob[] = [];
      // Thousands of blobs come in a second or two.
      for await (const { name, properties } of container.listBlobsFlat({ abortSignal: withinSeconds(45) })) {
        const { etag, contentLength, lastModified } = properties;
        const writtenAt = lastModified.toISOString();
        blobs.push({ path: name, etag: quotedEtag(etag), size: contentLength ?? 0, writtenAt });
      }
      return blobs;
    },
    { container: container.containerName, doing: "read" },
  );
}

/** Listings give ETags bare, headers quoted, and conditions want them quoted. */
export function quotedEtag(etag: string): string {
  return etag.startsWith('"') ? etag : `"${etag}"`;
}
