import * as z from "zod";
import type { EffectiveManifest } from "./effective-manifest.ts";
import { check } from "./faults.ts";
import { sha256Schema } from "./manifest.ts";
import type { Submission } from "./naming.ts";
import { Problem, type Reason } from "./problem.ts";
import type { Difference } from "./same-content.ts";
import type { Submitter } from "./submitter.ts";
import { compareVersions, versionFault } from "./version.ts";

const approvalSchema = z.object({
  manifestSha256: sha256Schema,
  by: z.object({ objectId: z.string(), clientId: z.string() }),
  at: z.string(),
});

/** That somebody approved the effective manifest with that digest. */
export type Approval = z.infer<typeof approvalSchema>;

/** Where the approval of a submission is kept in `reports`: no application's name begins so. */
export function approvalPath({ application, version, submission }: Submission): string {
  return `_approvals/${application}/${version}/${submission}.json`;
}

/** The text in which an approval is kept. */
export function approvalText(approval: Approval): string {
  return `${JSON.stringify(approval, null, 2)}\n`;
}

/** The approval that the pipeline kept. */
export function parseApproval(text: string): Approval {
  return approvalSchema.parse(JSON.parse(text));
}

/** The digest that a request's body approves, or a problem `bad-request`. */
export function approvedDigestFrom(body: unknown): string {
  const result = check(z.strictObject({ manifestSha256: sha256Schema }), body);
  if ("value" in result) return result.value.manifestSha256;
  throw new Problem(
    "bad-request",
    `the request's body: ${result.faults.map(({ text }) => text).join("; ")}`,
    'Send {"manifestSha256": "…"} with the digest that the GET of the same address shows.',
  );
}

/** Why nobody may approve a submission that waits for another digest, or for none. */
export function notAwaiting(submission: string, wanted: string | undefined): Reason {
  return wanted === undefined
    ? {
        code: "nothing-to-approve",
        message: `${submission} waits for no approval`,
        nextStep: "Look at its status.",
      }
    : {
        code: "digest-changed",
        message: `${submission} waits for the approval of the manifest with SHA-256 ${wanted}, and of no other`,
        nextStep:
          "Look at it again: files or profile have changed since, or the digest is of something else.",
      };
}

/** Why the submitter may not be the one who approves. */
export function approvedByItself(submission: string): Reason {
  return {
    code: "self-approval",
    message: `${submission} was submitted by this very caller`,
    nextStep: "Have somebody else approve it.",
  };
}

/** Whether the approver is who submitted: the same object, or acting through the same application. */
export function isSubmitter(submitter: Submitter, approver: Approval["by"]): boolean {
  if (submitter.kind !== "entra") return false;
  return submitter.objectId === approver.objectId || submitter.clientId === approver.clientId;
}

/** The highest of the versions that is lower than this one. */
export function versionBefore(version: string, versions: readonly string[]): string | undefined {
  const lower = versions.filter((one) => !versionFault(one) && compareVersions(one, version) < 0);
  return lower.sort(compareVersions).at(-1);
}

/** What an approver is shown: what will be published, and how that differs from the version before. */
export function approvalView(
  submission: Submission,
  manifestSha256: string,
  manifest: EffectiveManifest,
  previous: { readonly version: string; readonly differences: readonly Difference[] } | null,
  submitted: object | null,
) {
  const { install, remove, update, customActions = [] } = manifest;
  return {
    application: submission.application,
    version: submission.version,
    submission: submission.submission,
    manifestSha256,
    package: manifest.package,
    configuration: manifest.configuration ?? null,
    commands: { install, remove, update: update ?? null },
    customActions: customActions.map(({ name, script }) => ({ name, script })),
    targetRegions: manifest.targetRegions.map(({ name }) => name),
    submitted,
    claims: manifest.claims ?? null,
    previous,
  };
}
