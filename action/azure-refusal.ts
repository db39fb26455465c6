import { Problem } from "../core/problem.ts";
import {
  type AzureAnswer,
  type Refusal,
  type RefusalContext,
  type RefusalKind,
  refusalOf,
} from "../core/refusals.ts";
import { memberOf, messageOf } from "./thrown.ts";

/** A refusal of Azure's as a problem, with what a retry needs to know. */
export class AzureRefusal extends Problem {
  readonly kind: RefusalKind;
  readonly retryAfterSeconds: number | undefined;

  constructor({ kind, reason, retryAfterSeconds }: Refusal, options?: ErrorOptions) {
    super(reason.code, reason.message, reason.nextStep, options);
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Whether the refusal passes by itself, so that asking again is worth it. */
export function passesByItself(error: unknown): error is AzureRefusal {
  return error instanceof AzureRefusal && (error.kind === "transient" || error.kind === "throttled");
}

/** A request that got no proper answer: asking again is worth it. */
export function unanswered(message: string, cause: unknown): AzureRefusal {
  const nextStep = "Run the job again once it answers (githubstatus.com tells of incidents).";
  return new AzureRefusal(
    { kind: "transient", reason: { code: "github-unavailable", message, nextStep } },
    { cause },
  );
}

/** What an error of an Azure SDK means. A problem is handed back as it is, also when an SDK has wrapped it. */
export function problemOfAzureError(
  error: unknown,
  service: AzureAnswer["service"],
  context: RefusalContext,
): Problem {
  const chain = causes(error);
  const problem = chain.find((cause) => cause instanceof Problem);
  if (problem instanceof Problem) return problem;
  return new AzureRefusal(refusalOf(answerOf(chain, service), context), { cause: error });
}

/** Whether the error is Azure's answer with that code. */
export function hasAzureCode(error: unknown, code: string): boolean {
  return memberOf(memberOf(error, "details"), "errorCode") === code || memberOf(error, "code") === code;
}

/** The error and what caused it, outermost first. */
export function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (
    let next = error;
    next !== undefined && next !== null && chain.length < 10;
    next = memberOf(next, "cause")
  ) {
    chain.push(next);
  }
  return chain;
}

function answerOf(chain: readonly unknown[], service: AzureAnswer["service"]): AzureAnswer {
  const [error] = chain;
  const text = messageOf(error);
  const entraCode = service === "entra" ? /AADSTS\d+/.exec(text)?.[0] : undefined;
  const status = first(chain, "statusCode", isNumber) ?? (entraCode ? 400 : 0);
  const details = memberOf(error, "details");
  const headers = memberOf(memberOf(error, "response"), "headers");
  const requestId = header(headers, "x-ms-request-id");
  const retryAfter = Number(header(headers, "retry-after") ?? Number.NaN);
  return {
    service,
    status,
    code:
      entraCode ??
      first([details], "errorCode", isText) ??
      first(chain, "code", isText) ??
      first(chain, "name", isText) ??
      "unknown",
    // MSAL puts words of its own before Entra's.
    message: firstLine(first([details], "message", isText) ?? text).replace(/^.*?(?=AADSTS\d)/, ""),
    ...(requestId !== undefined && { requestId }),
    ...(Number.isFinite(retryAfter) && { retryAfterSeconds: retryAfter }),
  };
}

function first<Value>(
  objects: readonly unknown[],
  name: string,
  is: (value: unknown) => value is Value,
): Value | undefined {
  return objects.map((object) => memberOf(object, name)).find(is);
}

function header(headers: unknown, name: string): string | undefined {
  const get = memberOf(headers, "get");
  if (typeof get !== "function") return undefined;
  const value: unknown = Reflect.apply(get, headers, [name]);
  return isText(value) ? value : undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function firstLine(text: string): string {
  return (
    text
      .split(/\r?\n/)
      .find((line) => line.trim() !== "")
      ?.trim() ?? text
  );
}
