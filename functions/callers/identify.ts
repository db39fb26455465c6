import { decodeJwt } from "jose";
import type { Identify } from "./caller.ts";
import { bearerToken } from "./published-keys.ts";

/** Has each token judged by those who know its issuer; what a token says of its issuer is believed by nobody else. */
export function identifyBy(
  entra: Identify,
  github: { readonly issuers: readonly string[]; readonly identify: Identify },
): Identify {
  return (authorization) => {
    const issuer = issuerIn(bearerToken(authorization));
    const isGithubs = issuer !== undefined && github.issuers.includes(issuer);
    return (isGithubs ? github.identify : entra)(authorization);
  };
}

function issuerIn(token: string | undefined): string | undefined {
  try {
    return token === undefined ? undefined : decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}
