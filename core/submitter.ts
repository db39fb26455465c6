import * as z from "zod";
import { quoted } from "./application.ts";
import type { Release } from "./naming.ts";
import { type Publisher, refOfRelease } from "./publishers.ts";

/** The schema of a job of GitHub Actions as its verified token tells of it. */
export const githubJobSchema = z.object({
  kind: z.literal("github"),
  issuer: z.string(),
  repository: z.string(),
  repositoryId: z.string(),
  ownerId: z.string(),
  /** The workflow that was started, with its ref. */
  workflowRef: z.string(),
  /** The workflow whose job it is: another one, when a reusable workflow was called. */
  jobWorkflowRef: z.string(),
  environment: z.string().nullable(),
  ref: z.string(),
  commit: z.string(),
  eventName: z.string(),
  runId: z.string(),
  runAttempt: z.string(),
  actor: z.string(),
  actorId: z.string(),
  runner: z.string(),
});

const entraObjectSchema = z.object({
  kind: z.literal("entra"),
  objectId: z.string(),
  clientId: z.string(),
});

/** The schema of whoever was proven to submit. */
export const submitterSchema = z.discriminatedUnion("kind", [githubJobSchema, entraObjectSchema]);

/** A job of GitHub Actions as its verified token tells of it. */
export type GithubJob = z.infer<typeof githubJobSchema>;
/** Whoever was proven to submit: by their token, never by what they said. */
export type Submitter = z.infer<typeof submitterSchema>;

const text = z.string().min(1).max(1000);
const claimsSchema = z.object({
  repository: text,
  repository_id: text,
  repository_owner_id: text,
  workflow_ref: text,
  job_workflow_ref: text.optional(),
  environment: text.optional(),
  ref: text,
  sha: text,
  event_name: text,
  run_id: text,
  run_attempt: text,
  actor: text,
  actor_id: text,
  runner_environment: text,
});

/** The job that the claims of a verified token tell of; undefined when they are none of a job's. */
export function githubJobFrom(issuer: string, claims: unknown): GithubJob | undefined {
  const { success, data } = claimsSchema.safeParse(claims);
  if (!success) return undefined;
  return {
    kind: "github",
    issuer,
    repository: data.repository,
    repositoryId: data.repository_id,
    ownerId: data.repository_owner_id,
    workflowRef: data.workflow_ref,
    jobWorkflowRef: data.job_workflow_ref ?? data.workflow_ref,
    environment: data.environment ?? null,
    ref: data.ref,
    commit: data.sha,
    eventName: data.event_name,
    runId: data.run_id,
    runAttempt: data.run_attempt,
    actor: data.actor,
    actorId: data.actor_id,
    runner: data.runner_environment,
  };
}

/** The publisher whose job this is when it brings that release; undefined when it is nobody's. All comparisons are exact. */
export function publisherOf(
  job: GithubJob,
  publishers: readonly Publisher[],
  release: Pick<Release, "version">,
): Publisher | undefined {
  return publishers.find((publisher) => isJobOf(job, publisher, release));
}

function isJobOf(job: GithubJob, publisher: Publisher, release: Pick<Release, "version">): boolean {
  const { environment } = publisher;
  const ref = refOfRelease(publisher, release);
  // The schema demands one of them; a profile that has neither names nobody.
  if (environment === undefined && ref === undefined) return false;
  return (
    job.issuer === publisher.issuer &&
    job.repositoryId === publisher.repositoryId &&
    job.ownerId === publisher.ownerId &&
    isWorkflowOf(job, publisher) &&
    (environment === undefined || job.environment === environment) &&
    (ref === undefined || job.ref === ref) &&
    publisher.eventNames.some((name) => name === job.eventName)
  );
}

function isWorkflowOf(job: GithubJob, { claim, workflow, workflowRef }: Publisher): boolean {
  if (claim === "job_workflow_ref") return job.jobWorkflowRef === `${workflow}@${workflowRef ?? ""}`;
  // A reusable workflow would run somebody else's steps with this job's token.
  return job.workflowRef === `${workflow}@${job.ref}` && job.jobWorkflowRef === job.workflowRef;
}

/** What of a job a publisher would have to name, for the profile's author to compare. */
export function jobText(job: GithubJob): string {
  const facts = [
    ["issuer", job.issuer],
    ["repository id", job.repositoryId],
    ["owner id", job.ownerId],
    ["workflow_ref", job.workflowRef],
    ["job_workflow_ref", job.jobWorkflowRef],
    ["ref", job.ref],
    ["environment", job.environment ?? "none"],
    ["event", job.eventName],
  ] as const;
  return facts.map(([name, value]) => `${name} ${quoted(value)}`).join(", ");
}
