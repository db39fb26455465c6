import { createHmac, verify } from "node:crypto";
import fc from "fast-check";
import { appRoles } from "../../core/permission.ts";
import type { Caller } from "../../functions/callers/caller.ts";
import { entraCallers } from "../../functions/callers/entra-tokens.ts";
import { identifyBy } from "../../functions/callers/identify.ts";
import { aGithubIssuer, GITHUB_AUDIENCE, github, jobClaims } from "../functions/callers/a-github-issuer.ts";
import { anIssuer, api, AUDIENCE, claims, ISSUER, NOW, TENANT } from "../functions/callers/an-issuer.ts";

type Claims = Record<string, unknown>;
type Signer = "ours" | "foreign" | "hmac" | "none" | "another token's";

/** How an `Authorization` header is made: a recipe that can be shown and made again. */
export type TokenRecipe =
  | { readonly kind: "text"; readonly header: string }
  | {
      readonly kind: "token";
      readonly scheme: string;
      readonly issuer: "entra" | "github";
      readonly header: Claims;
      readonly claims: Claims;
      readonly signer: Signer;
      readonly edits: readonly Edit[];
    };

/** A cut into the finished token: at that share of its length, so many letters replaced by others. */
interface Edit {
  readonly at: number;
  readonly cut: number;
  readonly put: string;
}

const SECONDS = NOW / 1000;

/** Recipes of headers: garbage, tokens of any making, good ones that were changed a little or not at all. */
export function tokenRecipes(text: fc.Arbitrary<string>): fc.Arbitrary<TokenRecipe> {
  const ours = [AUDIENCE, ISSUER, TENANT, GITHUB_AUDIENCE, [AUDIENCE], [GITHUB_AUDIENCE, AUDIENCE]];
  const value = fc.oneof(text, fc.jsonValue(), fc.constantFrom(...ours));
  const time = fc.oneof(
    fc.integer({ min: -7200, max: 7200 }).map((seconds) => SECONDS + seconds),
    fc.jsonValue(),
  );
  const claim = fc.oneof(
    fc.tuple(fc.constantFrom(...Object.keys({ ...claims(), ...jobClaims() })), value),
    fc.tuple(fc.constantFrom("iss", "aud", "tid", "oid", "azp"), value),
    fc.tuple(fc.constantFrom("exp", "nbf", "iat"), time),
    fc.tuple(fc.constant("roles"), fc.array(fc.oneof(fc.constantFrom(...appRoles), text), { maxLength: 3 })),
    fc.tuple(text, value),
  );
  const header = fc.oneof(
    fc.tuple(
      fc.constant("alg"),
      fc.oneof(fc.constantFrom("none", "HS256", "RS384", "PS256", "ES256"), value),
    ),
    fc.tuple(fc.constant("kid"), fc.oneof(fc.constantFrom("key-2", "for-encryption"), value)),
    fc.tuple(fc.constantFrom("jwk", "jku", "x5u", "crit", "b64", "zip", "typ", "cty"), value),
  );
  const letters = fc.oneof(
    fc.constantFrom(".", "A", "=", "_", "-", "+", "/", "\0", " ", ",", "é"),
    fc.string({ maxLength: 4 }),
    text,
  );
  const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(3), put: letters });
  const some = (entry: fc.Arbitrary<readonly [string, unknown]>, most: number) =>
    fc.array(entry, { maxLength: most }).map((entries): Claims => Object.fromEntries(entries));
  const token = fc.record({
    kind: fc.constant("token" as const),
    scheme: fc.oneof(
      { weight: 8, arbitrary: fc.constant("Bearer ") },
      fc.constantFrom("bearer  ", "Basic ", "", "Bearer", "Bearer Bearer ", "BEARER "),
    ),
    issuer: fc.constantFrom("entra" as const, "github" as const),
    header: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, some(header, 2)),
    claims: some(claim, 2),
    signer: fc.oneof(
      { weight: 2, arbitrary: fc.constant("ours" as const) },
      { weight: 5, arbitrary: fc.constantFrom<Signer>("foreign", "hmac", "none", "another token's") },
    ),
    edits: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(edit, { maxLength: 2 })),
  });
  const garbage = fc.oneof(
    text,
    fc.array(text, { maxLength: 5 }).map((parts) => `Bearer ${parts.join(".")}`),
  );
  return fc.oneof(
    { weight: 1, arbitrary: garbage.map((header) => ({ kind: "text" as const, header })) },
    { weight: 4, arbitrary: token },
  );
}

