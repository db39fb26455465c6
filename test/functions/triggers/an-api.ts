import type { Outcome } from "../../../core/outcome.ts";
import { releaseReportPath, submissionReportPath } from "../../../core/naming.ts";
import type { VersionOperation } from "../../../core/permission.ts";
import { ended, newReport, type Report, reportText } from "../../../core/report.ts";
import { allowances } from "../../../functions/callers/allowance.ts";
import { callerKey, callerText, denialOf, type Identify, maySee } from "../../../functions/callers/caller.ts";
import { entraCallers } from "../../../functions/callers/entra-tokens.ts";
import type { Answer } from "../../../functions/triggers/http-answers.ts";
import { answerApi } from "../../../functions/triggers/http-api.ts";
import { versionEndpoints } from "../../../functions/triggers/version-endpoints.ts";
import { aWorld } from "../a-world.ts";
import { anIssuer, api as entraApi, NOW } from "../callers/an-issuer.ts";
import { ENDPOINT } from "../in-memory-ports.ts";
import { InMemoryStories } from "../in-memory-stories.ts";

const SHA256 = "a".repeat(64);
export const AT = "2026-01-05T10:00:00.000Z";

/** One request to the endpoints; what is left out is as usual. */
export interface ApiAsk {
  readonly operation: VersionOperation;
  readonly application?: string;
  readonly version?: string;
  readonly submission?: string;
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
  const callers = {
    identify: identify ?? entraCallers(entraApi, { now: () => new Date(NOW), keys: issuer.keys }),
    ...{ denialOf, maySee, keyOf: callerKey, textOf: callerText, pauseOf: allowances(now) },
  };
  const ports = { ...world.ports, examine: world.activities.examineUpdate, callers };
  const endpoints = versionEndpoints(ports);
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
            ...(operation === "retry" && { submission: rest.submission ?? "" }),
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

function bodyText(body: unknown): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}
