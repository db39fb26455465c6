import { createLocalJWKSet } from "jose";
import type { GithubApi } from "../../../functions/callers/github-tokens.ts";
import { githubCallers } from "../../../functions/callers/github-tokens.ts";
import { GITHUB_ISSUER } from "../../../core/publishers.ts";
import { anIssuer, NOW } from "./an-issuer.ts";

export const GITHUB_AUDIENCE = "https://pipeline.example";

export const github: GithubApi = {
  audience: GITHUB_AUDIENCE,
  issuers: [{ issuer: GITHUB_ISSUER, jwksUri: `${GITHUB_ISSUER}/.well-known/jwks` }],
};

type Claims = Record<string, unknown>;

/** Claims of a job that releases `flooperapp` v1.2.0; a value of undefined leaves one out. */
export function jobClaims(fields: Claims = {}): Claims {
  const seconds = Math.floor(NOW / 1000);
  const workflow = "contoso/flooper/.github/workflows/release.yml@refs/tags/v1.2.0";
  return {
    jti: "2f6a1c9e",
    sub: "repo:contoso@77/flooper@1001:environment:release",
    iss: GITHUB_ISSUER,
    aud: GITHUB_AUDIENCE,
    iat: seconds - 10,
    nbf: seconds - 610,
    exp: seconds + 290,
    repository: "contoso/flooper",
    repository_id: "1001",
    repository_owner: "contoso",
    repository_owner_id: "77",
    workflow_ref: workflow,
    job_workflow_ref: workflow,
    environment: "release",
    ref: "refs/tags/v1.2.0",
    ref_type: "tag",
    sha: "a".repeat(40),
    event_name: "release",
    run_id: "4711",
    run_attempt: "1",
    actor: "octocat",
    actor_id: "583231",
    runner_environment: "github-hosted",
    ...fields,
  };
}

/** The publisher of a profile whose jobs these are. */
export const jobsPublisher = {
  repositoryId: "1001",
  ownerId: "77",
  workflow: "contoso/flooper/.github/workflows/release.yml",
  environment: "release",
  ref: "refs/tags/v{version}",
};

/** GitHub's issuer, that also makes tokens which none should make. */
export async function aGithubIssuer() {
  const issuer = await anIssuer(jobClaims);
  return {
    ...issuer,
    callers: (api: GithubApi | undefined = github) =>
      githubCallers(api, {
        now: () => new Date(NOW),
        keys: () => createLocalJWKSet({ keys: [issuer.jwk] }),
      }),
  };
}
