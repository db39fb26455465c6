import { type IncomingHttpHeaders, type IncomingMessage, request as requestPlainly } from "node:http";
import { request } from "node:https";
import { AgentWithSpares } from "./agent-with-spares.ts";

/** A request that is sent once. */
export interface HttpsRequest {
  readonly method: "GET" | "PUT" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** How long the answer may take to be there as a whole. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What was answered, whatever its status. */
export interface HttpsAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const MOST_ANSWER_BYTES = 4 * 1024 * 1024;
// TLS copies what is written at once: small pieces keep the memory of a block from counting twice.
const PIECE_BYTES = 256 * 1024;

let agent: AgentWithSpares | undefined;

/**
 * Opens so many connections to an address for the requests that will follow, while something else is waited for. What
 * goes wrong with one shows at the request that needs another.
 */
export function openAhead(url: string, connections: number): void {
  if (isBehindProxy(process.env)) return;
  agentOfProcess().openAhead(new URL(url), connections);
}

// The runner tells of its proxy by the usual variables.
function agentOfProcess(): AgentWithSpares {
  return (agent ??= new AgentWithSpares({ keepAlive: true, proxyEnv: process.env }));
}

/** Sends a request and reads its answer. Rejects when there is none; nothing is tried again. */
export function askHttps(asked: HttpsRequest): Promise<HttpsAnswer> {
  const { method, url, timeoutMs, signal, body } = asked;
  const headers = body === undefined ? asked.headers : { ...asked.headers, "content-length": body.length };
  return new Promise((resolve, reject) => {
    const options = { method, headers, ...(signal && { signal }) };
    const heard = (response: IncomingMessage): void => {
      textOf(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        reject,
      );
    };
    // Without TLS there is only a pipeline on this very machine; inputs see to that.
    const sent = url.startsWith("http:")
      ? requestPlainly(url, options, heard)
      : request(url, { ...options, agent: agentOfProcess() }, heard);
    // A signal of its own for each request would keep the request in memory until its time is over.
    const timer = setTimeout(() => sent.destroy(new NoAnswer(timeoutMs)), timeoutMs);
    sent.once("close", () => clearTimeout(timer));
    sent.once("error", reject);
    if (body === undefined) sent.end();
    else writePiecewise();

    function writePiecewise(start = 0): void {
      if (body === undefined || sent.destroyed) return;
      const end = start + PIECE_BYTES;
      if (end >= body.length) sent.end(body.subarray(start));
      else sent.write(body.subarray(start, end), () => writePiecewise(end));
    }
  });
}

function textOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on("data", (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > MOST_ANSWER_BYTES) {
        response.destroy(new Error(`the answer is longer than ${MOST_ANSWER_BYTES} bytes`));
      }
    });
    response.once("error", reject);
    response.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}

class NoAnswer extends Error {
  override readonly name = "TimeoutError";
  readonly code = "ETIMEDOUT";

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs / 1000} s`);
  }
}

/**
 * Whether this process is told to reach the network through a proxy. Requests of this file heed it from Node 24.5 on, which a
 * runner that is not up to date may lack.
 */
export function isBehindProxy(environment: Readonly<Record<string, string | undefined>>): boolean {
  const names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];
  return names.some((name) => (environment[name] ?? "") !== "");
}
