import {
  type Approval,
  approvalPath,
  approvalText,
  approvalView,
  approvedByItself,
  approvedDigestFrom,
  isSubmitter,
  notAwaiting,
  versionBefore,
} from "../../core/approval.ts";
import { type EffectiveManifest, parseEffectiveManifest } from "../../core/effective-manifest.ts";
import { MANIFEST_FILE } from "../../core/file-name.ts";
import { submissionReportPath, vaultPath } from "../../core/naming.ts";
import { parseReport, type Report } from "../../core/report.ts";
import { contentDifferences } from "../../core/same-content.ts";
import type { Gallery, Packages, Reports } from "../ports.ts";
import { newestInstance, startPublishing } from "../starting.ts";
import { dropOfSubmission } from "./drop-of-submission.ts";
import { type Answer, answerOf, HttpProblem, notFound } from "./http-answers.ts";
import type { ApiCall, Endpoint } from "./http-api.ts";
import { keptUpload } from "./kept-uploads.ts";
import { asRequested } from "./requested.ts";
import { accepted } from "./version-operations.ts";

/** What approvals work with. */
export interface ApprovalPorts {
  readonly packages: Pick<Packages, "list" | "folders" | "readFromVault" | "vaultPathOf">;
  readonly gallery: Pick<Gallery, "readVersion" | "versionNames">;
  readonly reports: Reports;
  readonly now: () => Date;
}

/** The endpoints for submissions that wait until somebody approves them. */
export function approvalEndpoints(ports: ApprovalPorts) {
  const operation = "approve";
  return {
    lookAt: { operation, serve: (call) => lookAt(ports, call) },
    approve: { operation, serve: (call) => approve(ports, call) },
  } as const satisfies Record<string, Endpoint>;
}

interface Awaiting {
  readonly report: Report;
  readonly manifestSha256: string;
}

async function lookAt(ports: ApprovalPorts, call: ApiCall): Promise<Answer> {
  const { report, manifestSha256 } = await awaiting(ports, call);
  const path = vaultPath(call.release, manifestSha256, MANIFEST_FILE);
  const manifest = parseEffectiveManifest(await ports.packages.readFromVault(path));
  const previous = await comparedToPrevious(ports, manifest);
  return answerOf(200, approvalView(report, manifestSha256, manifest, previous, report.submitted ?? null));
}

async function approve(ports: ApprovalPorts, call: ApiCall): Promise<Answer> {
  const { release, caller, stories } = call;
  const digest = asRequested(approvedDigestFrom, await call.body());
  const { report, manifestSha256 } = await awaiting(ports, call);
  const { submission } = report;
  if (digest !== manifestSha256) throw new HttpProblem(409, notAwaiting(submission, manifestSha256));
  // Only people have the role, and a role is Entra's.
  if (caller.kind !== "entra") throw notFound(`submission ${submission}`);
  const { objectId, clientId } = caller;
  const kept = await keptUpload(ports.reports, release, submission);
  if (kept && isSubmitter(kept.upload.by, { objectId, clientId })) {
    throw new HttpProblem(403, approvedByItself(submission));
  }
  const at = ports.now().toISOString();
  await keep(ports.reports, report, { manifestSha256, by: { objectId, clientId }, at });
  const drop = await dropOfSubmission(ports.packages, release, submission);
  const newest = drop && (await newestInstance(stories, drop));
  // One that is just ending has looked already; the reconciler starts it anew.
  if (drop && newest && !newest.isRunning) await startPublishing(stories, drop, newest);
  return accepted(call, submission);
}

async function awaiting(
  { reports }: ApprovalPorts,
  { release, submission = "" }: ApiCall,
): Promise<Awaiting> {
  const found = await reports.read(submissionReportPath({ ...release, submission }));
  if (!found || submission === "release") throw notFound(`submission ${submission}`);
  const report = parseReport(found.text);
  const manifestSha256 = report.approval?.manifestSha256;
  if (report.outcome !== "awaiting-approval" || manifestSha256 === undefined) {
    throw new HttpProblem(409, notAwaiting(submission, undefined));
  }
  return { report, manifestSha256 };
}

async function comparedToPrevious({ packages, gallery }: ApprovalPorts, manifest: EffectiveManifest) {
  const version = versionBefore(manifest.version, await gallery.versionNames(manifest.application));
  const found = version && (await gallery.readVersion({ application: manifest.application, version }));
  if (version === undefined || !found) return null;
  return { version, differences: contentDifferences(manifest, found, (url) => packages.vaultPathOf(url)) };
}

async function keep(reports: Reports, report: Report, approval: Approval): Promise<void> {
  const path = approvalPath(report);
  for (let attempt = 0; attempt < 5; attempt++) {
    const present = await reports.read(path);
    const written = await reports.write(path, approvalText(approval), present?.etag);
    if (written === "written") return;
  }
  throw new Error(`${path} was rewritten by others 5 times in a row`);
}
