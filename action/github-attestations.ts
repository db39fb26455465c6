import { buffer } from "node:stream/consumers";
import { getOctokit } from "@actions/github";
import { HttpClient, HttpCodes } from "@actions/http-client";
import { uncompress } from "snappyjs";
import { Problem } from "../core/problem.ts";
import { unanswered } from "./azure-refusal.ts";
import type { Run } from "./github.ts";
import { memberOf, messageOf } from "./thrown.ts";

/** The Sigstore bundles that GitHub keeps of the file with that SHA-256, newest first, as texts. */
export type GithubBundles = (sha256: string) => Promise<readonly string[]>;

const MOST_BUNDLE_BYTES = 16 * 1024 * 1024;
const DOWNLOAD_TIMEOUT_MS = 60_000;
const OPENING_BRACE = 0x7b;

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
      return await Promise.all((data.attestations ?? []).map(textOf));
    } catch (error) {
      const status = Number(memberOf(error, "status"));
      if (status === 404) return [];
      if (status === 401 || status === 403) throw noAccess(`status ${status}: ${messageOf(error)}`, error);
      throw unanswered(`GitHub did not tell of attestations: ${messageOf(error)}`, error);
    }
  };
}

// Since July 2026 github.com names a signed address of the bundle instead of the bundle; GitHub Enterprise Server may not.
async function textOf(attestation: { bundle?: unknown; bundle_url?: string }): Promise<string> {
  if (attestation.bundle) return JSON.stringify(attestation.bundle);
  if (attestation.bundle_url === undefined)
    throw new Error("an attestation has neither bundle nor bundle_url");
  // The address carries its own right: whoever keeps the file is not to see the token.
  const client = new HttpClient(undefined, [], { socketTimeout: DOWNLOAD_TIMEOUT_MS });
  try {
    const { message } = await client.get(attestation.bundle_url);
    if (message.statusCode !== HttpCodes.OK) throw new Error(`its storage answered ${message.statusCode}`);
    return unpacked(await buffer(message));
  } finally {
    client.dispose();
  }
}

function unpacked(bytes: Buffer): string {
  const json = bytes[0] === OPENING_BRACE ? bytes : uncompress(bytes, MOST_BUNDLE_BYTES);
  return json.toString("utf8");
}

function noAccess(why: string, cause?: unknown): Problem {
  return new Problem(
    "no-attestation-access",
    `GitHub does not show this job the attestations of its repository (${why})`,
    'Give the job the permission "attestations: read", or pass a github-token that has it.',
    { cause },
  );
}
