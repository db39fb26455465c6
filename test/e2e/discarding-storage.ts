import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Certificates } from "../../local/certificates.ts";
import { listenHttps } from "../../local/listener.ts";

/** A blob service that takes everything and keeps nothing but how much it was. */
export async function startDiscardingStorage(certificates: Certificates) {
  const received = { bytes: 0 };
  const listener = await listenHttps(certificates);
  listener.serve((request, response) => void answer(request, response, received));
  return { endpoint: `${listener.origin}/floopackages`, received, stop: () => listener.stop() };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  received: { bytes: number },
): Promise<void> {
  for await (const piece of request) received.bytes += (piece as Buffer).length;
  const headers = { "x-ms-request-id": randomUUID(), "x-ms-version": "2025-05-05", "content-length": "0" };
  if (request.method === "PUT") {
    const now = new Date().toUTCString();
    response.writeHead(201, { ...headers, etag: `"${randomUUID()}"`, "last-modified": now });
  } else response.writeHead(404, { ...headers, "x-ms-error-code": "BlobNotFound" });
  response.end();
}
