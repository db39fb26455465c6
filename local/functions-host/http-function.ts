// Invoking an HTTP function: buffered through the invocation, or streamed through the server that the app runs.
import { randomUUID } from "node:crypto";
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { pipeline } from "node:stream/promises";
import type { RpcData } from "./core-api.ts";
import type { RouteMatch } from "./http-routes.ts";
import { answer, bodyLimit, BodyTooLarge, headersOf, readBody, schemeOf, urlOf } from "./requests.ts";
import { jsonData } from "./rpc-data.ts";
import type { Worker } from "./worker.ts";

/** What is needed to invoke a function for a request. */
export type HttpCall = {
  readonly worker: Worker;
  readonly match: RouteMatch;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Data of the function's other input bindings. */
  readonly inputs: Readonly<Record<string, RpcData>>;
};

/** Invokes the function and answers with what it answers. Rejects with what it throws. */
export async function callBuffered({ worker, match, request, response, inputs }: HttpCall): Promise<void> {
  const url = urlOf(request);
  const http = {
    url: url.href,
    method: request.method ?? "GET",
    headers: headersOf(request),
    query: Object.fromEntries(url.searchParams),
    params: match.params,
    body: { bytes: await readBody(request) },
  };
  const returned = await worker.invoke({
    functionName: match.target.name,
    inputs: { [match.target.triggerBinding]: { http }, ...inputs },
  });
  if (response.headersSent || response.destroyed) return;
  const result = returned?.http;
  if (result === undefined) {
    answer(response, 204);
    return;
  }
  const body = Buffer.from(result.body?.bytes ?? result.body?.string ?? "");
  const headers = { ...result.headers, "content-length": String(body.length) };
  response.writeHead(Number(result.statusCode ?? 200), headers).end(body);
}

/** The same for an app with HTTP streaming: the raw request goes to the app's own server while the function runs. */
export async function callStreaming(call: HttpCall & { readonly httpUri: string }): Promise<void> {
  const { worker, match, request, response, inputs, httpUri } = call;
  if (Number(request.headers["content-length"] ?? 0) > bodyLimit) throw new BodyTooLarge();
  const invocationId = randomUUID();
  const headers = headersOf(request);
  const params = Object.entries(match.params).map(([name, string]): [string, RpcData] => [name, { string }]);
  const abandon = new AbortController();
  const proxied = proxy(call, httpUri, invocationId, abandon.signal);
  const invoked = worker.invoke({
    functionName: match.target.name,
    invocationId,
    inputs: { [match.target.triggerBinding]: { http: {} }, ...inputs },
    triggerMetadata: { Headers: jsonData(headers), ...Object.fromEntries<RpcData>(params) },
  });
  // A function that returns nothing never answers through its server.
  const ended = await Promise.race([
    proxied,
    invoked.then<Ending, Ending>(
      () => proxiedSoon(proxied),
      (failure: unknown) => ({ failure }),
    ),
  ]);
  if (ended === "proxied") return;
  abandon.abort();
  await proxied.catch(() => undefined);
  if (ended === "silent") {
    answer(response, 204);
    return;
  }
  throw ended.failure;
}

type Ending = "proxied" | "silent" | { readonly failure: unknown };

async function proxiedSoon(proxied: Promise<"proxied">): Promise<"proxied" | "silent"> {
  const silence = new Promise<"silent">((resolve) => setTimeout(() => resolve("silent"), 1000).unref());
  return Promise.race([proxied, silence]);
}

async function proxy(
  { request, response }: HttpCall,
  httpUri: string,
  invocationId: string,
  signal: AbortSignal,
): Promise<"proxied"> {
  const headers = {
    ...headersOf(request),
    "x-ms-invocation-id": invocationId,
    "x-forwarded-host": request.headers.host ?? "localhost",
    "x-forwarded-proto": schemeOf(request),
  };
  const upstream = httpRequest(new URL(request.url ?? "/", httpUri), {
    ...{ method: request.method ?? "GET", headers, signal },
  });
  const received = new Promise<IncomingMessage>((resolve, reject) => {
    upstream.once("response", resolve).on("error", reject);
  });
  const result = await Promise.race([received, forwardBody(request, upstream).then(() => received)]);
  response.writeHead(result.statusCode ?? 200, result.headers);
  await pipeline(result, response);
  // An app that answers early reads no more, so the rest of the body would stay in the way of the next request.
  if (!request.readableEnded) stopForwarding(request, upstream);
  return "proxied";
}

/** Not a pipeline: that would cut the client off before it can read the answer. */
function forwardBody(request: IncomingMessage, upstream: ClientRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyLimit) {
        stopForwarding(request, upstream);
        reject(new BodyTooLarge());
      }
    });
    request.pipe(upstream).once("finish", resolve);
    request.once("close", () => {
      if (!request.complete) upstream.destroy();
    });
  });
}

function stopForwarding(request: IncomingMessage, upstream: ClientRequest): void {
  request.unpipe(upstream).resume();
  upstream.destroy();
}
