import { createHmac, type KeyObject, timingSafeEqual, verify } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Certificates } from "../../local/certificates.ts";
import { jsonHandler, listenHttps, readText } from "../../local/listener.ts";

/** A webhook that refuses the first requests with these statuses, and keeps whose signature is right. */
export async function aWebhook(certificates: Certificates, secret: string, ...refusals: number[]) {
  const listener = await listenHttps(certificates);
  const heard: any[] = [];
  listener.serve(
    jsonHandler(async (request) => {
      const body = await readText(request);
      const status = refusals.shift();
      if (status !== undefined) return { status, body: {} };
      const [, time = "", given = ""] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers["x-vm-application-signature"])) ?? [];
      const own = createHmac("sha256", secret).update(`${time}.${body}`).digest();
      if (!timingSafeEqual(own, Buffer.from(given, "hex"))) return { status: 401, body: {} };
      heard.push(JSON.parse(body));
      return { status: 202, body: {} };
    }),
  );
  return { url: `${listener.origin}/told`, heard, stop: () => listener.stop() };
}

/** As much of GitHub's API as an app needs to tell a repository of a deployment, or to dispatch an event. */
export async function aGithub(certificates: Certificates, app: { clientId: string; publicKey: KeyObject }) {
  const listener = await listenHttps(certificates);
  const heard: { path: string; body: any }[] = [];
  const isApp = ({ headers }: IncomingMessage): boolean => {
    const [head = "", claims = "", signature = ""] = (headers.authorization ?? "").slice(7).split(".");
    const { iss, exp, iat } = JSON.parse(Buffer.from(claims, "base64url").toString() || "{}");
    const isSigned = verify(
      "sha256",
      Buffer.from(`${head}.${claims}`),
      app.publicKey,
      Buffer.from(signature, "base64url"),
    );
    return isSigned && iss === app.clientId && exp - iat <= 600;
  };
  listener.serve(
    jsonHandler(async (request) => {
      const path = request.url ?? "";
      const text = await readText(request);
      const body = text === "" ? undefined : JSON.parse(text);
      if (path === "/repos/contoso/flooper/installation") {
        return isApp(request) ? { status: 200, body: { id: 7 } } : { status: 401, body: {} };
      }
      heard.push({ path, body });
      if (path === "/app/installations/7/access_tokens") {
        return isApp(request) ? { status: 201, body: { token: "ghs_local" } } : { status: 401, body: {} };
      }
      if (request.headers.authorization !== "Bearer ghs_local") return { status: 401, body: {} };
      return path.endsWith("/dispatches") ? { status: 202, body: {} } : { status: 201, body: { id: 42 } };
    }),
  );
  return { url: listener.origin, heard, stop: () => listener.stop() };
}

/** A span as a collector gets it. */
export interface HeardSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  readonly status: { readonly code?: number };
}

/** A collector of OpenTelemetry's that takes traces and metrics as JSON from whoever knows the key. */
export async function aCollector(certificates: Certificates, key: string) {
  const listener = await listenHttps(certificates);
  const heard: HeardSpan[] = [];
  const metrics: { readonly name: string }[] = [];
  listener.serve(
    jsonHandler(async (request) => {
      const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(await readText(request));
      if (request.headers["x-key"] !== key) return { status: 401, body: {} };
      if (request.url === "/v1/traces")
        for (const { scopeSpans } of resourceSpans) for (const { spans } of scopeSpans) heard.push(...spans);
      if (request.url === "/v1/metrics")
        for (const { scopeMetrics } of resourceMetrics)
          for (const each of scopeMetrics) metrics.push(...each.metrics);
      return { status: 200, body: {} };
    }),
  );
  return { url: listener.origin, heard, metrics, stop: () => listener.stop() };
}
