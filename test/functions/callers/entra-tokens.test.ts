import { appRoles } from "../../../core/permission.ts";
import { entraCallers } from "../../../functions/callers/entra-tokens.ts";
import { type Forged, forgedTokens, otherTexts } from "./forged-tokens.ts";
import { anIssuer, api, AUDIENCE, ISSUER, NOW, OTHER_TENANT, TENANT } from "./an-issuer.ts";

type Issuer = Awaited<ReturnType<typeof anIssuer>>;

let issuer: Issuer;

beforeAll(async () => {
  issuer = await anIssuer();
});

function identify(authorization: string | null, over: Partial<typeof api> = {}) {
  return entraCallers({ ...api, ...over }, { now: () => new Date(NOW), keys: issuer.keys })(authorization);
}

describe("entraCallers", () => {
  it("knows the caller of a good token, with the roles that are ours", async () => {
    const token = issuer.token({ roles: ["Releases.Read", "Regions.Expand", "Somebody.Elses"] });
    expect(await identify(`Bearer ${token}`)).toEqual({
      caller: {
        kind: "entra",
        objectId: "33333333-3333-4333-8333-333333333333",
        clientId: "22222222-2222-4222-8222-222222222222",
        roles: ["Releases.Read", "Regions.Expand"],
      },
    });
  });

  it("knows a caller without roles as one without roles", async () => {
    const known = await identify(`bearer ${issuer.token({ roles: undefined })}`);
    expect(known).toMatchObject({ caller: { roles: [] } });
  });

  it.each([-299, 299])("allows for clocks that differ by %d seconds", async (seconds) => {
    const at = Math.floor(NOW / 1000);
    const times = seconds < 0 ? { exp: at + seconds } : { nbf: at + seconds, iat: at + seconds };
    expect(await identify(`Bearer ${issuer.token(times)}`)).toHaveProperty("caller");
  });

  it("refuses more than 200 forged or stale tokens, all with the same words", async () => {
    const forged = [...forgedTokens(issuer, { roles: [...appRoles] }), ...badClaims(issuer)];
    const answers = await Promise.all(
      forged.map(async ([what, token]) => [what, await identify(`Bearer ${token}`)] as const),
    );
    const wrong = answers.filter(
      ([, answer]) =>
        !("denial" in answer) || !["token-refused", "token-missing"].includes(answer.denial.reason.code),
    );
    expect(wrong).toEqual([]);
    expect(answers.every(([, answer]) => "denial" in answer && answer.denial.status === 401)).toBe(true);
    expect(new Set(forged.map(([what]) => what)).size).toBe(forged.length);
    expect(forged.length).toBeGreaterThanOrEqual(200);
  });

  it.each([
    [null],
    [""],
    ["Bearer"],
    ["Bearer "],
    ["Basic dXNlcjpwYXNz"],
    ["Bearer a b"],
    ["Bearer a,b"],
    [`Bearer ${"x".repeat(20_000)}`],
    ["Bearer ..."],
    ["Bearer ey"],
  ])("refuses the header %p", async (header) => {
    expect(await identify(header)).toMatchObject({ denial: { status: 401 } });
  });

  it("refuses everybody when it is not configured", async () => {
    const closed = entraCallers(undefined, { now: () => new Date(NOW), keys: issuer.keys });
    expect(await closed(`Bearer ${issuer.token()}`)).toMatchObject({
      denial: { status: 401, reason: { code: "no-callers-configured" } },
    });
  });

  it.each(["tenantId", "audience", "issuer"] as const)(
    "refuses everybody when %s is another",
    async (key) => {
      const answer = await identify(`Bearer ${issuer.token()}`, { [key]: "something-else" });
      expect(answer).toMatchObject({ denial: { status: 401 } });
    },
  );

  it("says that it is our trouble when the keys cannot be fetched", async () => {
    const cut = entraCallers({ ...api, jwksUri: "https://127.0.0.1:1/keys" }, { now: () => new Date(NOW) });
    expect(await cut(`Bearer ${issuer.token()}`)).toMatchObject({ denial: { status: 503 } });
  });
});

function badClaims({ token }: Issuer): Forged[] {
  const at = Math.floor(NOW / 1000);
  const rows: [string, Record<string, unknown>][] = [
    ...otherTexts(ISSUER, [
      `https://login.microsoftonline.com/${OTHER_TENANT}/v2.0`,
      `https://sts.windows.net/${TENANT}/`,
      "https://login.microsoftonline.com/common/v2.0",
      "https://token.actions.githubusercontent.com",
      `https://login.microsoftonline.com.evil.example/${TENANT}/v2.0`,
      [ISSUER],
    ]).map((iss): [string, Record<string, unknown>] => [`iss ${JSON.stringify(iss)}`, { iss }]),
    ...otherTexts(AUDIENCE, [
      "https://management.azure.com",
      "https://storage.azure.com",
      "api://AzureADTokenExchange",
      `api://${AUDIENCE}`,
      [],
      ["https://management.azure.com"],
      [AUDIENCE, "https://management.azure.com"],
      [AUDIENCE],
    ]).map((aud): [string, Record<string, unknown>] => [`aud ${JSON.stringify(aud)}`, { aud }]),
    ...otherTexts(TENANT, [OTHER_TENANT, "common", "organizations", [TENANT]]).map(
      (tid): [string, Record<string, unknown>] => [`tid ${JSON.stringify(tid)}`, { tid }],
    ),
    ...(["oid", "azp"] as const).flatMap((name) =>
      [undefined, null, "", "not-an-id", 7, {}, ["33333333-3333-4333-8333-333333333333"], " "].map(
        (value): [string, Record<string, unknown>] => [`${name} ${JSON.stringify(value)}`, { [name]: value }],
      ),
    ),
    ...[undefined, null, "", "soon", at - 301, at - 3600, 0, -1, { at }].map(
      (exp): [string, Record<string, unknown>] => [`exp ${JSON.stringify(exp)}`, { exp }],
    ),
    ...[undefined, null, "", "then", at + 301, at + 86_400, { at }].map(
      (nbf): [string, Record<string, unknown>] => [`nbf ${JSON.stringify(nbf)}`, { nbf }],
    ),
    ...[undefined, "long ago", {}].map((iat): [string, Record<string, unknown>] => [
      `iat ${JSON.stringify(iat)}`,
      { iat },
    ]),
    ...["Releases.Read", { 0: "Releases.Read" }, 1, null, true].map(
      (roles): [string, Record<string, unknown>] => [`roles ${JSON.stringify(roles)}`, { roles }],
    ),
  ];
  return rows.map(([what, fields]) => [what, token(fields)]);
}
