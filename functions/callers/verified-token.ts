import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from "jose";

/** What a token must be: whose, for whom, signed with which keys, at which time, and with which claims. */
export interface Expected {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
  readonly now: Date;
  readonly skewSeconds: number;
  readonly requiredClaims: readonly string[];
}

/** The claims of a token for this audience alone. Throws when it is another's, stale, forged, or for several at once. */
export async function verifiedClaims(token: string, expected: Expected): Promise<JWTPayload> {
  // Without the name of its key, any key of the set would be tried.
  if (typeof decodeProtectedHeader(token).kid !== "string") throw new errors.JWTInvalid("no kid");
  const { issuer, audience, requiredClaims } = expected;
  const { payload } = await jwtVerify(token, expected.keys, {
    issuer,
    audience,
    currentDate: expected.now,
    algorithms: ["RS256"],
    clockTolerance: expected.skewSeconds,
    requiredClaims: [...requiredClaims],
  });
  if (payload.aud !== audience)
    throw new errors.JWTClaimValidationFailed("several audiences", payload, "aud");
  return payload;
}
