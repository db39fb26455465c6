import { readFileSync } from "node:fs";
import { getIDToken, setSecret } from "@actions/core";
import { oneLine } from "../core/markdown.ts";
import { Problem } from "../core/problem.ts";
import type { Manifest } from "../core/manifest.ts";
import { machineClock } from "./clock.ts";
import { isBehindProxy } from "./https-request.ts";
import { requestIdToken } from "./id-token.ts";
import { memberOf, messageOf } from "./thrown.ts";

/** What GitHub tells about the run that this Action is part of. */
export interface Run {
  readonly workspace: string;
  /** GitHub's REST API: another one on GitHub Enterprise Server. */
  readonly apiUrl: string;
  readonly id: string;
  readonly attempt: string;
  /** The tag of the release or push that started the run. */
  readonly tag?: string;
  /** The id of the GitHub release that started the run. */
  readonly releaseId?: number;
  /** The ref for messages, e.g. `refs/heads/main`. */
  readonly ref: string;
  readonly claims: NonNullable<Manifest["claims"]>;
}

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The run as its environment and its event file describe it. */
export function readRun(environment: Environment): Run {
  const event = readEvent(environment["GITHUB_EVENT_PATH"]);
  const tag = releaseTag(event) ?? pushedTag(environment);
  const releaseId = memberOf(memberOf(event, "release"), "id");
  return {
    workspace: environment["GITHUB_WORKSPACE"] ?? process.cwd(),
    apiUrl: environment["GITHUB_API_URL"] ?? "https://api.github.com",
    id: digits(environment["GITHUB_RUN_ID"], "0"),
    attempt: digits(environment["GITHUB_RUN_ATTEMPT"], "1"),
    ...(tag !== undefined && { tag }),
    ...(typeof releaseId === "number" && { releaseId }),
    ref: environment["GITHUB_REF"] ?? "",
    claims: claimsOf(environment),
  };
}

/**
 * A new OIDC token of this job for that audience. It lives about five minutes, so ask each time one is needed. The problem
 * `no-id-token` when the job has no right to one.
 */
export async function idTokenOfJob(audience: string): Promise<string> {
  const url = process.env["ACTIONS_ID_TOKEN_REQUEST_URL"];
  const requestToken = process.env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
  if (!url || !requestToken) throw missingPermission();
  try {
    if (isBehindProxy(process.env)) return await getIDToken(audience);
    const token = await requestIdToken({ url, requestToken }, audience, (seconds) =>
      machineClock.sleep(seconds),
    );
    setSecret(token);
    return token;
  } catch (error) {
    throw new Problem(
      "no-id-token",
      `GitHub gave this job no OIDC token: ${oneLine(messageOf(error))}`,
      "Run the job again; githubstatus.com tells whether Actions has an incident.",
      { cause: error },
    );
  }
}

function missingPermission(): Problem {
  return new Problem(
    "missing-id-token-permission",
    'this job may not have an OIDC token of GitHub: the permission "id-token: write" is missing',
    [
      "Add it to the job:",
      "    permissions:",
      "      contents: read",
      "      id-token: write",
      "A pull request from a fork never has it.",
    ].join("\n"),
  );
}

/** The tag that a release event carries. */
export function releaseTag(event: unknown): string | undefined {
  const tag = memberOf(memberOf(event, "release"), "tag_name");
  return typeof tag === "string" && tag !== "" ? tag : undefined;
}

function pushedTag(environment: Environment): string | undefined {
  return /^refs\/tags\/(.+)$/s.exec(environment["GITHUB_REF"] ?? "")?.[1];
}

function readEvent(path: string | undefined): unknown {
  if (!path) return undefined;
  try {
    const event: unknown = JSON.parse(readFileSync(path, "utf8"));
    return event;
  } catch {
    // The event is only asked for a tag; without one, the ref or the input `version` tells.
    return undefined;
  }
}

function digits(text: string | undefined, otherwise: string): string {
  return text !== undefined && /^\d{1,20}$/.test(text) ? text : otherwise;
}

function claimsOf(environment: Environment): Run["claims"] {
  const server = environment["GITHUB_SERVER_URL"] ?? "https://github.com";
  const repository = environment["GITHUB_REPOSITORY"];
  const runId = environment["GITHUB_RUN_ID"];
  const runUrl = repository && runId ? `${server}/${repository}/actions/runs/${runId}` : undefined;
  return {
    ...claim("repository", repository, 200),
    ...claim("commit", environment["GITHUB_SHA"], 80),
    ...claim("ref", environment["GITHUB_REF"], 300),
    ...claim("actor", environment["GITHUB_ACTOR"], 100),
    ...claim("runUrl", runUrl, 500),
  };
}

function claim(name: string, value: string | undefined, limit: number): Readonly<Record<string, string>> {
  return value ? { [name]: value.slice(0, limit) } : {};
}