const issuers = Promise.all([anIssuer(), aGithubIssuer()]);
const goodSignature = issuers.then(([entra]) => entra.token().split(".")[2] ?? "");

/** Whether the header's caller was let in, by the code that verifies tokens; throws when it should not have been. */
export async function judgeToken(recipe: TokenRecipe): Promise<boolean> {
  const [entra, jobs] = await issuers;
  const identify = identifyBy(
    entraCallers(api, { now: () => new Date(NOW), keys: entra.keys }),
    jobs.callers(),
  );
  const header = await headerOf(recipe);
  const answer = await identify(header);
  if ("denial" in answer) {
    if (![401, 503].includes(answer.denial.status)) throw new Error(`answered ${answer.denial.status}`);
    return false;
  }
  const fault = await faultOf(header, answer.caller);
  if (fault !== undefined) throw new Error(`let in although ${fault}: ${header}`);
  return true;
}

async function headerOf(recipe: TokenRecipe): Promise<string> {
  if (recipe.kind === "text") return recipe.header;
  const good = recipe.issuer === "entra" ? claims() : jobClaims();
  const header = { alg: "RS256", typ: "JWT", kid: "key-1", ...recipe.header };
  const payload = { ...good, ...recipe.claims };
  let token = await signedBy(recipe.signer, header, payload);
  for (const { at, cut, put } of recipe.edits) {
    const place = Math.floor(at * token.length);
    token = token.slice(0, place) + put + token.slice(place + cut);
  }
  return recipe.scheme + token;
}

async function signedBy(signer: Signer, header: Claims, payload: Claims): Promise<string> {
  const [entra] = await issuers;
  if (signer === "ours") return entra.signed(header, payload);
  if (signer === "foreign") return entra.signed(header, payload, entra.foreignKey);
  const text = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  if (signer === "none") return `${text}.`;
  if (signer === "another token's") return `${text}.${await goodSignature}`;
  return `${text}.${createHmac("sha256", JSON.stringify(entra.jwk)).update(text).digest("base64url")}`;
}

/** What is wrong with letting a caller in by that header, found out without the code under test. */
async function faultOf(header: string, caller: Caller): Promise<string | undefined> {
  const [entra] = await issuers;
  const [head = "", body = "", signature = "", ...more] = header.replace(/^bearer +/i, "").split(".");
  const decoded = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as Claims;
  const isSigned = verify(
    "RSA-SHA256",
    Buffer.from(`${head}.${body}`),
    { key: entra.jwk, format: "jwk" } as never,
    Buffer.from(signature, "base64url"),
  );
  if (!isSigned || more.length > 0) return "the issuer has not signed it";
  const { alg, kid } = decoded(head);
  if (alg !== "RS256" || kid !== "key-1") return "it names another key";
  const told = decoded(body);
  const skew = caller.kind === "entra" ? 300 : 60;
  if (Number(told["exp"]) <= SECONDS - skew || Number(told["nbf"]) > SECONDS + skew)
    return "its time is not now";
  return isWhoseItIs(told, caller) ? undefined : "it is for another audience or of somebody else";
}

function isWhoseItIs(told: Claims, caller: Caller): boolean {
  if (caller.kind === "github") {
    const { issuer, repositoryId, ownerId, ref, runId } = caller.job;
    const same = [
      [told["iss"], github.issuers[0]?.issuer],
      [told["iss"], issuer],
      [told["aud"], GITHUB_AUDIENCE],
      ...[
        [told["repository_id"], repositoryId],
        [told["repository_owner_id"], ownerId],
      ],
      ...[
        [told["ref"], ref],
        [told["run_id"], runId],
      ],
    ];
    return same.every(([a, b]) => a === b);
  }
  const roles = Array.isArray(told["roles"]) ? told["roles"] : [];
  const isOurs = told["iss"] === ISSUER && told["aud"] === AUDIENCE && told["tid"] === TENANT;
  const isIts = told["oid"] === caller.objectId && told["azp"] === caller.clientId;
  return isOurs && isIts && caller.roles.every((role) => roles.includes(role));
}
