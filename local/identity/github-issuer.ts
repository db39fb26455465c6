import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { JsonAnswer } from "../listener.ts";
import { claimsOfJob } from "./github-job.ts";
import type { GithubJob } from "./github-job.ts";
import type { SigningKey } from "./signing-key.ts";

/** What a job with `permissions: id-token: write` finds in its environment. */
export type GithubTokenEnvironment = {
  readonly ACTIONS_ID_TOKEN_REQUEST_URL: string;
  readonly ACTIONS_ID_TOKEN_REQUEST_TOKEN: string;
};

/** GitHub's OIDC issuer for workflow jobs. */
export type GithubIssuer = {
  readonly issuer: string;
  startJob(job: GithubJob): GithubTokenEnvironment;
  /** A job's token without asking for it over HTTP. */
  tokenFor(job: GithubJob, audience: string, lifetimeSeconds?: number): Promise<string>;
  /** Answers what is asked under the issuer's address. */
  answer(request: IncomingMessage, url: URL): Promise<JsonAnswer>;
};

/** What the issuer needs. */
export type GithubIssuerOptions = {
  readonly issuer: string;
  readonly key: SigningKey;
  readonly lifetimeSeconds: number;
  readonly now: () => number;
};

/** An issuer that forgets its jobs with the process. */
export function createGithubIssuer({ issuer, key, lifetimeSeconds, now }: GithubIssuerOptions): GithubIssuer {
  const jobs = new Map<string, GithubJob>();
  const github: GithubIssuer = {
    issuer,
    startJob: (job) => {
      const requestToken = randomUUID();
      jobs.set(requestToken, job);
      return {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer}/idtoken?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
      };
    },
    tokenFor: (job, audience, seconds = lifetimeSeconds) =>
      // GitHub's tokens are good for five minutes and dated ten minutes back.
      key.sign(
        { ...claimsOfJob(job), iss: issuer, aud: audience },
        { now: now(), seconds, backdateSeconds: 600 },
      ),
    answer: async (request, url) => {
      switch (url.href.slice(0, url.href.length - url.search.length)) {
        case `${issuer}/.well-known/openid-configuration`:
          return { status: 200, body: discoveryOf(issuer) };
        case `${issuer}/.well-known/jwks`:
          return { status: 200, body: key.keySet };
        case `${issuer}/idtoken`:
          return answerTokenRequest(request, url);
        default:
          return { status: 404, body: { message: "Not Found" } };
      }
    },
  };
  return github;

  async function answerTokenRequest(request: IncomingMessage, url: URL): Promise<JsonAnswer> {
    const job = jobs.get(/^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "");
    if (job === undefined) return { status: 401, body: { message: "Unauthorized" } };
    const audience = url.searchParams.get("audience") ?? `https://github.com/${job.repository.split("/")[0]}`;
    const value = await github.tokenFor(job, audience);
    return { status: 200, body: { count: value.length, value } };
  }
}

function discoveryOf(issuer: string): Record<string, unknown> {
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks`,
    subject_types_supported: ["public", "pairwise"],
    response_types_supported: ["id_token"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid"],
  };
}
