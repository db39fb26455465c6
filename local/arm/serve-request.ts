import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readText } from "../listener.ts";
import type { LocalIdentity } from "../world.ts";
import { policyOf } from "./actions.ts";
import type { ArmAnswer } from "./answer.ts";
import { answerText, refuse } from "./answer.ts";
import type { CallLog } from "./call-log.ts";
import type { ArmContext } from "./context.ts";
import { dispatch } from "./dispatch.ts";
import type { RequestFault } from "./faults.ts";
import type { Admission } from "./gate.ts";
import { admit } from "./gate.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { SubscriptionLimits } from "./subscription-limits.ts";

/** What serving a request needs beside the request. */
export type Serving = {
  readonly context: ArmContext;
  readonly calls: CallLog;
  readonly subscriptionLimits: SubscriptionLimits;
  readonly limits: RateLimits;
  readonly verifyCaller: (authorization: string | undefined) => Promise<LocalIdentity | undefined>;
};

type Outcome = { readonly answer: ArmAnswer | "reset"; readonly caller?: LocalIdentity | undefined };

/** Reads one request, has it answered, and records it. */
export async function serveRequest(
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const rawPath = request.url ?? "/";
  const method = request.method ?? "GET";
  try {
    const body = await readText(request);
    const { answer, caller } = await outcomeOf(serving, { method, rawPath, body, request });
    const [path = "", query = ""] = rawPath.split("?");
    serving.calls.add({
      ...{ method, path, query },
      at: serving.context.clock.now(),
      status: answer === "reset" ? "reset" : answer.status,
      principalId: caller?.principalId,
      clientRequestId: headerOf(request, "x-ms-client-request-id"),
      correlationId: headerOf(request, "x-ms-correlation-request-id"),
    });
    if (answer === "reset") request.socket.destroy();
    else send(request, response, answer);
  } catch (error) {
    if (serving.context.stopping.aborted || (request.destroyed && !request.complete)) return;
    console.error(`local Resource Manager, ${method} ${rawPath.split("?")[0] ?? ""}:`, error);
    send(request, response, refuse(500, { code: "InternalServerError", message: String(error) }));
  }
}

async function outcomeOf(
  serving: Serving,
  wire: {
    readonly method: string;
    readonly rawPath: string;
    readonly body: string;
    readonly request: IncomingMessage;
  },
): Promise<Outcome> {
  const { context } = serving;
  const { method, rawPath } = wire;
  const body = parsedBody(wire.body);
  const authorization = wire.request.headers.authorization;
  const admission = await admit(context, { method, rawPath, authorization, body }, serving.verifyCaller);
  const { caller } = admission;
  const path = rawPath.split("?")[0] ?? "";
  const before = await faultedAnswer(context, context.faults.takeRequestFault("before", method, path));
  if (before) return { answer: before, caller };
  const answer = await admittedAnswer(serving, admission, { method, rawPath, body });
  // Only what took effect can have its answer hidden.
  const after = answer.status < 300 ? context.faults.takeRequestFault("after", method, path) : undefined;
  return { answer: (await faultedAnswer(context, after)) ?? answer, caller };
}

async function admittedAnswer(
  { context, limits, subscriptionLimits }: Serving,
  admission: Admission,
  { method, rawPath, body }: { readonly method: string; readonly rawPath: string; readonly body: unknown },
): Promise<ArmAnswer> {
  if ("refusal" in admission) return admission.refusal;
  const { target, apiVersion, caller } = admission;
  const now = context.clock.now();
  const { throttling } = context.settings;
  const asked = { method, subscription: target.subscription, principalId: caller.principalId };
  const arm = subscriptionLimits.take(asked, now, throttling);
  if (arm.refusal) return arm.refusal;
  const rate = limits.take(policyOf(method, target.kind), now, throttling);
  if (rate?.refusal) return rate.refusal;
  if (body === undefined && (method === "PUT" || method === "PATCH")) return unreadableBody;
  const query = new URLSearchParams(rawPath.split("?")[1] ?? "");
  const answer = await dispatch(context, { method, target, query, rawPath, body, apiVersion, caller });
  const rateHeader = rate && { "x-ms-ratelimit-remaining-resource": rate.header };
  return { ...answer, headers: { ...answer.headers, ...arm.headers, ...rateHeader } };
}

const unreadableBody = refuse(400, {
  code: "InvalidRequestContent",
  message: "The request content was invalid and could not be deserialized.",
});

async function faultedAnswer(
  context: ArmContext,
  fault: RequestFault | undefined,
): Promise<ArmAnswer | "reset" | undefined> {
  if (!fault) return undefined;
  if (fault.effect === "reset") return "reset";
  if (fault.effect === "delay") {
    await context.clock.sleep(fault.seconds * 1000, context.stopping);
    return undefined;
  }
  const { status, error, retryAfterSeconds } = fault;
  return refuse(status, error, {
    ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
  });
}

function parsedBody(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function send(request: IncomingMessage, response: ServerResponse, answer: ArmAnswer): void {
  const text = answerText(answer);
  const clientRequestId = headerOf(request, "x-ms-client-request-id");
  const requestId = randomUUID();
  response.writeHead(answer.status, {
    "cache-control": "no-cache",
    pragma: "no-cache",
    expires: "-1",
    ...(text !== "" && { "content-type": "application/json; charset=utf-8" }),
    ...(answer.status !== 204 && { "content-length": String(Buffer.byteLength(text)) }),
    "x-ms-request-id": requestId,
    "x-ms-correlation-request-id": headerOf(request, "x-ms-correlation-request-id") ?? requestId,
    "x-ms-routing-request-id": `LOCAL:${requestId}`,
    ...(clientRequestId !== undefined && { "x-ms-client-request-id": clientRequestId }),
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    ...answer.headers,
  });
  response.end(text);
}
