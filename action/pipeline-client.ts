import type { TokenCredential } from "@azure/identity";
import { Problem } from "../core/problem.ts";
import { AzureRefusal } from "./azure-refusal.ts";
import { bearerTokens } from "./bearer-tokens.ts";
import { askHttps, type HttpsAnswer } from "./https-request.ts";
import { memberOf, messageOf } from "./thrown.ts";

/** A request to the pipeline's endpoints; `path` comes after `/api/`. */
export interface PipelineRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  /** Bytes as they are, anything else as JSON. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The pipeline's endpoints, one attempt each: refusals come as problems, what passes by itself as an {@link AzureRefusal}. */
export interface PipelineClient {
  readonly url: string;
  ask(request: PipelineRequest): Promise<unknown>;
}

const TIMEOUT_MS = 60_000;
// The endpoints look at the token when a request begins, so one need only outlive the way there.
const SPARE_MS = 60_000;

/** The endpoints at an address, with tokens of that scope. */
export function createPipelineClient(
  url: string,
  scope: string,
  credential: TokenCredential,
): PipelineClient {
  const tokens = bearerTokens(credential, scope, SPARE_MS);
  return {
    url,
    async ask({ method, path, body, headers, timeoutMs = TIMEOUT_MS, signal }) {
      const token = await tokens.current();
      const bytes = body instanceof Uint8Array ? body : body && Buffer.from(JSON.stringify(body));
      let answer: HttpsAnswer;
      try {
        answer = await askHttps({
          ...{ method, url: `${url}/api/${path}`, timeoutMs, ...(signal && { signal }) },
          headers: {
            authorization: `Bearer ${token}`,
            accept: "application/json",
            "user-agent": "azure-vm-application-publisher",
            ...(body && { "content-type": body === bytes ? "application/octet-stream" : "application/json" }),
            ...headers,
          },
          ...(bytes && { body: bytes }),
        });
      } catch (error) {
        throw unreachable(url, error);
      }
      const told = jsonIn(answer.text);
      if (answer.status < 200 || answer.status > 299) throw refusalIn(answer, told, url);
      return told;
    },
  };
}

// Waiting for what these speak of would take longer than anyone waits for a step.
const FINAL_CODES = ["too-many-submissions"];

function refusalIn({ status, headers }: HttpsAnswer, answer: unknown, url: string): Problem {
  const [code, message, nextStep] = ["code", "detail", "nextStep"].map((name) => memberOf(answer, name));
  if (typeof code !== "string" || typeof message !== "string" || typeof nextStep !== "string") {
    return status >= 500 || status === 429
      ? unreachable(url, `status ${status}`)
      : notOurPipeline(url, undefined);
  }
  const reason = { code, message: `the pipeline answered ${status}: ${message}`, nextStep };
  const passes = (status === 429 || status >= 500) && !FINAL_CODES.includes(code);
  if (!passes) return new Problem(code, reason.message, nextStep);
  const pause = Number(headers["retry-after"]);
  const kind = status === 429 ? "throttled" : "transient";
  return new AzureRefusal({ kind, reason, ...(pause > 0 && { retryAfterSeconds: pause }) });
}

function unreachable(url: string, cause: unknown): AzureRefusal {
  const told = typeof cause === "string" ? cause : messageOf(cause);
  const reason = {
    code: "pipeline-unreachable",
    message: `the pipeline at ${url} did not answer: ${told}`,
    nextStep: "Check pipeline-url, and that the function app runs and lets this runner's network in.",
  };
  return new AzureRefusal({ kind: "transient", reason }, { cause });
}

/** That something else answers at the address. */
export function notOurPipeline(url: string, cause: unknown): Problem {
  return new Problem(
    "no-pipeline",
    `what answers at ${url} is no pipeline that this Action knows`,
    "Check pipeline-url: the function app's address, such as https://my-pipeline.azurewebsites.net.",
    { cause },
  );
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
