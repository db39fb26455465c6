import { decodeJwt, errors } from "jose";
import type { JWTPayload } from "jose";
import { refusals } from "./entra-refusals.ts";
import type { EntraRefusal } from "./entra-refusals.ts";
import type { Registration } from "./registry.ts";
import type { SigningKey } from "./signing-key.ts";

/** The outside issuers whose tokens Entra can check. */
export type TrustedIssuers = Readonly<Record<string, SigningKey>>;

/** Undefined when the assertion proves the application by one of its federated credentials, else why not. */
export async function refusalOfAssertion(
  { identity, federatedCredentials = [] }: Registration,
  assertion: string,
  issuers: TrustedIssuers,
  now: number,
): Promise<EntraRefusal | undefined> {
  const claims = claimsOf(assertion);
  if (claims === undefined) return refusals.malformedAssertion();
  if (federatedCredentials.length === 0) return refusals.noCredentials(identity.clientId);

  // Entra narrows the credentials down in this order and names the first part that none of them has.
  const { iss = "", sub = "" } = claims;
  const audiences = [claims.aud ?? []].flat();
  const byIssuer = federatedCredentials.filter(({ issuer }) => issuer === iss);
  const key = issuers[iss];
  if (byIssuer.length === 0 || key === undefined) return refusals.unknownIssuer(iss);
  const bySubject = byIssuer.filter(({ subject }) => subject === sub);
  if (bySubject.length === 0) return refusals.unknownSubject(sub);
  const accepted = bySubject.flatMap((credential) => credential.audiences);
  if (!audiences.some((audience) => accepted.includes(audience))) {
    return refusals.unknownAudience(audiences.join(", "));
  }
  return refusalOfSignature(key, assertion, { issuer: iss, audiences: accepted, now });
}

async function refusalOfSignature(
  key: SigningKey,
  assertion: string,
  expected: Parameters<SigningKey["verify"]>[1],
): Promise<EntraRefusal | undefined> {
  try {
    await key.verify(assertion, expected);
    return undefined;
  } catch (error) {
    const outOfTime = error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed;
    return outOfTime ? refusals.assertionOutOfTime() : refusals.forgedAssertion();
  }
}

function claimsOf(assertion: string): JWTPayload | undefined {
  try {
    return decodeJwt(assertion);
  } catch {
    return undefined;
  }
}
