import type { TokenCredential } from "@azure/identity";
import type { Release } from "../core/naming.ts";
import { Problem } from "../core/problem.ts";
import { type Report, reportText } from "../core/report.ts";
import { reportOfStatus } from "../core/version-status.ts";
import { AzureRefusal } from "./azure-refusal.ts";
import { memberOf, messageOf } from "./thrown.ts";

/** What can be begun at the pipeline for a version that is in the gallery. */
export type Begun = "expand" | "promote" | "withdraw";

/** The pipeline's HTTP endpoints. Refusals come as problems, what passes by itself as an {@link AzureRefusal}. */
export interface Pipeline {
  /** Begins an operation, or joins the same one under way. Gives the name of its report. */
  begin(release: Release, operation: Begun, body: object): Promise<string>;
  /** How the version stands, or one submission of it. */
  status(release: Release, submission?: string): Promise<Report>;
  /** The status of a submission as the text of its report. */
  statusText(release: Release, submission: string): Promise<string>;
}

const PATHS = { expand: "regions", promote: "promote", withdraw: "withdraw" } as const;
const TIMEOUT_MILLISECONDS = 60_000;

/** The endpoints at an address, with tokens for that audience. */
export function createPipeline(url: string, audience: string, credential: TokenCredential): Pipeline {
  async function ask(method: string, path: string, body?: object): Promise<unknown> {
    const token = await credential.getToken(`${audience}/.default`);
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}/api/${path}`, {
        ...{ method, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) },
        headers: { authorization: `Bearer ${token?.token ?? ""}`, accept: "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (error) {
      throw unreachable(url, error);
    }
    const answer = jsonIn(text);
    if (!response.ok) throw refusalIn(response, answer, url);
    return answer;
  }

  async function status(release: Release, submission?: string): Promise<Report> {
    const query = submission === undefined ? "" : `?submission=${encodeURIComponent(submission)}`;
    const answer = await ask("GET", pathOf(release) + query);
    try {
      return reportOfStatus(answer);
    } catch (error) {
      throw notOurs(url, error);
    }
  }

  return {
    status,
    statusText: async (release, submission) => reportText(await status(release, submission)),
    async begin(release, operation, body) {
      const submission = memberOf(
        await ask("POST", `${pathOf(release)}/${PATHS[operation]}`, body),
        "submission",
      );
      if (typeof submission !== "string") throw notOurs(url, undefined);
      return submission;
    },
  };
}

function pathOf({ application, version }: Release): string {
  return `applications/${encodeURIComponent(application)}/versions/${version}`;
}

function refusalIn(response: Response, answer: unknown, url: string): Problem {
  const [code, message, nextStep] = ["code", "detail", "nextStep"].map((name) => memberOf(answer, name));
  if (typeof code !== "string" || typeof message !== "string" || typeof nextStep !== "string") {
    return response.status >= 500 ? unreachable(url, `status ${response.status}`) : notOurs(url, undefined);
  }
  const reason = { code, message: `the pipeline answered ${response.status}: ${message}`, nextStep };
  if (response.status !== 429 && response.status < 500) return new Problem(code, reason.message, nextStep);
  const pause = Number(response.headers.get("retry-after"));
  const kind = response.status === 429 ? "throttled" : "transient";
  return new AzureRefusal({ kind, reason, ...(pause > 0 && { retryAfterSeconds: pause }) });
}

function unreachable(url: string, cause: unknown): AzureRefusal {
  const told = typeof cause === "string" ? cause : messageOf(memberOf(cause, "cause") ?? cause);
  const reason = {
    code: "pipeline-unreachable",
    message: `the pipeline at ${url} did not answer: ${told}`,
    nextStep: "Check pipeline-url, and that the function app runs and lets this runner's network in.",
  };
  return new AzureRefusal({ kind: "transient", reason }, { cause });
}

function notOurs(url: string, cause: unknown): Problem {
  return new Problem(
    "no-pipeline",
    `what answers at ${url} is no pipeline that this Action knows`,
    "Check pipeline-url: the function app's address, such as https://my-pipeline.azurewebsites.net.",
    { cause },
  );
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
