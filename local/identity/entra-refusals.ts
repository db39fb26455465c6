import { randomUUID } from "node:crypto";
import type { JsonAnswer } from "../listener.ts";

/** Why Entra gives no token. */
export type EntraRefusal = {
  readonly status: 400 | 401;
  readonly error: "invalid_client" | "invalid_request" | "unauthorized_client" | "unsupported_grant_type";
  readonly code: number;
  readonly message: string;
};

const help =
  "Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

/** The refusals of the token endpoint, with Entra's numbers and words. */
export const refusals = {
  badRequest: (missing: string) =>
    refuse("invalid_request", 900144, `The request body must contain the following parameter: '${missing}'.`),
  unknownTenant: (tenant: string) =>
    refuse(
      "invalid_request",
      90002,
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID.`,
    ),
  unknownGrant: (grant: string) =>
    refuse("unsupported_grant_type", 70003, `The app requested an unsupported grant type '${grant}'.`),
  unknownApplication: (clientId: string, tenant: string) =>
    refuse(
      "unauthorized_client",
      700016,
      `Application with identifier '${clientId}' was not found in the directory '${tenant}'.`,
    ),
  badSecret: (clientId: string) =>
    refuse("invalid_client", 7000215, `Invalid client secret provided for app '${clientId}'.`),
  noProof: () =>
    refuse(
      "invalid_client",
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
  malformedAssertion: () => refuse("invalid_client", 50027, "JWT token is invalid or malformed."),
  forgedAssertion: () =>
    refuse(
      "invalid_client",
      50013,
      "Assertion failed signature validation. [Reason - The key was not found.]",
    ),
  assertionOutOfTime: () =>
    refuse("invalid_client", 700024, "Client assertion is not within its valid time range."),
  noCredentials: (clientId: string) =>
    refuse(
      "invalid_client",
      70025,
      `The client '${clientId}' has no configured federated identity credentials.`,
    ),
  unknownIssuer: (issuer: string) => noMatch(700211, "issuer", issuer),
  unknownAudience: (audience: string) => noMatch(700212, "audience", audience),
  unknownSubject: (subject: string) => noMatch(700213, "subject", subject),
} as const;

/** Writes a refusal as the token endpoint does. */
export function answerOf({ status, error, code, message }: EntraRefusal, now: number): JsonAnswer {
  const timestamp = new Date(now)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
  const [trace, correlation] = [randomUUID(), randomUUID()];
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${message} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    },
  };
}

function noMatch(code: number, part: string, value: string): EntraRefusal {
  const message = `No matching federated identity record found for presented assertion ${part} '${value}'. ${help}`;
  return refuse("invalid_client", code, message);
}

function refuse(error: EntraRefusal["error"], code: number, message: string): EntraRefusal {
  return { status: error === "invalid_client" ? 401 : 400, error, code, message };
}
