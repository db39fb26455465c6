import { STATUS_CODES } from "node:http";
import { reasonWithoutIds } from "../../core/version-status.ts";
import { Problem, type Reason } from "../../core/problem.ts";

/** What an endpoint answers; the body is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly jsonBody: object;
}

/** Thrown by endpoints to answer with a problem. */
export class HttpProblem extends Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, reason: Reason, headers: Readonly<Record<string, string>> = {}) {
    super(reason.code, reason.message, reason.nextStep);
    this.status = status;
    this.headers = headers;
  }
}

const EVERY_ANSWER = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** An answer with a JSON body. */
export function answerOf(
  status: number,
  jsonBody: object,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, headers: { ...EVERY_ANSWER, "content-type": "application/json", ...headers }, jsonBody };
}

/** The answer `application/problem+json` (RFC 9457) that a problem becomes. Azure's ids are left out. */
export function problemAnswer(problem: HttpProblem): Answer {
  const { status, headers } = problem;
  const { code, message, nextStep } = reasonWithoutIds(problem);
  const title = STATUS_CODES[status] ?? "Problem";
  const body = { type: "about:blank", title, status, detail: message, code, nextStep };
  return answerOf(status, body, { "content-type": "application/problem+json", ...headers });
}

/** That there is no such thing, or nothing that this caller may see: one answer for both. */
export function notFound(what: string): HttpProblem {
  return new HttpProblem(404, {
    code: "not-found",
    message: `there is no ${what} here`,
    nextStep: "Check application and version, and that the caller is among the application's callers.",
  });
}
