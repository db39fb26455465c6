import * as z from "zod";
import type { Release } from "./naming.ts";

/** The events of GitHub Actions that may publish; a pull request is never one of them. */
export const publishingEvents = ["release", "push", "workflow_dispatch"] as const;

/** The Sigstore services that sign for GitHub: the public ones for public repositories, GitHub's own for private ones. */
export const sigstoreInstances = ["public-good", "github"] as const;

/** Which Sigstore services signed an attestation. */
export type SigstoreInstance = (typeof sigstoreInstances)[number];

/** The issuer of the tokens of github.com's Actions; a GitHub Enterprise Server has one of its own. */
export const GITHUB_ISSUER = "https://token.actions.githubusercontent.com";

/** What stands for the version in the ref of a publisher. */
const VERSION_MARK = "{version}";

const numericId = z
  .union(
    [
      z.string().regex(/^[1-9]\d{0,19}$/, 'is no numeric id such as "123456789"'),
      z.int().min(1, "is no numeric id such as 123456789"),
    ],
    { error: "is no numeric id such as 123456789" },
  )
  .transform(String);

const githubPublisherSchema = z
  .strictObject({
    issuer: z
      .url({ protocol: /^https$/, error: "is no https address" })
      .max(300)
      .default(GITHUB_ISSUER)
      .describe("Whose tokens: github.com's, or those of another issuer that the pipeline is set up for."),
    repositoryId: numericId.describe(
      "GitHub's number of the repository that is built: what `gh api repos/OWNER/REPO --jq .id` prints.",
    ),
    ownerId: numericId.describe(
      "GitHub's number of the repository's owner: what `gh api repos/OWNER/REPO --jq .owner.id` prints.",
    ),
    workflow: z
      .string()
      .max(500)
      .regex(
        /^[A-Za-z0-9_-]+\/[A-Za-z0-9._-]+\/\.github\/workflows\/[^/\\@*?\s]+\.ya?ml$/,
        "is no path such as OWNER/REPO/.github/workflows/release.yml",
      )
      .describe("The whole path of the workflow's file, OWNER/REPO/.github/workflows/FILE. No patterns."),
    claim: z
      .enum(["workflow_ref", "job_workflow_ref"])
      .default("workflow_ref")
      .describe(
        "job_workflow_ref: `workflow` is a reusable workflow, which a workflow of the repository calls.",
      ),
    workflowRef: z
      .string()
      .max(300)
      .regex(
        /^(?:refs\/(?:heads|tags)\/[^\s*?{}@]+|[0-9a-f]{40})$/,
        "is no refs/heads/…, refs/tags/… or commit",
      )
      .optional()
      .describe("With job_workflow_ref: the ref at which the reusable workflow is called."),
    environment: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe("The GitHub environment of the job that submits."),
    ref: z
      .string()
      .max(300)
      .regex(
        /^refs\/tags\/[^\s*?{}]*\{version\}[^\s*?{}]*$/,
        'is no tag with the version, such as "refs/tags/v{version}"',
      )
      .optional()
      .describe("The tag of a release; {version} is the version being published."),
    eventNames: z
      .array(z.enum(publishingEvents))
      .min(1)
      .default([...publishingEvents])
      .describe("What may have started the workflow."),
    runner: z
      .enum(["github-hosted", "any"])
      .default("github-hosted")
      .describe("Where an attested build must have run; any: also on a runner of your own."),
    instance: z
      .enum(sigstoreInstances)
      .default("public-good")
      .describe("Who signs its attestations: public-good for a public repository, github for a private one."),
    mayExpand: z.boolean().default(false).describe("Whether it may also add regions to published versions."),
  })
  .superRefine(({ claim, workflowRef, environment, ref }, context) => {
    const fault = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: [path], message });
    if (environment === undefined && ref === undefined) {
      fault(
        "ref",
        'is missing, and so is environment: one of them is needed, such as "refs/tags/v{version}"',
      );
    }
    if (claim === "job_workflow_ref" && workflowRef === undefined) {
      fault(
        "workflowRef",
        "is missing: without it any branch of the reusable workflow's repository would do",
      );
    }
    if (claim === "workflow_ref" && workflowRef !== undefined) {
      fault("workflowRef", "says nothing without the claim job_workflow_ref");
    }
  });

/** The schema of a profile's trusted publishers. */
export const publishersSchema = z.array(githubPublisherSchema).max(20);

/** A workflow of GitHub's that may publish an application. Everything that it names must match to the letter. */
export type Publisher = z.infer<typeof githubPublisherSchema>;

/** The ref that a release of the publisher's is built from; undefined when the publisher names none. */
export function refOfRelease({ ref }: Publisher, { version }: Pick<Release, "version">): string | undefined {
  // By a function, so that no "$" in a version could mean anything.
  return ref?.replace(VERSION_MARK, () => version);
}
