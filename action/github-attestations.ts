import { getOctokit } from "@actions/github";
import { Problem } from "../core/problem.ts";
import { unanswered } from "./azure-refusal.ts";
import type { Run } from "./github.ts";
import { memberOf, messageOf } from "./thrown.ts";

/** The Sigstore bundles that GitHub keeps of the file with that SHA-256, newest first, as texts. */
export type GithubBundles = (sha256: string) => Promise<readonly string[]>;

/** The attestations of the run's own repository through GitHub's API. One attempt each. */
export function createGithubBundles(token: string, run: Pick<Run, "apiUrl" | "claims">): GithubBundles {
  const [owner = "", repo = ""] = (run.claims.repository ?? "").split("/");
  return async (sha256) => {
    if (token === "") throw noAccess("input github-token is empty");
    try {
      const { data } = await getOctokit(token, { baseUrl: run.apiUrl }).request(
        "GET /repos/{owner}/{repo}/attestations/{subject_digest}",
        { owner, repo, subject_digest: `sha256:${sha256}`, predicate_type: "provenance", per_page: 30 },
      );
      return (data.attestations ?? []).flatMap(({ bundle }) => (bundle ? [JSON.stringify(bundle)] : []));
    } catch (error) {
      const status = Number(memberOf(error, "status"));
      if (status === 404) return [];
      if (status === 401 || status === 403) throw noAccess(`status ${status}: ${messageOf(error)}`, error);
      throw unanswered(`GitHub did not tell of attestations: ${messageOf(error)}`, error);
    }
  };
}

function noAccess(why: string, cause?: unknown): Problem {
  return new Problem(
    "no-attestation-access",
    `GitHub does not show this job the attestations of its repository (${why})`,
    'Give the job the permission "attestations: read", or pass a github-token that has it.',
    { cause },
  );
}
