import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { BlobReader, BlobReading } from "../world.ts";
import { authorize } from "./authorize.ts";
import { blobRequest } from "./blob-request.ts";
import type { BlobRequest } from "./blob-request.ts";
import { callerByAddress } from "./caller.ts";
import type { Caller } from "./caller.ts";
import type { GuardParts } from "./guard.ts";
import { operationOf } from "./operations.ts";
import type { Refusal } from "./refusals.ts";

/** Reads blobs in process as a trusted service does, through the very checks that requests go through. */
export function createBlobReader(parts: Pick<GuardParts, "context" | "endpoints" | "store">): BlobReader {
  return {
    read: async (url, principalId) => {
      const request = requestFor(url, parts.endpoints);
      const operation = request && operationOf(request);
      if (request === undefined || operation === undefined) return undefined;
      const caller: Caller =
        principalId === undefined ? callerByAddress(request.query) : { kind: "identity", principalId };
      const permit = await authorize(parts.context(), request, operation, caller, "trusted-service");
      if ("code" in permit) return unreadable(permit);
      const target = permit.credentials === "store" ? parts.store.signed(request.target) : request.target;
      return readingOf(await parts.store.send({ method: "GET", target, headers: {} }));
    },
  };
}

function requestFor(url: string, endpoints: readonly string[]): BlobRequest | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin, pathname, search } = new URL(url);
  const request = blobRequest("GET", `${pathname}${search}`, {});
  if (request?.path === undefined) return undefined;
  return endpoints.includes(`${origin}/${request.account}`) ? request : undefined;
}

async function readingOf(answer: IncomingMessage): Promise<BlobReading> {
  const { headers, statusCode = 0 } = answer;
  if (statusCode !== 200) {
    answer.resume();
    return unreadable({ status: statusCode, code: [headers["x-ms-error-code"]].flat()[0] ?? "Unknown" });
  }
  const hash = createHash("sha256");
  let size = 0;
  for await (const piece of answer) {
    const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
    hash.update(bytes);
    size += bytes.length;
  }
  return {
    status: 200,
    size,
    blobType: [headers["x-ms-blob-type"]].flat()[0] ?? "BlockBlob",
    sha256: hash.digest("hex"),
    etag: (headers.etag ?? "").replaceAll('"', ""),
  };
}

function unreadable({ status, code }: Pick<Refusal, "status" | "code">): BlobReading {
  if (status === 403 || status === 404 || status === 409) return { status, code };
  throw new Error(`reading a blob was answered with ${status} ${code}`);
}
