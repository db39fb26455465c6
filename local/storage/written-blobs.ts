import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { BlobWritten } from "../world.ts";
import { headerOf } from "./blob-request.ts";
import type { BlobRequest } from "./blob-request.ts";
import type { BlobStore } from "./store.ts";

/** Those who want to hear of blobs that were written. */
export type WrittenBlobs = {
  readonly listen: (listener: (blob: BlobWritten) => void) => () => void;
  /** Tells of a blob after the store has taken it. */
  announce(request: BlobRequest, api: BlobWritten["api"], answer: IncomingHttpHeaders): Promise<void>;
};

/** Announces blobs with addresses below `endpoint`. */
export function createWrittenBlobs(store: BlobStore, endpoint: string): WrittenBlobs {
  const listeners = new Set<(blob: BlobWritten) => void>();
  return {
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    announce: async (request, api, answer) => {
      const { account, container = "", path = "" } = request;
      const properties = await store.properties(container, path);
      if (properties === undefined) return;
      const clientRequestId = headerOf(request, "x-ms-client-request-id");
      const blob: BlobWritten = {
        account,
        container,
        path,
        url: `${endpoint}/${container}/${path.split("/").map(encodeURIComponent).join("/")}`,
        api,
        etag: (answer.etag ?? "").replaceAll('"', ""),
        contentLength: properties.size,
        contentType: properties.contentType,
        requestId: headerOf({ headers: answer }, "x-ms-request-id") ?? randomUUID(),
        clientRequestId: clientRequestId ?? randomUUID(),
      };
      for (const listener of listeners) listener(blob);
    },
  };
}
