import { type Release, type Submission } from "../core/naming.ts";
import { Problem } from "../core/problem.ts";
import type { Report } from "../core/report.ts";
import { reportOfStatus } from "../core/version-status.ts";
import { notOurPipeline, type PipelineClient } from "./pipeline-client.ts";
import { memberOf } from "./thrown.ts";

/** What can be begun at the pipeline for a version that is in the gallery. */
export type Begun = "expand" | "promote" | "withdraw";

/** The pipeline's endpoints for versions. */
export interface Pipeline {
  /** Begins an operation, or joins the same one under way. Gives the name of its report. */
  begin(release: Release, operation: Begun, body: object): Promise<string>;
  /** How the version stands. */
  status(release: Release): Promise<Report>;
  /** The same, or undefined when nobody knows of the version. */
  statusIfAny(release: Release): Promise<Report | undefined>;
  /** How one submission of it stands. */
  statusOf(submission: Submission): Promise<Report>;
}

const PATHS = { expand: "regions", promote: "promote", withdraw: "withdraw" } as const;

/** The endpoints for versions. */
export function createPipeline(client: PipelineClient): Pipeline {
  async function status(release: Release, submission?: string): Promise<Report> {
    const query = submission === undefined ? "" : `?submission=${encodeURIComponent(submission)}`;
    const answer = await client.ask({ method: "GET", path: pathOf(release) + query });
    try {
      return reportOfStatus(answer);
    } catch (error) {
      throw notOurPipeline(client.url, error);
    }
  }

  return {
    status,
    statusOf: (submission) => status(submission, submission.submission),
    statusIfAny: async (release) => {
      try {
        return await status(release);
      } catch (error) {
        if (error instanceof Problem && error.code === "not-found") return undefined;
        throw error;
      }
    },
    async begin(release, operation, body) {
      const path = `${pathOf(release)}/${PATHS[operation]}`;
      const submission = memberOf(await client.ask({ method: "POST", path, body }), "submission");
      if (typeof submission !== "string") throw notOurPipeline(client.url, undefined);
      return submission;
    },
  };
}

/** The path of a version. */
export function pathOf({ application, version }: Release): string {
  return `applications/${encodeURIComponent(application)}/versions/${version}`;
}
