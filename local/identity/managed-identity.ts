import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { jsonHandler, listenHttp } from "../listener.ts";
import type { JsonAnswer } from "../listener.ts";
import type { LocalIdentity } from "../world.ts";
import { sameId } from "./registry.ts";
import type { AccessToken } from "./token-issuer.ts";

/** The identities that are attached to one machine or app. */
export type AttachedIdentities = {
  readonly systemAssigned?: LocalIdentity;
  readonly userAssigned?: readonly LocalIdentity[];
};

/** The local token endpoint of one machine (IMDS) or app (App Service). */
export type ManagedIdentityEndpoint = {
  /** What a process on a virtual machine is told; on Azure it is told nothing and finds 169.254.169.254. */
  readonly machineEnvironment: { readonly AZURE_POD_IDENTITY_AUTHORITY_HOST: string };
  /** What a function app's process finds in its environment. */
  readonly appEnvironment: { readonly IDENTITY_ENDPOINT: string; readonly IDENTITY_HEADER: string };
  stop(): Promise<void>;
};

type Issue = (identity: LocalIdentity, audience: string) => Promise<AccessToken>;

/** Serves tokens of the attached identities over plain HTTP, as machines and apps have it. */
export async function startManagedIdentityEndpoint(
  attached: AttachedIdentities,
  issue: Issue,
): Promise<ManagedIdentityEndpoint> {
  const secret = randomUUID();
  const listener = await listenHttp();
  listener.serve(
    jsonHandler(async (request) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
      if (request.method !== "GET") return refuse(405, "Only GET is supported.");
      // The SDKs for JavaScript add a slash when the host comes from the environment.
      if (/^\/metadata\/identity\/oauth2\/token\/?$/.test(pathname)) {
        return answerMachine(request, searchParams, attached, issue);
      }
      if (/^\/msi\/token\/?$/.test(pathname))
        return answerApp(request, searchParams, attached, issue, secret);
      return refuse(404, "Not found");
    }),
  );
  return {
    machineEnvironment: { AZURE_POD_IDENTITY_AUTHORITY_HOST: listener.origin },
    appEnvironment: { IDENTITY_ENDPOINT: `${listener.origin}/msi/token`, IDENTITY_HEADER: secret },
    stop: () => listener.stop(),
  };
}

async function answerMachine(
  request: IncomingMessage,
  query: URLSearchParams,
  attached: AttachedIdentities,
  issue: Issue,
): Promise<JsonAnswer> {
  if (request.headers["metadata"] !== "true") return refuse(400, "Required metadata header not specified");
  if (!query.has("api-version")) return refuse(400, "Required query variable 'api-version' is missing");
  const { systemAssigned, userAssigned = [] } = attached;
  // A machine with one identity needs not be told which.
  const onlyOne = userAssigned.length === 1 ? userAssigned[0] : undefined;
  const identity = selectIdentity(query, attached, systemAssigned ?? onlyOne);
  return identity ? answerWith(identity, query, issue) : refuse(400, "Identity not found");
}

async function answerApp(
  request: IncomingMessage,
  query: URLSearchParams,
  attached: AttachedIdentities,
  issue: Issue,
  secret: string,
): Promise<JsonAnswer> {
  if (request.headers["x-identity-header"] !== secret) {
    return { status: 401, body: { statusCode: 401, message: "Invalid X-IDENTITY-HEADER." } };
  }
  if (query.get("api-version") !== "2019-08-01") {
    return { status: 400, body: { statusCode: 400, message: "Unsupported api-version." } };
  }
  const identity = selectIdentity(query, attached, attached.systemAssigned);
  if (identity) return answerWith(identity, query, issue);
  const message =
    "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.";
  return { status: 400, body: { statusCode: 400, message } };
}

function selectIdentity(
  query: URLSearchParams,
  { userAssigned = [] }: AttachedIdentities,
  unnamed: LocalIdentity | undefined,
): LocalIdentity | undefined {
  const clientId = query.get("client_id");
  const principalId = query.get("object_id") ?? query.get("principal_id");
  const resourceId = query.get("mi_res_id") ?? query.get("msi_res_id");
  if (clientId !== null) return userAssigned.find((each) => sameId(each.clientId, clientId));
  if (principalId !== null) return userAssigned.find((each) => sameId(each.principalId, principalId));
  if (resourceId !== null) return userAssigned.find((each) => sameId(each.resourceId ?? "", resourceId));
  return unnamed;
}

async function answerWith(
  identity: LocalIdentity,
  query: URLSearchParams,
  issue: Issue,
): Promise<JsonAnswer> {
  const resource = query.get("resource");
  if (resource === null) return refuse(400, "Required query variable 'resource' is missing");
  const { token, issuedAtSeconds, lifetimeSeconds } = await issue(identity, resource);
  return {
    status: 200,
    body: {
      access_token: token,
      client_id: identity.clientId,
      expires_in: String(lifetimeSeconds),
      expires_on: String(issuedAtSeconds + lifetimeSeconds),
      not_before: String(issuedAtSeconds),
      resource,
      token_type: "Bearer",
    },
  };
}

function refuse(status: number, description: string): JsonAnswer {
  return { status, body: { error: "invalid_request", error_description: description } };
}
