import type { JsonAnswer } from "../listener.ts";
import { adfsTenant } from "./entra-discovery.ts";
import { answerOf, refusals } from "./entra-refusals.ts";
import type { EntraRefusal } from "./entra-refusals.ts";
import { refusalOfAssertion } from "./federation.ts";
import type { TrustedIssuers } from "./federation.ts";
import { sameId } from "./registry.ts";
import type { Registration, Registry } from "./registry.ts";
import type { TokenIssuer } from "./token-issuer.ts";

/** What Entra's token endpoint works with. */
export type EntraOptions = {
  readonly tokens: TokenIssuer;
  readonly registry: Registry;
  readonly issuers: TrustedIssuers;
  readonly now: () => number;
};

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Answers a POST to a tenant's token endpoint, of version 2 (`scope`) or 1 (`resource`). */
export async function answerTokenRequest(
  options: EntraOptions,
  tenant: string,
  form: URLSearchParams,
): Promise<JsonAnswer> {
  const { tokens, registry, now } = options;
  const audience = audienceOf(form);
  const clientId = form.get("client_id") ?? "";
  const registration = registry.byClientId(clientId);
  const refusal =
    refusalOfForm(form, tenant, tokens.tenantId) ??
    (registration
      ? await refusalOfProof(registration, form, options)
      : refusals.unknownApplication(clientId, tenant));
  if (refusal) return answerOf(refusal, now());
  if (registration === undefined || audience === undefined) {
    return answerOf(refusals.badRequest("scope"), now());
  }
  const { token, issuedAtSeconds, lifetimeSeconds } = await tokens.issue(registration, audience);
  return {
    status: 200,
    body: {
      token_type: "Bearer",
      expires_in: lifetimeSeconds,
      ext_expires_in: lifetimeSeconds,
      expires_on: String(issuedAtSeconds + lifetimeSeconds),
      resource: audience,
      access_token: token,
    },
  };
}

/** The resource of a version 1 request, or the version 2 scope without its `/.default`. */
function audienceOf(form: URLSearchParams): string | undefined {
  const resource = form.get("resource");
  if (resource !== null && resource !== "") return resource;
  const scope = (form.get("scope") ?? "").split(" ").find((each) => each.endsWith("/.default"));
  return scope?.slice(0, -"/.default".length);
}

function refusalOfForm(form: URLSearchParams, tenant: string, tenantId: string): EntraRefusal | undefined {
  if (!sameId(tenant, tenantId) && tenant !== adfsTenant) return refusals.unknownTenant(tenant);
  const grant = form.get("grant_type");
  if (grant === null) return refusals.badRequest("grant_type");
  if (grant !== "client_credentials") return refusals.unknownGrant(grant);
  return form.has("client_id") ? undefined : refusals.badRequest("client_id");
}

async function refusalOfProof(
  registration: Registration,
  form: URLSearchParams,
  { issuers, now }: EntraOptions,
): Promise<EntraRefusal | undefined> {
  const assertion = form.get("client_assertion");
  if (assertion !== null) {
    if (form.get("client_assertion_type") !== assertionType) {
      return refusals.badRequest("client_assertion_type");
    }
    return refusalOfAssertion(registration, assertion, issuers, now());
  }
  const secret = form.get("client_secret");
  if (secret === null) return refusals.noProof();
  return secret === registration.secret ? undefined : refusals.badSecret(registration.identity.clientId);
}
