import type { TokenCredential } from "@azure/identity";
import { correlationHeaders } from "../operation-scope.ts";
import { traced } from "../tracing.ts";

/** Where Azure Resource Manager is, and for which audience tokens are asked. */
export interface Arm {
  readonly endpoint: string;
  readonly scope: string;
  readonly galleryApiVersion: string;
}

/** Nothing is retried here: stories retry, with pauses that may be longer than an activity may run. */
export const noRetries = { maxRetries: 0 } as const;

interface Request {
  url: string;
}

/** The pipeline policy by which Azure's activity log can be joined with the story that a request is made for. */
export const correlationPolicy = {
  name: "correlation",
  sendRequest<Sent extends SdkRequest, Answer extends { readonly status: number }>(
    request: Sent,
    next: (request: Sent) => Promise<Answer>,
  ): Promise<Answer> {
    return tracedRequest(request.method, request.url, () => {
      for (const [name, value] of Object.entries(correlationHeaders())) request.headers.set(name, value);
      return next(request);
    });
  },
};

interface SdkRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { set(name: string, value: string): void };
}

/** One request of Resource Manager, as a span; without the query, since operations' addresses are signed. */
function tracedRequest<Answer extends { readonly status: number }>(
  method: string,
  url: string,
  send: () => Promise<Answer>,
): Promise<Answer> {
  const { host, pathname } = new URL(url);
  const attributes = { "http.request.method": method, "server.address": host, "url.path": pathname };
  return traced({ name: `${method} Resource Manager`, kind: "client", attributes }, send, ({ status }) => ({
    failure: status < 400 ? undefined : String(status),
    attributes: { "http.response.status_code": status },
  }));
}

/**
 * The pipeline policy that asks for the configured api-version: the SDK's own is newer than some clouds. The URLs of
 * operations are signed, and answered only as they were given.
 */
export function apiVersionPolicy(apiVersion: string) {
  return {
    name: "configuredApiVersion",
    sendRequest<Sent extends Request, Answer>(request: Sent, next: (request: Sent) => Promise<Answer>) {
      request.url = withApiVersion(request.url, apiVersion);
      return next(request);
    },
  };
}

/** The URL with that api-version, byte for byte the same otherwise; operations' URLs stay as they are. */
export function withApiVersion(url: string, apiVersion: string): string {
  if (/\/capsOperations\//i.test(url)) return url;
  return url.replace(/([?&]api-version=)[^&]*/, `$1${apiVersion}`);
}

/** One GET of Resource Manager's JSON, for what the SDKs do not offer. */
export function getFromArm(
  credential: TokenCredential,
  arm: Arm,
  path: string,
  abortSignal: AbortSignal,
): Promise<{ status: number; body: unknown }> {
  return askArm(credential, arm, path, { abortSignal });
}

/** One request of Resource Manager's JSON: a POST of `body`, if there is one, that only asks; else a GET. */
export async function askArm(
  credential: TokenCredential,
  arm: Pick<Arm, "endpoint" | "scope">,
  path: string,
  { abortSignal, body }: { readonly abortSignal: AbortSignal; readonly body?: object },
): Promise<{ status: number; body: unknown }> {
  const token = await credential.getToken(arm.scope, { abortSignal });
  const method = body === undefined ? "GET" : "POST";
  const response = await tracedRequest(method, `${arm.endpoint}${path}`, () =>
    fetch(`${arm.endpoint}${path}`, {
      method,
      headers: {
        ...{ authorization: `Bearer ${token?.token ?? ""}`, accept: "application/json" },
        ...(body && { "content-type": "application/json" }),
        ...correlationHeaders(),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: abortSignal,
    }),
  );
  return { status: response.status, body: await response.json() };
}
