import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from "jose";

/** GitHub's and Entra's tokens have 1 to 4 KB; with many group claims some more. */
const MOST_TOKEN_CHARACTERS = 16_384;

/** That the set of keys could not be had, which says nothing about the token. */
export class KeysUnavailable extends Error {}

/** The keys that an issuer publishes. jose keeps them for ten minutes, and asks for an unknown one every 30 s at most. */
export function publishedKeys(jwksUri: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(jwksUri), { timeoutDuration: 5000 });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys) {
        throw cause;
      }
      throw new KeysUnavailable("no keys", { cause });
    }
  };
}

/** The bearer token of a header; undefined when there is none, or one that is longer than any. */
export function bearerToken(authorization: string | null): string | undefined {
  const token = /^Bearer +([^\s,]+)$/i.exec(authorization ?? "")?.[1];
  return token !== undefined && token.length <= MOST_TOKEN_CHARACTERS ? token : undefined;
}
