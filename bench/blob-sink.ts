import { once } from "node:events";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { type Link, Paces } from "./link.ts";

// A timer may be late by a millisecond; what is due sooner passes at once and is made up for by the next.
const SHORTEST_PAUSE_MS = 2;

/** What was asked of the sink since it was last forgotten. */
export interface SinkCounts {
  readonly requests: Readonly<Record<string, number>>;
  readonly bytes: number;
  /** Bytes of blobs that were put whole or committed. */
  readonly committedBytes: number;
}

interface Kept {
  readonly text: string;
  readonly etag: string;
}

/**
 * A blob service that measures what it is sent and forgets it, but for the small documents of the containers that the
 * pipeline itself writes. A commit that names a block it never had is refused.
 */
export class BlobSink {
  readonly #link: Link;
  readonly #paces: Paces;
  readonly #blocks = new Map<string, Map<string, number>>();
  readonly #documents = new Map<string, Kept>();
  /** How large the blobs were that are there, since some clients look afterwards. */
  readonly #sizes = new Map<string, number>();
  #requests: Record<string, number> = {};
  #bytes = 0;
  #committedBytes = 0;
  #writes = 0;

  constructor(link: Link) {
    this.#link = link;
    this.#paces = new Paces(link);
  }

  counts(): SinkCounts {
    return { requests: this.#requests, bytes: this.#bytes, committedBytes: this.#committedBytes };
  }

  /** Forgets what was counted and sent; documents stay. */
  forget(): void {
    this.#requests = {};
    this.#blocks.clear();
    this.#sizes.clear();
    this.#bytes = 0;
    this.#committedBytes = 0;
  }

  readonly serve: RequestListener = (request, response) => {
    this.#answer(request, response).catch(() => response.destroy());
  };

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "https://sink");
    const kind = `${request.method ?? ""} ${searchParams.get("comp") ?? "blob"}`;
    this.#requests[kind] = (this.#requests[kind] ?? 0) + 1;
    const isDocument = /^\/[^/]+\/(?:reports|applications)\//.test(pathname);
    const isText = kind === "PUT blocklist" || isDocument;
    const sent = isText ? await text(request) : "";
    const size = isText ? 0 : await this.#drain(request);
    this.#bytes += size;
    if (this.#link.delay > 0) await delay(this.#link.delay);
    const blob = this.#blocks.get(pathname) ?? new Map<string, number>();
    switch (kind) {
      case "PUT block":
        blob.set(searchParams.get("blockid") ?? "", size);
        this.#blocks.set(pathname, blob);
        answer(response, 201);
        break;
      case "PUT blocklist":
        this.#commit(pathname, blob, sent, response);
        break;
      case "GET blocklist":
        if (blob.size === 0) answer(response, 404, "BlobNotFound");
        else answerText(response, listOf(blob));
        break;
      case "PUT blob":
        if (isDocument) this.#write(pathname, sent, request, response);
        else this.#create(pathname, size, response);
        break;
      case "HEAD blob":
        this.#look(pathname, response);
        break;
      default:
        this.#read(pathname, response);
    }
  }

  #read(path: string, response: ServerResponse): void {
    const kept = this.#documents.get(path);
    if (kept) answerText(response, kept.text, kept.etag);
    else answer(response, 404, "BlobNotFound");
  }

  #write(path: string, text: string, { headers }: IncomingMessage, response: ServerResponse): void {
    const kept = this.#documents.get(path);
    const wanted = headers["if-match"];
    if (headers["if-none-match"] === "*" && kept) answer(response, 409, "BlobAlreadyExists");
    else if (wanted !== undefined && wanted !== kept?.etag) answer(response, 412, "ConditionNotMet");
    else {
      const etag = `"0x${(++this.#writes).toString(16)}"`;
      this.#documents.set(path, { text, etag });
      answer(response, 201, undefined, etag);
    }
  }

  #look(path: string, response: ServerResponse): void {
    const size = this.#sizes.get(path);
    if (size === undefined) answer(response, 404, "BlobNotFound");
    else response.writeHead(200, { ...HEADERS, ...BLOB, "content-length": size, etag: '"0x1"' }).end();
  }

  #create(path: string, size: number, response: ServerResponse): void {
    this.#committedBytes += size;
    this.#sizes.set(path, size);
    answer(response, 201);
  }

  #commit(path: string, blob: ReadonlyMap<string, number>, listed: string, response: ServerResponse): void {
    const ids = [...listed.matchAll(/<(Latest|Uncommitted)>([^<]*)</g)].map(([, , id = ""]) => id);
    const isWhole = ids.length > 0 && ids.every((id) => blob.has(id));
    const size = ids.reduce((sum, id) => sum + (blob.get(id) ?? 0), 0);
    if (isWhole) this.#create(path, size, response);
    else answer(response, 400, "InvalidBlockList");
  }

  async #drain(request: IncomingMessage): Promise<number> {
    const passage = this.#paces.passageOf(request.socket);
    let size = 0;
    let due = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      const now = performance.now();
      due = passage.dueAfter(chunk.length, now);
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
}

/** An HTTPS server that keeps connections as storage does. */
export function sinkServer(certificate: string, key: string, listener: RequestListener) {
  return createServer({ cert: certificate, key, requestTimeout: 0, keepAliveTimeout: 60_000 }, listener);
}

function listOf(blob: ReadonlyMap<string, number>): string {
  const blocks = [...blob].map(
    ([id, size]) => `<Block><Name>${id}</Name><Size>${String(size)}</Size></Block>`,
  );
  return `<?xml version="1.0"?><BlockList><CommittedBlocks/><UncommittedBlocks>${blocks.join("")}</UncommittedBlocks></BlockList>`;
}

const HEADERS = {
  "x-ms-request-id": "0",
  "x-ms-version": "2025-01-05",
  "last-modified": "Mon, 05 Jan 2026 10:00:00 GMT",
};

const BLOB = { "x-ms-blob-type": "BlockBlob", "content-type": "application/octet-stream" };

function answer(response: ServerResponse, status: number, code?: string, etag = '"0x1"'): void {
  const body = code === undefined ? "" : `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`;
  response.writeHead(status, {
    ...HEADERS,
    "content-length": Buffer.byteLength(body),
    "x-ms-request-server-encrypted": "true",
    etag,
    ...(code !== undefined && { "x-ms-error-code": code, "content-type": "application/xml" }),
  });
  response.end(body);
}

function answerText(response: ServerResponse, body: string, etag = '"0x1"'): void {
  const type = body.startsWith("<") ? "application/xml" : "application/json";
  const length = Buffer.byteLength(body);
  response.writeHead(200, {
    ...HEADERS,
    ...{ "content-length": length, "content-type": type, etag, "x-ms-blob-type": "BlockBlob" },
  });
  response.end(body);
}
