import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

const TENANT = "11111111-2222-4333-8444-555555555555";
const SUBSCRIPTION = "66666666-2222-4333-8444-555555555555";
/** Who signs in at the token service. */
export const tenantId = TENANT;
export const clientId = "77777777-2222-4333-8444-555555555555";

/**
 * GitHub's token endpoint, Entra and as much of Resource Manager as `az login` asks, answering everybody after that many
 * milliseconds. Its tokens have the form of real ones, and no signature that would bear a look.
 */
export function tokenService(answerDelay: number, seen: (what: string) => void): RequestListener {
  return (request, response) => {
    serve(request, response, answerDelay, seen).catch(() => response.destroy());
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answerDelay: number,
  seen: (what: string) => void,
): Promise<void> {
  const origin = `https://${request.headers.host ?? ""}`;
  const { pathname } = new URL(request.url ?? "/", origin);
  seen(`${request.method ?? ""} ${pathname.split("/").at(-1) ?? ""}`);
  request.resume();
  if (answerDelay > 0) await delay(answerDelay);
  const body = bodyFor(pathname, origin);
  const text = JSON.stringify(body ?? { error: { code: "ResourceNotFound", message: pathname } });
  response.writeHead(body === undefined ? 404 : 200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

function bodyFor(pathname: string, origin: string): object | undefined {
  const authority = `${origin}/${TENANT}`;
  if (pathname === "/idtoken") return { value: tokenFor(origin, "api://AzureADTokenExchange", 300) };
  if (pathname.endsWith("/token")) {
    return {
      token_type: "Bearer",
      expires_in: 3600,
      ext_expires_in: 3600,
      access_token: tokenFor(`${authority}/v2.0`, "https://storage.azure.com", 3600),
    };
  }
  if (pathname.endsWith("/.well-known/openid-configuration")) {
    return {
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
      device_authorization_endpoint: `${authority}/oauth2/v2.0/devicecode`,
      issuer: `${authority}/v2.0`,
      jwks_uri: `${authority}/discovery/v2.0/keys`,
    };
  }
  if (pathname === "/tenants") return { value: [{ id: `/tenants/${TENANT}`, tenantId: TENANT }] };
  if (pathname === "/subscriptions") return { value: [subscription()] };
  return undefined;
}

function subscription() {
  return {
    id: `/subscriptions/${SUBSCRIPTION}`,
    subscriptionId: SUBSCRIPTION,
    tenantId: TENANT,
    displayName: "bench",
    state: "Enabled",
    managedByTenants: [],
    authorizationSource: "RoleBased",
  };
}

/** A token as services look into it. */
export function tokenFor(issuer: string, audience: string, seconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: audience, tid: TENANT, appid: clientId, oid: clientId, sub: clientId };
  const payload = { ...claims, iat: now, nbf: now, exp: now + seconds, ver: "1.0" };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ typ: "JWT", alg: "RS256", kid: "bench" })}.${part(payload)}.${"c2ln".repeat(64)}`;
}
