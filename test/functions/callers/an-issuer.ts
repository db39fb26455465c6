import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createLocalJWKSet, exportJWK, type JWTVerifyGetKey } from "jose";
import type { EntraApi } from "../../../functions/callers/entra-tokens.ts";

export const TENANT = "0f3e4a52-7f0e-4f6f-9c0a-2d1b6c8e9f10";
export const OTHER_TENANT = "1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d";
export const AUDIENCE = "5d2c7a10-3b4e-4f6a-8d9c-1e2f3a4b5c6d";
export const ISSUER = `https://login.microsoftonline.com/${TENANT}/v2.0`;
export const NOW = Date.parse("2026-01-05T10:00:00.000Z");

export const api: EntraApi = {
  tenantId: TENANT,
  audience: AUDIENCE,
  issuer: ISSUER,
  jwksUri: `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`,
};

type Claims = Record<string, unknown>;

/** Claims as Entra writes them; a value of undefined leaves one out. */
export function claims(fields: Claims = {}): Claims {
  const seconds = Math.floor(NOW / 1000);
  return {
    aud: AUDIENCE,
    iss: ISSUER,
    iat: seconds - 60,
    nbf: seconds - 60,
    exp: seconds + 3600,
    azp: "22222222-2222-4222-8222-222222222222",
    oid: "33333333-3333-4333-8333-333333333333",
    sub: "33333333-3333-4333-8333-333333333333",
    tid: TENANT,
    roles: ["Releases.Read"],
    ver: "2.0",
    ...fields,
  };
}

function part(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

// Keys take their time, and no test changes them.
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const foreign = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });

/** An issuer with a key of its own, that also makes tokens which none should make. `claimsOf` makes the good ones. */
export async function anIssuer(claimsOf: (fields?: Claims) => Claims = claims) {
  const kid = "key-1";
  const jwk = { ...(await exportJWK(rsa.publicKey)), kid, use: "sig" };
  const keys: JWTVerifyGetKey = createLocalJWKSet({
    keys: [jwk, { ...jwk, kid: "for-encryption", use: "enc" }],
  });
  const pem = rsa.publicKey.export({ type: "spki", format: "pem" });

  function signed(
    header: Claims,
    payload: unknown,
    key: KeyObject = rsa.privateKey,
    hash = "RSA-SHA256",
  ): string {
    const text = `${part(header)}.${part(payload)}`;
    return `${text}.${sign(hash, Buffer.from(text), key).toString("base64url")}`;
  }

  return {
    keys,
    jwk,
    foreignKey: foreign.privateKey,
    ecKey: ec.privateKey,
    rsaKey: rsa.privateKey,
    /** A token as it should be, but for the claims given. */
    token: (fields: Claims = {}) => signed({ alg: "RS256", typ: "JWT", kid }, claimsOf(fields)),
    signed: (header: Claims, payload: unknown = claimsOf(), key?: KeyObject, hash?: string) =>
      signed({ alg: "RS256", typ: "JWT", kid, ...header }, payload, key, hash),
    /** The well-known trick: the public key's text taken for a shared secret. */
    hmac: (algorithm: "HS256" | "HS384" | "HS512", secret: string | Buffer = pem) => {
      const text = `${part({ alg: algorithm, typ: "JWT", kid })}.${part(claimsOf())}`;
      const hash = `sha${algorithm.slice(2)}`;
      return `${text}.${createHmac(hash, secret).update(text).digest("base64url")}`;
    },
    unsigned: (algorithm: string, signature = "") =>
      `${part({ alg: algorithm, typ: "JWT", kid })}.${part(claimsOf())}.${signature}`,
  };
}
