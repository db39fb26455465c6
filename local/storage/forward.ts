import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Permit } from "./authorize.ts";
import type { BlobRequest } from "./blob-request.ts";
import { breakAfter } from "./broken-stream.ts";
import type { Fault } from "./faults.ts";
import type { Operation } from "./operations.ts";
import type { BlobStore } from "./store.ts";
import type { WrittenBlobs } from "./written-blobs.ts";

/** A request that may be served. */
export type Admitted = {
  readonly request: BlobRequest;
  readonly operation: Operation;
  readonly permit: Permit;
  /** What a copy reads, as the store is to be told. */
  readonly copySource: string | undefined;
};

// They belong to one connection, not to the request.
const hopHeaders = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "expect", "host"]);

/** Streams an admitted request to the store and the answer back, holding neither in memory. */
export async function forward(
  { store, written }: { readonly store: BlobStore; readonly written: WrittenBlobs },
  admitted: Admitted,
  incoming: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  const { request, operation, permit } = admitted;
  const { socket } = incoming;
  const dropConnection = () => void socket.destroy();
  const answer = await store.send({
    method: request.method,
    target: permit.credentials === "store" ? store.signed(request.target) : request.target,
    headers: headersFor(admitted),
    body:
      fault?.kind === "reset-upload"
        ? Readable.from(breakAfter(incoming, fault.afterBytes, dropConnection))
        : incoming,
  });
  const status = answer.statusCode ?? 502;
  if (operation.writes && status < 300) await written.announce(request, operation.writes, answer.headers);
  if (fault?.kind === "reset-answer" && fault.afterBytes < 0) {
    answer.destroy();
    dropConnection();
    return;
  }
  response.writeHead(status, passedOn(answer.headers));
  const body = fault?.kind === "reset-answer" ? breakAfter(answer, fault.afterBytes, dropConnection) : answer;
  await pipeline(body, response);
}

function headersFor({ request, permit, copySource }: Admitted): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = passedOn(request.headers);
  if (permit.credentials === "store") delete headers.authorization;
  if (copySource !== undefined) headers["x-ms-copy-source"] = copySource;
  // Whoever may only create must not overwrite, even when two of them come at the same moment.
  if (permit.createOnly) {
    // Azurite takes one condition; who may only create matches no blob that is there.
    if (headers["if-match"] === undefined) headers["if-none-match"] ??= "*";
    else headers["if-match"] = '"0x0"';
  }
  return headers;
}

function passedOn(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopHeaders.has(name)));
}
