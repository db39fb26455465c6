import { randomUUID } from "node:crypto";
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from "jose";
import type { JSONWebKeySet, JWTPayload } from "jose";

/** Until when a token is good, counted from `now`. */
export type Lifetime = { readonly now: number; readonly seconds: number; readonly backdateSeconds?: number };

/** What a token must say of itself to be accepted at the time `now`. */
export type Expectations = {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly now: number;
};

/** An issuer's key pair. */
export type SigningKey = {
  readonly keySet: JSONWebKeySet;
  sign(claims: JWTPayload, lifetime: Lifetime): Promise<string>;
  /** The claims; throws jose's errors when signature, issuer, audience or times are wrong. */
  verify(token: string, expected: Expectations): Promise<JWTPayload>;
};

/** Makes an RS256 key pair that lives as long as the process. */
export async function createSigningKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const kid = randomUUID();
  const jwk = await exportJWK(publicKey);
  const keySet = { keys: [{ ...jwk, kid, alg: "RS256", use: "sig" }] };
  const findKey = createLocalJWKSet(keySet);
  return {
    keySet,
    sign: (claims, { now, seconds, backdateSeconds = 0 }) => {
      const issuedAt = Math.floor(now / 1000);
      return new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", typ: "JWT", kid })
        .setIssuedAt(issuedAt)
        .setNotBefore(issuedAt - backdateSeconds)
        .setExpirationTime(issuedAt + seconds)
        .sign(privateKey);
    },
    verify: async (token, { issuer, audiences, now }) => {
      const options = {
        issuer,
        audience: [...audiences],
        currentDate: new Date(now),
        algorithms: ["RS256"],
        requiredClaims: ["exp"],
      };
      return (await jwtVerify(token, findKey, options)).payload;
    },
  };
}
