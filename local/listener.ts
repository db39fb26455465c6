import { createServer as createHttpServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Certificates } from "./certificates.ts";

/** A server on a loopback port. */
export type Listener = {
  /** For example `https://127.0.0.1:43211`, without a slash at the end. */
  readonly origin: string;
  /** Hands all requests to `handler`; until then they wait. */
  serve(handler: RequestListener): void;
  stop(): Promise<void>;
};

/** What a small service answers to a request. */
export type JsonAnswer = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Listens for HTTPS on 127.0.0.1; port 0 takes a free one. */
export function listenHttps({ certificate, key }: Certificates, port = 0): Promise<Listener> {
  return listen(createHttpsServer({ cert: certificate, key, requestTimeout: 0 }), "https", port);
}

/** Listens for plain HTTP on 127.0.0.1, for endpoints that have no TLS on Azure either; port 0 takes a free one. */
export function listenHttp(port = 0): Promise<Listener> {
  return listen(createHttpServer(), "http", port);
}

/** A handler that answers JSON; what the service throws becomes a 500 with its message. */
export function jsonHandler(answer: (request: IncomingMessage) => Promise<JsonAnswer>): RequestListener {
  return (request, response) => {
    answer(request).then(
      (given) => sendJson(response, given),
      (error: unknown) => sendJson(response, { status: 500, body: { error: String(error) } }),
    );
  };
}

/** Reads a request's text, at most 1 MiB of it. */
export async function readText(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
    size += bytes.length;
    if (size > 1_048_576) throw new Error("request body over 1 MiB");
    pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString("utf8");
}

function sendJson(response: ServerResponse, { status, body, headers }: JsonAnswer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    ...headers,
  });
  response.end(text);
}

function listen(server: Server, scheme: "http" | "https", port: number): Promise<Listener> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") {
        reject(new Error(`server bound to ${String(address)}, expected a port`));
        return;
      }
      resolve({
        origin: `${scheme}://127.0.0.1:${address.port}`,
        serve: (handler) => void server.on("request", handler),
        stop: () => close(server),
      });
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
