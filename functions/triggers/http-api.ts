import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import { isApplicationName } from "../../core/application.ts";
import { isPlainSegment, type Release } from "../../core/naming.ts";
import type { ApiOperation, VersionOperation } from "../../core/permission.ts";
import { Problem, reasonOf } from "../../core/problem.ts";
import { parseProfile, type Profile } from "../../core/profile.ts";
import type { Submitter } from "../../core/submitter.ts";
import { versionFault } from "../../core/version.ts";
import type { Caller, Denial, Identify } from "../callers/caller.ts";
import { storiesOf } from "../durable.ts";
import { AzureRefusal, type Gallery, type Packages, type Reports } from "../ports.ts";
import type { Stories } from "../vocabulary.ts";
import { type Answer, HttpProblem, notFound, problemAnswer } from "./http-answers.ts";
import { type Body, jsonBodyOf, textBodyOf } from "./http-body.ts";

/** What the questions about a caller are answered by; see `functions/callers/`. */
export interface CallerRules {
  readonly identify: Identify;
  readonly denialOf: (caller: Caller, operation: ApiOperation) => Denial | undefined;
  /** Why not on this release; `hidden`: the caller is not even told whether there is one. */
  readonly objectionTo: (
    caller: Caller,
    operation: ApiOperation,
    release: Release,
    profile: Profile | undefined,
  ) => Denial | "hidden" | undefined;
  readonly keyOf: (caller: Caller) => string;
  readonly shareOf: (caller: Caller) => string;
  readonly textOf: (caller: Caller) => string;
  readonly submitterOf: (caller: Caller) => Submitter;
  /** Seconds to wait when the caller has used up its requests of that pace. */
  readonly pauseOf: (callerKey: string, pace: Pace) => number | undefined;
}

/** How often an endpoint may be asked; blocks come by the hundred. */
export type Pace = "requests" | "blocks";

/** What the endpoints work with. */
export interface ApiPorts {
  readonly packages: Pick<Packages, "list" | "folders" | "readProfile">;
  readonly gallery: Pick<Gallery, "readVersion">;
  readonly reports: Reports;
  readonly callers: CallerRules;
}

/** A request of a caller who may make it. */
export interface ApiCall {
  readonly release: Release;
  /** The submission in the path or the query, if any. */
  readonly submission: string | undefined;
  readonly caller: Caller;
  readonly idempotencyKey: string | undefined;
  /** A further part of the path. */
  readonly param: (name: string) => string;
  readonly body: () => Promise<unknown>;
  readonly text: () => Promise<string>;
  /** The body as it comes, of whatever length. */
  readonly bytes: Body;
  readonly stories: Stories;
}

/** One endpoint: what it is for, and what it does. */
export interface Endpoint {
  readonly operation: VersionOperation;
  readonly pace?: Pace;
  readonly serve: (call: ApiCall) => Promise<Answer>;
}

/** A request as the endpoints see it. */
export type ApiRequest = Pick<HttpRequest, "headers" | "params" | "query" | "body">;

