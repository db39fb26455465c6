import type { Outcome } from "../../../core/outcome.ts";
import { releaseReportPath, submissionReportPath } from "../../../core/naming.ts";
import { ended, newReport, type Report, reportText } from "../../../core/report.ts";
import { pacedAllowances } from "../../../functions/callers/allowance.ts";
import {
  callerKey,
  callerText,
  denialOf,
  type Identify,
  objectionTo,
  shareKey,
  submitterOf,
} from "../../../functions/callers/caller.ts";
import { entraCallers } from "../../../functions/callers/entra-tokens.ts";
import { identifyBy } from "../../../functions/callers/identify.ts";
import type { Answer } from "../../../functions/triggers/http-answers.ts";
import { answerApi } from "../../../functions/triggers/http-api.ts";
import { approvalEndpoints } from "../../../functions/triggers/approval-endpoints.ts";
import { submissionEndpoints } from "../../../functions/triggers/submission-endpoints.ts";
import { versionEndpoints } from "../../../functions/triggers/version-endpoints.ts";
import { aWorld } from "../a-world.ts";
import { aGithubIssuer } from "../callers/a-github-issuer.ts";
import { anIssuer, api as entraApi, NOW } from "../callers/an-issuer.ts";
import { ENDPOINT } from "../in-memory-ports.ts";
import { InMemoryStories } from "../in-memory-stories.ts";

const SHA256 = "a".repeat(64);
export const AT = "2026-01-05T10:00:00.000Z";

/** The endpoints, by the names that they have here. */
export type EndpointName =
  | keyof ReturnType<typeof versionEndpoints>
  | keyof ReturnType<typeof submissionEndpoints>
  | keyof ReturnType<typeof approvalEndpoints>;

/** One request to the endpoints; what is left out is as usual. */
export interface ApiAsk {
  readonly operation: EndpointName;
  readonly application?: string;
  readonly version?: string;
  readonly submission?: string;
  readonly file?: string;
  readonly block?: string | number;
  readonly authorization?: string | null;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** The endpoints over an Azure in memory that has `flooperapp 1.2.0` in two regions. */
export async function anApi({ identify, now }: { identify?: Identify; now?: () => number } = {}) {
  const world = aWorld();
  const issuer = await anIssuer();
  const stories = new InMemoryStories();
  const lines: string[] = [];
  const github = await aGithubIssuer();
  const entra = entraCallers(entraApi, { now: () => new Date(NOW), keys: issuer.keys });
  const callers = {
    identify: identify ?? identifyBy(entra, github.callers()),
    ...{ denialOf, objectionTo, keyOf: callerKey, shareOf: shareKey, textOf: callerText, submitterOf },
    pauseOf: pacedAllowances(now),
  };
  let hours = 0;
  const apiNow = () => new Date(NOW + hours * 3_600_000);
  const ports = { ...world.ports, examine: world.activities.examineUpdate, callers, now: apiNow };
  const endpoints = {
    ...versionEndpoints(ports),
    ...submissionEndpoints(ports),
    ...approvalEndpoints(ports),
  };
  seedVersion("flooperapp", "1.2.0");

  function seedVersion(application: string, version: string, mediaLink?: string): void {
    const path = `${application}/${version}/${SHA256}/app.tar.gz`;
    world.packages.vault.set(path, Buffer.from("x"));
    world.gallery.seed({ application, version }, { mediaLink: mediaLink ?? `${ENDPOINT}/packages/${path}` }, [
      "eastus",
      "westeurope",
    ]);
  }

  return {
    world,
    issuer,
    github,

    /** Lets the endpoints' clock go on. Tokens stay good. */
    passHours(count: number): void {
      hours += count;
    },

    stories,
    lines,
    seedVersion,

    /** Puts a report there, as the pipeline wrote it. */
    report(outcome: Outcome, submission: string, fields: Partial<Report> = {}): Report {
      const begun = {
        ...newReport({ application: "flooperapp", version: "1.2.0", submission }, AT),
        ...fields,
      };
      const isOpen = outcome === "publishing" || outcome === "waiting";
      const report = isOpen ? { ...begun, outcome } : ended(begun, outcome, fields.reason ?? null, AT);
      const blob = { text: reportText(report), etag: "1", writtenAt: AT };
      world.reports.blobs.set(submissionReportPath(report), blob);
      world.reports.blobs.set(releaseReportPath(report), blob);
      return report;
    },

    /** A token of a caller with these roles. */
    tokenWith: (...roles: string[]) => issuer.token({ roles }),

    async ask({ operation, ...rest }: ApiAsk): Promise<Answer & { readonly body: any }> {
      const text = rest.body === undefined ? undefined : bodyText(rest.body);
      const token =
        rest.authorization === undefined
          ? `Bearer ${issuer.token({ roles: ["Releases.Read", "Releases.Submit", "Releases.Promote", "Releases.Halt", "Regions.Expand"] })}`
          : rest.authorization;
      const headers = new Headers({ ...rest.headers, ...(token !== null && { authorization: token }) });
      const request = new Request("https://pipeline.example/", { method: "POST", body: text ?? null });
      const answer = await answerApi(
        ports,
        endpoints[operation],
        {
          headers,
          params: {
            application: rest.application ?? "flooperapp",
            version: rest.version ?? "1.2.0",
            ...(IN_PATH.has(operation) && { submission: rest.submission ?? "" }),
            ...{ file: rest.file ?? "app.tar.gz", block: String(rest.block ?? 0) },
          },
          query: new URLSearchParams(
            operation === "read" && rest.submission !== undefined ? { submission: rest.submission } : {},
          ),
          body: request.body as never,
        },
        stories,
        (line) => lines.push(line),
      );
      return { ...answer, body: answer.jsonBody };
    },
  };
}

const IN_PATH: ReadonlySet<EndpointName> = new Set([
  "retry",
  "see",
  "send",
  "commitFile",
  "commit",
  "lookAt",
  "approve",
]);

function bodyText(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (body instanceof Uint8Array) return new Uint8Array(body);
  return typeof body === "string" ? body : JSON.stringify(body);
}
