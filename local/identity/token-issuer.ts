import { randomUUID } from "node:crypto";
import type { JWTPayload } from "jose";
import type { LocalIdentity, TokenVerifier } from "../world.ts";
import type { Registration, Registry } from "./registry.ts";
import type { SigningKey } from "./signing-key.ts";

/** A token as the token endpoints hand it out. */
export type AccessToken = {
  readonly token: string;
  readonly issuedAtSeconds: number;
  readonly lifetimeSeconds: number;
};

/** Issues and checks the tenant's access tokens. */
export type TokenIssuer = {
  readonly issuer: string;
  readonly tenantId: string;
  issue(registration: Registration, audience: string, lifetimeSeconds?: number): Promise<AccessToken>;
  readonly verifier: TokenVerifier;
};

/** What a token issuer needs. */
export type TokenIssuerOptions = {
  readonly issuer: string;
  readonly tenantId: string;
  readonly key: SigningKey;
  readonly registry: Registry;
  readonly lifetimeSeconds: number;
  readonly now: () => number;
};

/** The part of Entra that signs: one issuer, one key. */
export function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const { issuer, tenantId, key, now } = options;
  return {
    issuer,
    tenantId,
    issue: async (registration, audience, lifetimeSeconds = options.lifetimeSeconds) => {
      const issuedAt = now();
      const claims = { iss: issuer, tid: tenantId, ...claimsOf(registration, audience) };
      const token = await key.sign(claims, { now: issuedAt, seconds: lifetimeSeconds });
      return { token, issuedAtSeconds: Math.floor(issuedAt / 1000), lifetimeSeconds };
    },
    verifier: {
      verify: (authorization, audiences) => verifyToken(options, authorization, audiences),
    },
  };
}

function claimsOf({ identity, roles }: Registration, audience: string): JWTPayload {
  const granted = roles?.[audience];
  return {
    aud: audience,
    sub: identity.principalId,
    oid: identity.principalId,
    appid: identity.clientId,
    azp: identity.clientId,
    azpacr: "2",
    idtyp: identity.kind === "user" ? "user" : "app",
    ver: "2.0",
    uti: randomUUID(),
    ...(granted && { roles: [...granted] }),
    ...(identity.kind === "managed-identity" &&
      identity.resourceId !== undefined && { xms_mirid: identity.resourceId }),
  };
}

async function verifyToken(
  { key, issuer, now, registry }: TokenIssuerOptions,
  authorization: string | undefined,
  audiences: readonly string[],
): Promise<LocalIdentity | undefined> {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) return undefined;
  try {
    const { oid } = await key.verify(token, { issuer, audiences, now: now() });
    return typeof oid === "string" ? registry.byPrincipalId(oid)?.identity : undefined;
  } catch {
    // Whatever is wrong with a token, its caller is unknown.
    return undefined;
  }
}
