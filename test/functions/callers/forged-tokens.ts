import type { anIssuer } from "./an-issuer.ts";

type Issuer = Awaited<ReturnType<typeof anIssuer>>;

/** A token that nobody may take, and what is wrong with it. */
export type Forged = readonly [what: string, token: string];

/** Tokens whose header, signature or letters are not those that an issuer makes. `more` are claims that tokens differ in. */
export function forgedTokens(issuer: Issuer, more: Record<string, unknown>): Forged[] {
  return [...badHeaders(issuer), ...badSignatures(issuer, more), ...tampered(issuer, more)];
}

function badHeaders({ signed, unsigned, hmac, jwk }: Issuer): Forged[] {
  const algorithms = ["none", "None", "NONE", "nOnE", "", "RS1", "rs256", "RS256 ", "A128KW", "dir"];
  return [
    ...algorithms.map((alg) => [`alg ${alg} unsigned`, unsigned(alg)] as const),
    ...algorithms.map((alg) => [`alg ${alg} with a signature`, unsigned(alg, "c2lnbmF0dXJl")] as const),
    ...algorithms.map((alg) => [`alg ${alg}, signed`, signed({ alg })] as const),
    ...(["HS256", "HS384", "HS512"] as const).flatMap((alg): Forged[] => [
      [`${alg} with the public key's PEM`, hmac(alg)],
      [`${alg} with the key's modulus`, hmac(alg, String(jwk.n))],
      [`${alg} with the JWK`, hmac(alg, JSON.stringify(jwk))],
      [`${alg} with an empty secret`, hmac(alg, "")],
    ]),
    ...["RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "RS256K"].map(
      (alg) => [`another algorithm: ${alg}`, signed({ alg })] as const,
    ),
    ...[undefined, null, 1, "", "key-2", "KEY-1", "key-1 ", "../key-1", "for-encryption", ["key-1"], {}].map(
      (kid) => [`kid ${JSON.stringify(kid)}`, signed({ kid })] as const,
    ),
    ["crit that nobody knows", signed({ crit: ["exp2"], exp2: 1 })],
    ["crit that is empty", signed({ crit: [] })],
    ["b64 false", signed({ b64: false, crit: ["b64"] })],
  ];
}

/** What comes of a text by trimming, folding and cutting: nothing of it is the text. */
export function otherTexts(text: string, more: readonly unknown[]): unknown[] {
  return [
    undefined,
    null,
    "",
    text.slice(0, -1),
    `${text}x`,
    `${text}/`,
    ` ${text}`,
    `${text} `,
    `${text}\0`,
    ...more,
  ];
}

function badSignatures(
  { signed, foreignKey, ecKey, rsaKey, token }: Issuer,
  more: Record<string, unknown>,
): Forged[] {
  const good = token();
  const [header = "", payload = "", signature = ""] = good.split(".");
  const other = token(more);
  return [
    ["another key under our kid", signed({}, undefined, foreignKey)],
    ["an EC key as RS256", signed({}, undefined, ecKey, "SHA256")],
    ["an EC key as ES256", signed({ alg: "ES256" }, undefined, ecKey, "SHA256")],
    ["our key with SHA-512", signed({}, undefined, rsaKey, "RSA-SHA512")],
    ["our key, well signed as RS384", signed({ alg: "RS384" }, undefined, rsaKey, "RSA-SHA384")],
    ["our key, well signed as RS512", signed({ alg: "RS512" }, undefined, rsaKey, "RSA-SHA512")],
    ["our key with SHA-1", signed({}, undefined, rsaKey, "RSA-SHA1")],
    ["an embedded jwk", signed({ jwk: { kty: "RSA" } }, undefined, foreignKey)],
    ["a jku", signed({ jku: "https://evil.example/keys" }, undefined, foreignKey)],
    ["an x5u", signed({ x5u: "https://evil.example/cert" }, undefined, foreignKey)],
    ["no signature", `${header}.${payload}.`],
    ["two parts", `${header}.${payload}`],
    ["four parts", `${good}.x`],
    ["five parts", `${good}.x.y`],
    ["the signature of another token", `${header}.${payload}.${other.split(".")[2] ?? ""}`],
    ["the payload of another token", `${header}.${other.split(".")[1] ?? ""}.${signature}`],
    ["a payload that is no JSON", signed({}, "no json")],
    ["a payload that is a list", signed({}, [])],
    ["a payload that is null", signed({}, null)],
    ["an empty payload", signed({}, "")],
  ];
}

// One bit of each of a hundred places.
function tampered({ token }: Issuer, more: Record<string, unknown>): Forged[] {
  const good = token(more);
  const places = Array.from({ length: 100 }, (_, index) => Math.floor((index * (good.length - 3)) / 100));
  return places.map((place): Forged => {
    const letter = good[place] === "A" ? "Q" : "A";
    return [`another letter at ${place}`, good.slice(0, place) + letter + good.slice(place + 1)];
  });
}
