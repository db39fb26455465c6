import { GITHUB_ISSUER } from "../../../core/publishers.ts";
import { entraCallers } from "../../../functions/callers/entra-tokens.ts";
import { githubCallers } from "../../../functions/callers/github-tokens.ts";
import { identifyBy } from "../../../functions/callers/identify.ts";
import { aGithubIssuer, github, GITHUB_AUDIENCE } from "./a-github-issuer.ts";
import { anIssuer, api as entraApi, NOW } from "./an-issuer.ts";
import { type Forged, forgedTokens, otherTexts } from "./forged-tokens.ts";

type Issuer = Awaited<ReturnType<typeof aGithubIssuer>>;

let issuer: Issuer;

beforeAll(async () => {
  issuer = await aGithubIssuer();
});

/** Whoever a token is taken for, by all issuers together. */
async function identify(token: string, api = github) {
  const entra = await anIssuer();
  const known = entraCallers(entraApi, { now: () => new Date(NOW), keys: entra.keys });
  return identifyBy(known, issuer.callers(api))(`Bearer ${token}`);
}

describe("githubCallers", () => {
  it("know the job of a good token", async () => {
    expect(await identify(issuer.token())).toEqual({
      caller: {
        kind: "github",
        job: {
          kind: "github",
          issuer: GITHUB_ISSUER,
          repository: "contoso/flooper",
          repositoryId: "1001",
          ownerId: "77",
          workflowRef: "contoso/flooper/.github/workflows/release.yml@refs/tags/v1.2.0",
          jobWorkflowRef: "contoso/flooper/.github/workflows/release.yml@refs/tags/v1.2.0",
          environment: "release",
          ref: "refs/tags/v1.2.0",
          commit: "a".repeat(40),
          eventName: "release",
          runId: "4711",
          runAttempt: "1",
          actor: "octocat",
          actorId: "583231",
          runner: "github-hosted",
        },
      },
    });
  });

  it("know a job without an environment as one without", async () => {
    const known = await identify(issuer.token({ environment: undefined }));
    expect(known).toMatchObject({ caller: { job: { environment: null } } });
  });

  it("refuse more than 200 forged or stale tokens, all with the same words", async () => {
    const forged = [...forgedTokens(issuer, { run_id: "4712" }), ...badClaims(issuer)];
    const wrong: string[] = [];
    for (const [what, token] of forged) {
      const answer = await identify(token);
      const isRefused =
        "denial" in answer &&
        answer.denial.status === 401 &&
        ["token-refused", "token-missing"].includes(answer.denial.reason.code);
      if (!isRefused) wrong.push(what);
    }
    expect(wrong).toEqual([]);
    expect(new Set(forged.map(([what]) => what)).size).toBe(forged.length);
    expect(forged.length).toBeGreaterThanOrEqual(200);
  });

  it("refuse everybody when no audience is configured", async () => {
    const closed = identifyBy(entraCallers(undefined), githubCallers(undefined));
    expect(await closed(`Bearer ${issuer.token()}`)).toMatchObject({ denial: { status: 401 } });
  });

  it("refuse everybody when no issuer is configured", async () => {
    expect(await identify(issuer.token(), { ...github, issuers: [] })).toMatchObject({
      denial: { status: 401 },
    });
  });

  it("refuse the tokens of an issuer that is not configured", async () => {
    const other = { issuer: "https://ghes.example/_services/token", jwksUri: "https://ghes.example/jwks" };
    expect(await identify(issuer.token(), { ...github, issuers: [other] })).toHaveProperty("denial");
    const both = { ...github, issuers: [...github.issuers, other] };
    expect(await identify(issuer.token(), both)).toHaveProperty("caller");
  });

  it("say that it is our trouble when the keys cannot be fetched", async () => {
    const cut = { ...github, issuers: [{ issuer: GITHUB_ISSUER, jwksUri: "https://127.0.0.1:1/jwks" }] };
    const { identify: asked } = githubCallers(cut, { now: () => new Date(NOW) });
    expect(await asked(`Bearer ${issuer.token()}`)).toMatchObject({ denial: { status: 503 } });
  });

  it("take no token of Entra's, and Entra's callers none of GitHub's", async () => {
    const entra = await anIssuer();
    const asEntra = entraCallers(entraApi, { now: () => new Date(NOW), keys: entra.keys });
    expect(await asEntra(`Bearer ${issuer.token()}`)).toHaveProperty("denial");
    expect(await issuer.callers().identify(`Bearer ${entra.token()}`)).toHaveProperty("denial");
  });
});

function badClaims({ token }: Issuer): Forged[] {
  const at = Math.floor(NOW / 1000);
  const texts = ["repository", "repository_id", "repository_owner_id", "workflow_ref", "ref", "sha"];
  const more = ["event_name", "run_id", "run_attempt", "actor", "actor_id", "runner_environment"];
  const rows: [string, unknown][] = [
    ...otherTexts(GITHUB_ISSUER, [
      `${GITHUB_ISSUER}/contoso`,
      "https://token.actions.githubusercontent.com.evil.example",
      "http://token.actions.githubusercontent.com",
      "https://TOKEN.actions.githubusercontent.com",
      [GITHUB_ISSUER],
    ]).map((value): [string, unknown] => ["iss", value]),
    ...otherTexts(GITHUB_AUDIENCE, [
      "api://AzureADTokenExchange",
      "https://github.com/contoso",
      "sigstore",
      GITHUB_AUDIENCE.toUpperCase(),
      [],
      [GITHUB_AUDIENCE],
      [GITHUB_AUDIENCE, "https://github.com/contoso"],
    ]).map((value): [string, unknown] => ["aud", value]),
    ...[undefined, null, "", "soon", at - 61, at - 3600, 0, -1].map((value): [string, unknown] => [
      "exp",
      value,
    ]),
    ...[undefined, null, "", "then", at + 61, at + 3600].map((value): [string, unknown] => ["nbf", value]),
    ...[undefined, "long ago", {}].map((value): [string, unknown] => ["iat", value]),
    ...["jti", "sub"].map((name): [string, unknown] => [name, undefined]),
    ...[...texts, ...more].flatMap((name) =>
      [undefined, null, "", 1001, {}, ["1001"], true].map((value): [string, unknown] => [name, value]),
    ),
    ...[null, "", 7, ["release"]].map((value): [string, unknown] => ["environment", value]),
  ];
  return rows.map(([name, value]) => [`${name} ${JSON.stringify(value)}`, token({ [name]: value })]);
}
