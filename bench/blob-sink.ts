import { once } from "node:events";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { type Link, Pace } from "./link.ts";

// A timer may be late by a millisecond; what is due sooner passes at once and is made up for by the next.
const SHORTEST_PAUSE_MS = 2;
// What a late timer held up had been there before: without that, the link would be a tenth slower than it says.
const MOST_LATE_MS = 10;

/** What was asked of the sink since it was last forgotten. */
export interface SinkCounts {
  readonly requests: Readonly<Record<string, number>>;
  readonly bytes: number;
  /** Bytes of blobs that were put whole or committed. */
  readonly committedBytes: number;
}

/** A blob service that measures and forgets what it is sent. A commit that names a block it never had is refused. */
export class BlobSink {
  readonly #link: Link;
  readonly #total: Pace;
  readonly #connections = new WeakMap<object, Pace>();
  readonly #blocks = new Map<string, Map<string, number>>();
  #requests: Record<string, number> = {};
  #bytes = 0;
  #committedBytes = 0;

  constructor(link: Link) {
    this.#link = link;
    this.#total = new Pace(link.bytesPerSecond);
  }

  counts(): SinkCounts {
    return { requests: this.#requests, bytes: this.#bytes, committedBytes: this.#committedBytes };
  }

  forget(): void {
    this.#requests = {};
    this.#blocks.clear();
    this.#bytes = 0;
    this.#committedBytes = 0;
  }

  readonly serve: RequestListener = (request, response) => {
    this.#answer(request, response).catch(() => response.destroy());
  };

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "https://sink");
    const kind = `${request.method ?? ""} ${url.searchParams.get("comp") ?? "blob"}`;
    this.#requests[kind] = (this.#requests[kind] ?? 0) + 1;
    const listed = kind === "PUT blocklist" ? await text(request) : undefined;
    const size = listed === undefined ? await this.#drain(request) : 0;
    this.#bytes += size;
    if (this.#link.delay > 0) await delay(this.#link.delay);
    const blob = this.#blocks.get(url.pathname) ?? new Map<string, number>();
    switch (kind) {
      case "PUT block":
        blob.set(url.searchParams.get("blockid") ?? "", size);
        this.#blocks.set(url.pathname, blob);
        answer(response, 201);
        return;
      case "PUT blocklist":
        this.#commit(blob, listed ?? "", response);
        return;
      case "PUT blob":
        this.#committedBytes += size;
        answer(response, 201);
        return;
      default:
        answer(response, 404, "BlobNotFound");
    }
  }

  #commit(blob: ReadonlyMap<string, number>, listed: string, response: ServerResponse): void {
    const ids = [...listed.matchAll(/<(Latest|Uncommitted)>([^<]*)</g)].map(([, , id = ""]) => id);
    const isWhole = ids.length > 0 && ids.every((id) => blob.has(id));
    for (const id of isWhole ? ids : []) this.#committedBytes += blob.get(id) ?? 0;
    if (isWhole) answer(response, 201);
    else answer(response, 400, "InvalidBlockList");
  }

  async #drain(request: IncomingMessage): Promise<number> {
    const connection = this.#paceOf(request.socket);
    let size = 0;
    let due = performance.now();
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      const now = performance.now();
      const arrived = Math.min(now, Math.max(due, now - MOST_LATE_MS));
      due = Math.max(this.#total.dueAfter(chunk.length, arrived), connection.dueAfter(chunk.length, arrived));
      if (due - now < SHORTEST_PAUSE_MS) return;
      request.pause();
      setTimeout(() => request.resume(), due - now);
    });
    if (!request.readableEnded) await once(request, "end");
    // The last bytes are answered when they have passed, not when they were read.
    const left = due - performance.now();
    if (left >= 1) await delay(left);
    return size;
  }

  #paceOf(socket: object): Pace {
    const pace = this.#connections.get(socket) ?? new Pace(this.#link.bytesPerSecondOfConnection);
    this.#connections.set(socket, pace);
    return pace;
  }
}

/** An HTTPS server that keeps connections as storage does. */
export function sinkServer(certificate: string, key: string, listener: RequestListener) {
  return createServer({ cert: certificate, key, requestTimeout: 0, keepAliveTimeout: 60_000 }, listener);
}

function answer(response: ServerResponse, status: number, code?: string): void {
  const body = code === undefined ? "" : `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`;
  response.writeHead(status, {
    "content-length": Buffer.byteLength(body),
    "x-ms-request-id": "0",
    "x-ms-version": "2025-01-05",
    "x-ms-request-server-encrypted": "true",
    etag: '"0x1"',
    "last-modified": "Mon, 05 Jan 2026 10:00:00 GMT",
    ...(code !== undefined && { "x-ms-error-code": code, "content-type": "application/xml" }),
  });
  response.end(body);
}
