import type { JWTVerifyGetKey } from "jose";
import { githubJobFrom } from "../../core/submitter.ts";
import type { Denial, Identify } from "./caller.ts";
import { bearerToken, KeysUnavailable, publishedKeys } from "./published-keys.ts";
import { verifiedClaims } from "./verified-token.ts";

/** Whose tokens of GitHub Actions are taken: of these issuers, for one audience that no other deployment has. */
export interface GithubApi {
  readonly audience: string;
  readonly issuers: readonly { readonly issuer: string; readonly jwksUri: string }[];
}

/** Tokens live for five minutes; clocks may differ by that much. */
const SKEW_SECONDS = 60;

/**
 * Finds out jobs of GitHub Actions by their OIDC tokens. Which application is theirs is not decided here. `now` and
 * `keys` are for tests. Undefined `api`: no job is let in.
 */
export function githubCallers(
  api: GithubApi | undefined,
  options: { readonly now?: () => Date; readonly keys?: (jwksUri: string) => JWTVerifyGetKey } = {},
): { readonly issuers: readonly string[]; readonly identify: Identify } {
  const { now = () => new Date(), keys = publishedKeys } = options;
  const issuers = (api?.issuers ?? []).map(({ issuer, jwksUri }) => ({ issuer, findKey: keys(jwksUri) }));
  return {
    issuers: issuers.map(({ issuer }) => issuer),
    identify: async (authorization) => {
      const token = bearerToken(authorization);
      for (const { issuer, findKey } of issuers) {
        if (token === undefined || !api) break;
        try {
          const claims = await verifiedClaims(token, {
            ...{ issuer, audience: api.audience, keys: findKey, now: now() },
            skewSeconds: SKEW_SECONDS,
            requiredClaims: ["exp", "nbf", "iat", "sub", "jti"],
          });
          const job = githubJobFrom(issuer, claims);
          if (job) return { caller: { kind: "github", job } };
        } catch (error) {
          if (error instanceof KeysUnavailable) return { denial: NO_KEYS };
        }
      }
      return { denial: BAD_TOKEN };
    },
  };
}

// Which of the checks it was is for the token's owner to find out, not for a guesser to be told.
const BAD_TOKEN: Denial = {
  status: 401,
  reason: {
    code: "token-refused",
    message: "the bearer token is not a valid token of a GitHub Actions job for this pipeline",
    nextStep:
      "Ask for the job's token anew, since it lives five minutes, with the pipeline's own audience; the job needs the permission id-token: write.",
  },
};

const NO_KEYS: Denial = {
  status: 503,
  reason: {
    code: "keys-unavailable",
    message: "the keys that GitHub's tokens are checked with could not be fetched",
    nextStep: "Try again in a minute; if it lasts, check that the function app reaches the token's issuer.",
  },
};
