import { publishersSchema } from "../../core/publishers.ts";
import { githubJobFrom, publisherOf } from "../../core/submitter.ts";
import { submitterTags } from "./submitter-tags.ts";

const WORKFLOW = "contoso/flooper/.github/workflows/release.yml";
const AT = `${WORKFLOW}@refs/tags/v1.2.0`;

const claims = {
  repository: "contoso/flooper",
  repository_id: "1001",
  repository_owner_id: "77",
  workflow_ref: AT,
  job_workflow_ref: AT,
  environment: "release",
  ref: "refs/tags/v1.2.0",
  sha: "a".repeat(40),
  event_name: "release",
  run_id: "4711",
  run_attempt: "1",
  actor: "octocat",
  actor_id: "583231",
  runner_environment: "github-hosted",
};
const ISSUER = "https://token.actions.githubusercontent.com";

function isPublisher(job: object, publisher: object, issuer = ISSUER, version = "1.2.0"): boolean {
  const known = githubJobFrom(issuer, { ...claims, ...job });
  const rules = { repositoryId: "1001", ownerId: "77", workflow: WORKFLOW, ...publisher };
  const publishers = publishersSchema.parse([rules]);
  return known !== undefined && publisherOf(known, publishers, { version }) !== undefined;
}

const byBoth = { environment: "release", ref: "refs/tags/v{version}" };
const reusable = {
  workflow: "contoso/builds/.github/workflows/publish.yml",
  claim: "job_workflow_ref",
  workflowRef: "refs/tags/v3",
  environment: "release",
};

describe("publisherOf", () => {
  it.each<[string, object]>([
    ["environment and tag", byBoth],
    ["environment alone", { environment: "release" }],
    ["tag alone", { ref: "refs/tags/v{version}" }],
    ["a number for an id", { ...byBoth, repositoryId: 1001, ownerId: 77 }],
  ])("knows a job by %s", (_, publisher) => {
    expect(isPublisher({}, publisher)).toBe(true);
  });

  it("knows a job of a reusable workflow, at that very ref", () => {
    const job = { job_workflow_ref: "contoso/builds/.github/workflows/publish.yml@refs/tags/v3" };
    expect(isPublisher(job, reusable)).toBe(true);
    expect(isPublisher({ job_workflow_ref: `${job.job_workflow_ref}.1` }, reusable)).toBe(false);
    expect(isPublisher({}, reusable)).toBe(false);
  });

  it.each<[string, object]>([
    ["the repository made again under its name", { repository_id: "1002" }],
    ["a fork", { repository: "mallory/flooper", repository_id: "2002", repository_owner_id: "88" }],
    ["the repository of another owner", { repository_owner_id: "78" }],
    ["a longer id", { repository_id: "10011" }],
    ["a shorter id", { repository_id: "100" }],
    ["an id with a zero in front", { repository_id: "01001" }],
    ["another workflow", { workflow_ref: AT.replace("release", "other") }],
    ["a workflow in other letters", { workflow_ref: AT.replace("release", "Release") }],
    ["a workflow of another branch", { workflow_ref: `${WORKFLOW}@refs/heads/evil` }],
    ["a workflow whose path goes on", { workflow_ref: `${WORKFLOW}@refs/tags/v1.2.0@refs/tags/v1.2.0` }],
    ["a workflow without a ref", { workflow_ref: WORKFLOW }],
    ["a reusable workflow of somebody else's", { job_workflow_ref: "mallory/x/.github/workflows/y.yml@v1" }],
    ["another environment", { environment: "staging" }],
    ["an environment in other letters", { environment: "Release" }],
    ["no environment", { environment: undefined }],
    ["the tag of another version", { ref: "refs/tags/v1.2.1", workflow_ref: `${WORKFLOW}@refs/tags/v1.2.1` }],
    ["a tag that begins like it", { ref: "refs/tags/v1.2.0-rc1" }],
    ["a branch of the tag's name", { ref: "refs/heads/v1.2.0" }],
    ["a pull request", { event_name: "pull_request" }],
    ["a pull request of a fork", { event_name: "pull_request_target" }],
    ["a workflow that another one started", { event_name: "workflow_run" }],
    ["a comment", { event_name: "issue_comment" }],
    ["an event in other letters", { event_name: "Release" }],
  ])("does not take %s for it", (_, job) => {
    const both = { ...job, ...("workflow_ref" in job && { job_workflow_ref: job.workflow_ref }) };
    expect(isPublisher(both, byBoth)).toBe(false);
    expect(isPublisher(job, byBoth)).toBe(false);
  });

  it("does not take another issuer's repository of the same number for it", () => {
    const other = "https://ghes.example/_services/token";
    expect(isPublisher({}, byBoth, other)).toBe(false);
    expect(isPublisher({}, { ...byBoth, issuer: other }, other)).toBe(true);
    expect(isPublisher({}, { ...byBoth, issuer: other })).toBe(false);
  });

  it("takes only the events that the publisher names", () => {
    const publisher = { ...byBoth, eventNames: ["push"] };
    expect(isPublisher({}, publisher)).toBe(false);
    expect(isPublisher({ event_name: "push" }, publisher)).toBe(true);
  });

  it("finds nobody where no publisher is", () => {
    const job = githubJobFrom(ISSUER, claims);
    expect(job && publisherOf(job, [], { version: "1.2.0" })).toBeUndefined();
  });
});

describe("withSubmitter", () => {
  it("lets no manifest say who was proven", () => {
    expect(submitterTags({ "Submitted-By.actor": "me", team: "floop" }, undefined)).toEqual({
      team: "floop",
    });
    expect(submitterTags({ "submitted-by.run": "me" }, undefined)).toBeUndefined();
  });

  it("tells repository, commit, run, actor and environment of a job", () => {
    expect(submitterTags({ team: "floop" }, githubJobFrom(ISSUER, claims))).toEqual({
      team: "floop",
      "submitted-by.repository": "contoso/flooper (id 1001)",
      "submitted-by.commit": "a".repeat(40),
      "submitted-by.run": "4711, attempt 1",
      "submitted-by.actor": "octocat (id 583231)",
      "submitted-by.environment": "release",
    });
  });

  it("keeps to the length of a tag", () => {
    const job = githubJobFrom(ISSUER, {
      ...claims,
      environment: "e".repeat(255),
      repository: "r".repeat(300),
    });
    const lengths = Object.values(submitterTags({}, job) ?? {}).map(({ length }) => length);
    expect(Math.max(...lengths)).toBe(256);
  });
});
