import { getOctokit } from "@actions/github";
import { Problem } from "../core/problem.ts";
import { unanswered } from "./azure-refusal.ts";
import type { Run } from "./github.ts";
import type { Asset, ReleaseAssets } from "./release-asset.ts";
import { memberOf, messageOf } from "./thrown.ts";

type Octokit = ReturnType<typeof getOctokit>;

/** The releases of the run's own repository through GitHub's API. */
export function createReleaseAssets(token: string, run: Run): ReleaseAssets {
  const [owner = "", repo = ""] = (run.claims.repository ?? "").split("/");
  let octokit: Octokit | undefined;

  async function ask<Answer>(question: (octokit: Octokit) => Promise<Answer>): Promise<Answer> {
    if (token === "") throw noToken();
    try {
      return await question((octokit ??= getOctokit(token, { baseUrl: run.apiUrl })));
    } catch (error) {
      throw problemOfGithub(error, `${owner}/${repo}`);
    }
  }

  async function releaseIdOf(tags: readonly string[]): Promise<number | undefined> {
    if (run.releaseId !== undefined) return run.releaseId;
    for (const tag of [...(run.tag === undefined ? [] : [run.tag]), ...tags]) {
      const found = await ask(async ({ rest }) => {
        try {
          return (await rest.repos.getReleaseByTag({ owner, repo, tag })).data.id;
        } catch (error) {
          if (memberOf(error, "status") === 404) return undefined;
          throw error;
        }
      });
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return {
    list: async (tags) => {
      const release_id = await releaseIdOf(tags);
      if (release_id === undefined) return undefined;
      const assets = await ask((api) =>
        api.paginate(api.rest.repos.listReleaseAssets, { owner, repo, release_id, per_page: 100 }),
      );
      return assets.filter(({ state }) => state === "uploaded").map(assetOf);
    },

    read: (asset, from) =>
      ask(async (api) => {
        const { data, status } = await api.request("GET /repos/{owner}/{repo}/releases/assets/{asset_id}", {
          owner,
          repo,
          asset_id: asset.id,
          headers: { accept: "application/octet-stream", ...(from > 0 && { range: `bytes=${from}-` }) },
          request: { parseSuccessResponseBody: false },
        });
        const body: unknown = data;
        if (!(body instanceof ReadableStream)) throw new Error("GitHub sent no stream");
        // A server that does not know ranges begins again.
        return bytesOf(body, isPartial(status) ? 0 : from);
      }),
  };
}

// The generated type knows only the answers of the documentation's table.
function isPartial(status: number): boolean {
  return status === 206;
}

function assetOf({
  id,
  name,
  size,
  digest,
}: {
  id: number;
  name: string;
  size: number;
  digest?: string | null;
}): Asset {
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(digest ?? "")?.[1];
  return { id, name, size, ...(sha256 !== undefined && { sha256 }) };
}

async function* bytesOf(stream: ReadableStream<unknown>, skip: number): AsyncGenerator<Uint8Array> {
  let toSkip = skip;
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array)) continue;
      const piece = chunk.subarray(Math.min(toSkip, chunk.length));
      toSkip -= chunk.length - piece.length;
      if (piece.length > 0) yield piece;
    }
  } catch (error) {
    throw unanswered(`the connection to GitHub broke: ${messageOf(error)}`, error);
  }
}

function problemOfGithub(error: unknown, repository: string): Problem {
  if (error instanceof Problem) return error;
  const status = Number(memberOf(error, "status"));
  if (status === 401 || status === 403 || status === 404) {
    return new Problem(
      "no-release-access",
      `GitHub does not show this job the releases of ${repository} (status ${status}): ${messageOf(error)}`,
      'Give the job the permission "contents: read", or pass a github-token that may read the repository.',
      { cause: error },
    );
  }
  return unanswered(`GitHub did not answer as it should: ${messageOf(error)}`, error);
}

function noToken(): Problem {
  return new Problem(
    "no-github-token",
    "release-asset needs a token of GitHub, and input github-token is empty",
    "Leave github-token out, so that the job's own token is taken, or pass one that may read the repository.",
  );
}
