import { randomUUID } from "node:crypto";
import type { JWTPayload } from "jose";

/** A workflow job as its OIDC token tells of it. */
export type GithubJob = {
  /** `owner/name` */
  readonly repository: string;
  readonly repositoryId: string;
  readonly repositoryOwnerId: string;
  /** For example `refs/tags/v1.2.0`. */
  readonly ref: string;
  readonly environment?: string;
  readonly eventName?: string;
  readonly sha?: string;
  /** The workflow file that was started. */
  readonly workflowPath?: string;
  /** The reusable workflow that the job runs, when it is another one: `owner/name/path@ref`. */
  readonly jobWorkflowRef?: string;
  readonly runId?: string;
  readonly runNumber?: string;
  readonly runAttempt?: string;
  readonly actor?: string;
  readonly actorId?: string;
  readonly repositoryVisibility?: "public" | "private" | "internal";
  readonly runnerEnvironment?: "github-hosted" | "self-hosted";
  /** Immutable subjects carry ids beside the names; repositories made before July 2026 may still have classic ones. */
  readonly subjectFormat?: "immutable" | "classic";
};

/** The subject of a job's token, which Entra's federated credentials name. */
export function subjectOf(job: GithubJob): string {
  const [owner = "", name = ""] = job.repository.split("/");
  const repository =
    job.subjectFormat === "classic"
      ? job.repository
      : `${owner}@${job.repositoryOwnerId}/${name}@${job.repositoryId}`;
  return `repo:${repository}:${contextOf(job)}`;
}

/** The claims of a job's token but its times, issuer and audience. */
export function claimsOfJob(job: GithubJob): JWTPayload {
  const { workflowPath = ".github/workflows/release.yml", sha = "0".repeat(40), actor = "octocat" } = job;
  const workflowRef = `${job.repository}/${workflowPath}@${job.ref}`;
  return {
    jti: randomUUID(),
    sub: subjectOf(job),
    ref: job.ref,
    ref_type: job.ref.startsWith("refs/tags/") ? "tag" : "branch",
    ref_protected: "false",
    base_ref: "",
    head_ref: "",
    sha,
    repository: job.repository,
    repository_id: job.repositoryId,
    repository_owner: job.repository.split("/")[0],
    repository_owner_id: job.repositoryOwnerId,
    repository_visibility: job.repositoryVisibility ?? "private",
    actor,
    actor_id: job.actorId ?? "583231",
    event_name: job.eventName ?? "push",
    ...(job.environment !== undefined && { environment: job.environment }),
    workflow: workflowPath.replace(/^.*\/|\.ya?ml$/g, ""),
    workflow_ref: workflowRef,
    workflow_sha: sha,
    job_workflow_ref: job.jobWorkflowRef ?? workflowRef,
    job_workflow_sha: sha,
    run_id: job.runId ?? "1",
    run_number: job.runNumber ?? "1",
    run_attempt: job.runAttempt ?? "1",
    runner_environment: job.runnerEnvironment ?? "github-hosted",
  };
}

function contextOf({ environment, eventName, ref }: GithubJob): string {
  if (environment !== undefined) return `environment:${environment}`;
  return eventName === "pull_request" ? "pull_request" : `ref:${ref}`;
}
