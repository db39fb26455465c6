import type { IncomingMessage } from "node:http";
import type { Certificates } from "../certificates.ts";
import { jsonHandler, listenHttps, readText } from "../listener.ts";
import type { JsonAnswer } from "../listener.ts";
import type { LocalIdentity, TokenVerifier } from "../world.ts";
import { adfsConfiguration, adfsTenant, instanceDiscovery, openidConfiguration } from "./entra-discovery.ts";
import { answerTokenRequest } from "./entra.ts";
import type { EntraOptions } from "./entra.ts";
import { createGithubIssuer } from "./github-issuer.ts";
import type { GithubIssuer } from "./github-issuer.ts";
import { startManagedIdentityEndpoint } from "./managed-identity.ts";
import type { AttachedIdentities, ManagedIdentityEndpoint } from "./managed-identity.ts";
import { createRegistry } from "./registry.ts";
import type { Registration, Registry } from "./registry.ts";
import { createSigningKey } from "./signing-key.ts";
import { createTokenIssuer } from "./token-issuer.ts";
import type { TokenIssuer } from "./token-issuer.ts";

/** How the identity service is set up. Tokens live by the machine's clock, because the SDKs cache them by it. */
export type IdentityServiceOptions = {
  readonly certificates: Certificates;
  readonly tenantId: string;
  readonly registrations?: readonly Registration[];
  /** Default: one hour. */
  readonly accessTokenSeconds?: number;
  /** Default: GitHub's five minutes. */
  readonly githubTokenSeconds?: number;
  readonly now?: () => number;
  readonly port?: number;
};

/** Entra, GitHub's OIDC issuer and the managed identity endpoints of the local Azure. */
export type IdentityService = {
  /** For AZURE_AUTHORITY_HOST. */
  readonly authorityHost: string;
  readonly tenantId: string;
  /** The `iss` of access tokens; its OpenID configuration leads to the keys. */
  readonly issuer: string;
  readonly registry: Registry;
  readonly tokens: TokenVerifier;
  readonly github: GithubIssuer;
  /** An access token for tests and tools, without a request. */
  tokenFor(identity: LocalIdentity, audience: string, lifetimeSeconds?: number): Promise<string>;
  /** Gives a machine or an app its own identity endpoint; the service stops it too. */
  attach(identities: AttachedIdentities): Promise<ManagedIdentityEndpoint>;
  stop(): Promise<void>;
};

type Routes = EntraOptions & {
  readonly authority: string;
  readonly keySet: unknown;
  readonly github: GithubIssuer;
};

/** Starts the identity service on loopback ports. */
export async function startIdentityService(options: IdentityServiceOptions): Promise<IdentityService> {
  const { tenantId, certificates, now = Date.now } = options;
  const [entraKey, githubKey] = await Promise.all([createSigningKey(), createSigningKey()]);
  const registry = createRegistry(options.registrations);
  const listener = await listenHttps(certificates, options.port);
  const authority = listener.origin;
  const issuer = `${authority}/${tenantId}/v2.0`;
  const lifetimeSeconds = options.accessTokenSeconds ?? 3600;
  const tokens = createTokenIssuer({ issuer, tenantId, key: entraKey, registry, lifetimeSeconds, now });
  const github = createGithubIssuer({
    issuer: `${authority}/github`,
    key: githubKey,
    lifetimeSeconds: options.githubTokenSeconds ?? 300,
    now,
  });
  const issuers = { [github.issuer]: githubKey };
  const routes = { tokens, registry, now, issuers, authority, keySet: entraKey.keySet, github };
  listener.serve(jsonHandler((request) => answer(routes, request)));
  return composeService(tokens, registry, github, authority, () => listener.stop());
}

function composeService(
  tokens: TokenIssuer,
  registry: Registry,
  github: GithubIssuer,
  authorityHost: string,
  stopListening: () => Promise<void>,
): IdentityService {
  const endpoints: ManagedIdentityEndpoint[] = [];
  const issue = (identity: LocalIdentity, audience: string, seconds?: number) =>
    tokens.issue(registry.byPrincipalId(identity.principalId) ?? { identity }, audience, seconds);
  return {
    authorityHost,
    tenantId: tokens.tenantId,
    issuer: tokens.issuer,
    registry,
    tokens: tokens.verifier,
    github,
    tokenFor: async (identity, audience, seconds) => (await issue(identity, audience, seconds)).token,
    attach: async (identities) => {
      const endpoint = await startManagedIdentityEndpoint(identities, issue);
      endpoints.push(endpoint);
      return endpoint;
    },
    stop: async () => {
      await Promise.all([stopListening(), ...endpoints.map((endpoint) => endpoint.stop())]);
    },
  };
}

async function answer(routes: Routes, request: IncomingMessage): Promise<JsonAnswer> {
  const url = new URL(request.url ?? "/", routes.authority);
  if (url.pathname.startsWith("/github/")) return routes.github.answer(request, url);
  const [, tenant = "", ...rest] = url.pathname.split("/");
  const path = rest.join("/");
  const { tenantId, issuer } = routes.tokens;
  if (request.method === "POST" && /^oauth2\/(v2\.0\/)?token\/?$/.test(path)) {
    return answerTokenRequest(routes, tenant, new URLSearchParams(await readText(request)));
  }
  if (/^(v2\.0\/)?\.well-known\/openid-configuration$/.test(path)) {
    const body =
      tenant === adfsTenant
        ? adfsConfiguration(routes.authority, issuer)
        : openidConfiguration(routes.authority, tenantId, issuer);
    return { status: 200, body };
  }
  if (/^discovery\/(v2\.0\/)?keys$/.test(path)) return { status: 200, body: routes.keySet };
  if (path === "discovery/instance") {
    return { status: 200, body: instanceDiscovery(routes.authority, tenantId) };
  }
  return { status: 404, body: { error: "not_found", error_description: `no endpoint at ${url.pathname}` } };
}
