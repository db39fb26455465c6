import type { JWTPayload, JWTVerifyGetKey } from "jose";
import { appRoles } from "../../core/permission.ts";
import type { Caller, Denial, Identify } from "./caller.ts";
import { bearerToken, KeysUnavailable, publishedKeys } from "./published-keys.ts";
import { verifiedClaims } from "./verified-token.ts";

/** Whose tokens are taken: one tenant's, for one audience, signed with the keys that its issuer publishes. */
export interface EntraApi {
  readonly tenantId: string;
  readonly audience: string;
  readonly issuer: string;
  readonly jwksUri: string;
}

/** Clocks may differ by that much. */
const SKEW_SECONDS = 300;
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Finds out callers by Entra's access tokens. Headers of App Service Authentication are never looked at: they mean
 * nothing once it is off. `now` and `keys` are for tests. Undefined `api`: nobody is let in.
 */
export function entraCallers(
  api: EntraApi | undefined,
  { now = () => new Date(), keys }: { readonly now?: () => Date; readonly keys?: JWTVerifyGetKey } = {},
): Identify {
  if (!api) return () => Promise.resolve({ denial: NOT_CONFIGURED });
  const findKey = keys ?? publishedKeys(api.jwksUri);
  return async (authorization) => {
    const token = bearerToken(authorization);
    if (token === undefined) return { denial: NO_TOKEN };
    try {
      const { issuer, audience } = api;
      const claims = await verifiedClaims(token, {
        ...{ issuer, audience, keys: findKey, now: now() },
        skewSeconds: SKEW_SECONDS,
        requiredClaims: ["exp", "nbf", "iat", "tid", "oid", "azp"],
      });
      const caller = callerIn(claims, api);
      return caller ? { caller } : { denial: BAD_TOKEN };
    } catch (error) {
      return { denial: error instanceof KeysUnavailable ? NO_KEYS : BAD_TOKEN };
    }
  };
}

function callerIn(payload: JWTPayload, { tenantId }: EntraApi): Caller | undefined {
  const { tid, oid, azp, roles = [] } = payload;
  if (!isGuid(tid) || tid.toLowerCase() !== tenantId.toLowerCase()) return undefined;
  if (!isGuid(oid) || !isGuid(azp) || !Array.isArray(roles)) return undefined;
  return {
    kind: "entra",
    objectId: oid.toLowerCase(),
    clientId: azp.toLowerCase(),
    roles: appRoles.filter((role) => roles.includes(role)),
  };
}

function isGuid(value: unknown): value is string {
  return typeof value === "string" && GUID.test(value);
}

const NOT_CONFIGURED: Denial = {
  status: 401,
  reason: {
    code: "no-callers-configured",
    message: "this pipeline has no tenant and audience whose tokens it would take, so it serves nobody here",
    nextStep: "Set API_TENANT_ID and API_AUDIENCE among the function app's settings; docs/api.md says how.",
  },
};

const NO_TOKEN: Denial = {
  status: 401,
  reason: {
    code: "token-missing",
    message: "the request has no bearer token of Entra's",
    nextStep: "Send `Authorization: Bearer <token>` with an access token for the pipeline's audience.",
  },
};

// Which of the checks it was is for the token's owner to find out, not for a guesser to be told.
const BAD_TOKEN: Denial = {
  status: 401,
  reason: {
    code: "token-refused",
    message: "the bearer token is not a valid access token of the pipeline's tenant and audience",
    nextStep:
      "Ask Entra for a new token, version 2, for the audience that the pipeline was set up with, and check this machine's clock.",
  },
};

const NO_KEYS: Denial = {
  status: 503,
  reason: {
    code: "keys-unavailable",
    message: "the keys that tokens are checked with could not be fetched",
    nextStep: "Try again in a minute; if it lasts, check that the function app reaches Entra.",
  },
};
