import type { AzureAnswer, RefusalContext } from "../../core/refusals.ts";
import { AzureRefusal } from "../ports.ts";

type Service = AzureAnswer["service"];

/** What an SDK's error tells of Azure's answer; undefined when it is no answer but a fault of ours. */
export function answerOf(service: Service, error: unknown): AzureAnswer | undefined {
  if (!(error instanceof Error)) return undefined;
  const entra = entraAnswer(error);
  if (entra) return entra;
  const status = numberIn(error, "statusCode");
  if (status === undefined && !isTransportError(error)) return undefined;
  const requestId = header(error, "x-ms-request-id");
  const retryAfter = Number(header(error, "retry-after"));
  return {
    service,
    status: status ?? 0,
    code: codeOf(error),
    message: firstLine(error.message),
    ...(requestId !== undefined && { requestId }),
    ...(retryAfter > 0 && { retryAfterSeconds: retryAfter }),
  };
}

/** Runs one request. What Azure refuses is thrown as an {@link AzureRefusal}, anything else as it is. */
export async function asking<Result>(
  service: Service,
  request: () => Promise<Result>,
  context: RefusalContext = {},
): Promise<Result> {
  try {
    return await request();
  } catch (error) {
    const answer = answerOf(service, error);
    throw answer ? new AzureRefusal(answer, context, { cause: error }) : error;
  }
}

/** Whether a request was refused with that status, and one of the codes if any are given. */
export function isRefusal(
  error: unknown,
  status: number,
  ...codes: readonly string[]
): error is AzureRefusal {
  if (!(error instanceof AzureRefusal) || error.answer.status !== status) return false;
  return codes.length === 0 || codes.includes(error.answer.code);
}

// An activity makes a handful of requests and must end within a minute, so that one which was given up and started
// again elsewhere does not go on for long.

/** A signal for a request that is answered at once. */
export function withinSeconds(seconds = 10): AbortSignal {
  return AbortSignal.timeout(seconds * 1000);
}

/** A signal for a write that Azure looks at packages for before it accepts it. */
export function withinAcceptance(): AbortSignal {
  return withinSeconds(30);
}

/** A signal for copies of large files: less than the host lets a function run. */
export function withinLongActivity(): AbortSignal {
  return AbortSignal.timeout(20 * 60_000);
}

// The identity library has several errors; only some carry Entra's answer.
function entraAnswer(error: Error): AzureAnswer | undefined {
  const names = [
    "AuthenticationError",
    "AggregateAuthenticationError",
    "CredentialUnavailableError",
    "AuthenticationRequiredError",
  ];
  if (!names.includes(error.name)) return undefined;
  return {
    service: "entra",
    status: numberIn(error, "statusCode") ?? 0,
    code: /AADSTS\d+/.exec(error.message)?.[0] ?? error.name,
    message: firstLine(error.message),
  };
}

function isTransportError(error: Error): boolean {
  return error.name === "RestError" || error.name === "AbortError" || error.name === "TimeoutError";
}

function codeOf(error: Error): string {
  if (error.name === "AbortError" || error.name === "TimeoutError") return "Timeout";
  const code =
    "code" in error && typeof error.code === "string" && error.code !== "" ? error.code : undefined;
  return header(error, "x-ms-error-code") ?? code ?? "Unknown";
}

function numberIn(error: Error, name: string): number | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "number" ? value : undefined;
}

function header(error: Error, name: string): string | undefined {
  const headers: unknown = Reflect.get(objectIn(error, "response"), "headers");
  const value = isHeaders(headers) ? headers.get(name) : undefined;
  return typeof value === "string" ? value : undefined;
}

function isHeaders(value: unknown): value is { get(name: string): unknown } {
  return typeof value === "object" && value !== null && "get" in value && typeof value.get === "function";
}

function objectIn(error: Error, name: string): object {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "object" && value !== null ? value : {};
}

// Storage appends RequestId and Time on lines of their own.
function firstLine(text: string): string {
  return text.split("\n")[0]?.trim() ?? "";
}
