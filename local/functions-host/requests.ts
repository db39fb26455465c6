// Small things that every server of this host does with Node's requests and responses.
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createSecureServer } from "node:https";
import { TLSSocket } from "node:tls";

/** Kestrel's limit in the Functions host: 100 MB. */
export const bodyLimit = 104_857_600;

/** A request's body was longer than it may be. */
export class BodyTooLarge extends Error {}

/** Reads a whole body. Throws BodyTooLarge as soon as it is known to be. */
export async function readBody(request: IncomingMessage, limit = bodyLimit): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > limit) throw new BodyTooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  // Destroying the request would cut the client off before it can read the answer.
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    const chunk: unknown = piece;
    if (!Buffer.isBuffer(chunk)) throw new TypeError("a request's body is made of buffers");
    size += chunk.length;
    if (size > limit) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Answers once; does nothing when an answer has begun. */
export function answer(
  response: ServerResponse,
  status: number,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const text = body === undefined ? "" : JSON.stringify(body);
  const type = body === undefined ? {} : { "content-type": "application/json; charset=utf-8" };
  response.writeHead(status, { ...type, "content-length": Buffer.byteLength(text), ...headers }).end(text);
}

/** Headers of a request, repeated ones joined. */
export function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}

/** How the client speaks. */
export function schemeOf(request: IncomingMessage): "http" | "https" {
  return request.socket instanceof TLSSocket ? "https" : "http";
}

/** The URL that the client asked for. */
export function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? "/", `${schemeOf(request)}://${request.headers.host ?? "localhost"}`);
}

/** What a server needs to speak HTTPS, in PEM. */
export type ServerCertificate = { readonly certificate: string; readonly key: string };

/** Listens on the loopback interface; port 0 picks a free one. With a certificate it speaks HTTPS. */
export async function listen(
  listener: RequestListener,
  port: number,
  tls?: ServerCertificate,
): Promise<{ server: Server; port: number }> {
  const server =
    tls === undefined
      ? createServer(listener)
      : createSecureServer({ cert: tls.certificate, key: tls.key }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { server, port: address.port };
}

/** Stops listening and drops idle connections. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