/** The handler that an HTTP trigger calls: finds out who calls, whether they may, and answers problems as such. */
export function apiHandler(ports: ApiPorts, endpoint: Endpoint) {
  return async (request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> => ({
    ...(await answerApi(ports, endpoint, request, storiesOf(context), (line) => context.error(line))),
  });
}

/** What an endpoint answers to a request. Never throws. */
export async function answerApi(
  ports: ApiPorts,
  endpoint: Endpoint,
  request: ApiRequest,
  stories: Stories,
  log: (line: string) => void,
): Promise<Answer> {
  return answering(log, async () => endpoint.serve(await callOf(ports, endpoint, request, stories)));
}

/** What `serve` answers, or the problem that it throws. Never throws. */
export async function answering(log: (line: string) => void, serve: () => Promise<Answer>): Promise<Answer> {
  try {
    return await serve();
  } catch (error) {
    return problemAnswer(httpProblemOf(error, log));
  }
}

/** Who is calling, once it is clear that they may do the operation, and not too often. */
export async function admittedCaller(
  callers: CallerRules,
  operation: ApiOperation,
  headers: ApiRequest["headers"],
  pace: Pace = "requests",
): Promise<Caller> {
  const identified = await callers.identify(headers.get("authorization"));
  if ("denial" in identified) throw denied(identified.denial);
  const { caller } = identified;
  const pause = callers.pauseOf(callers.keyOf(caller), pace);
  if (pause !== undefined) throw tooMany(pause);
  const denial = callers.denialOf(caller, operation);
  if (denial) throw denied(denial);
  return caller;
}

// The order matters: nothing of a request is looked at before its caller is known, nothing is told of an application
// before the caller may see it.
async function callOf(
  { packages, callers }: ApiPorts,
  { operation, pace = "requests" }: Endpoint,
  request: ApiRequest,
  stories: Stories,
): Promise<ApiCall> {
  const caller = await admittedCaller(callers, operation, request.headers, pace);
  const { application = "", version = "" } = request.params;
  if (!isApplicationName(application) || versionFault(version)) throw notFound("such version");
  const release = { application, version };
  const text = await profileAt(packages, release);
  const profile = text === undefined ? undefined : parseProfile(text, application);
  const objection = callers.objectionTo(caller, operation, release, profile);
  if (objection === "hidden") throw notFound(`${application} ${version}`);
  if (objection) throw denied(objection);
  const submission = request.params["submission"] ?? request.query.get("submission") ?? undefined;
  if (submission !== undefined && !isPlainSegment(submission)) throw notFound("such submission");
  return {
    ...{ release, submission, caller, stories },
    idempotencyKey: keyIn(request),
    param: (name) => request.params[name] ?? "",
    body: () => jsonBodyOf(request),
    text: () => textBodyOf(request),
    bytes: request,
  };
}

async function profileAt(packages: ApiPorts["packages"], { application, version }: Release) {
  try {
    return await packages.readProfile(application);
  } catch (error) {
    // Another spelling shows that there is an application, which perhaps this caller may not see.
    if (error instanceof Problem && error.code === "application-spelling")
      throw notFound(`${application} ${version}`);
    throw error;
  }
}

function keyIn({ headers }: ApiRequest): string | undefined {
  const key = headers.get("idempotency-key");
  if (key === null) return undefined;
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new HttpProblem(400, {
    code: "bad-idempotency-key",
    message: "the header Idempotency-Key is not 1 to 255 visible ASCII characters",
    nextStep: "Send a UUID, or leave the header out: the same request is then known by its content.",
  });
}

function denied({ status, reason }: Denial): HttpProblem {
  const code = reason.code === "token-refused" ? ' error="invalid_token"' : "";
  const headers = { 401: { "www-authenticate": `Bearer${code}` }, 403: {}, 503: { "retry-after": "30" } };
  return new HttpProblem(status, reason, headers[status]);
}

function tooMany(seconds: number): HttpProblem {
  const reason = {
    code: "too-many-requests",
    message: "this caller made more requests than a minute has room for",
    nextStep: `Wait ${seconds} s, and ask for a status every 15 s at most.`,
  };
  return new HttpProblem(429, reason, { "retry-after": String(seconds) });
}

function httpProblemOf(error: unknown, log: (line: string) => void): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof Problem) return new HttpProblem(409, reasonOf(error));
  const told = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  log(`an endpoint met something unforeseen: ${told}`);
  if (error instanceof AzureRefusal) {
    return new HttpProblem(
      503,
      {
        code: "azure-unavailable",
        message: "Azure did not answer as expected",
        nextStep: "Send the request again in a minute; repeating it is harmless.",
      },
      { "retry-after": "30" },
    );
  }
  return new HttpProblem(500, {
    code: "unexpected",
    message: "the pipeline met something unforeseen",
    nextStep: "Send the request again; look at the function app's log if it stays so.",
  });
}
