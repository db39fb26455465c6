import { releaseReportPath, submissionReportPath } from "../../core/naming.ts";
import { isOperationId } from "../../core/operation-id.ts";
import { expansionFrom, latestChangeFrom, type Operation } from "../../core/operation.ts";
import { isFinal } from "../../core/outcome.ts";
import { newReport, parseReport, type Report } from "../../core/report.ts";
import { statusOfGallery, statusOfReport } from "../../core/version-status.ts";
import { newestInstance, startPublishing } from "../starting.ts";
import { HALT } from "../vocabulary.ts";
import { type Answer, answerOf, HttpProblem, notFound } from "./http-answers.ts";
import type { ApiCall, ApiPorts, Endpoint } from "./http-api.ts";
import { dropOfSubmission } from "./drop-of-submission.ts";
import { keptUpload } from "./kept-uploads.ts";
import { asRequested } from "./requested.ts";
import {
  accepted,
  beginOperation,
  type OperationPorts,
  recordOf,
  retryOperation,
} from "./version-operations.ts";

type Ports = ApiPorts & OperationPorts;

/** The endpoints for versions, by the operation that each is. */
export function versionEndpoints(ports: Ports) {
  const begin = (parse: (call: ApiCall, body: unknown) => Operation) => async (call: ApiCall) => {
    const body = await call.body();
    return beginOperation(
      ports,
      call,
      asRequested((asked) => parse(call, asked), body),
    );
  };
  return {
    read: { operation: "read", serve: (call) => readStatus(ports, call) },
    expand: { operation: "expand", serve: begin(({ release }, body) => expansionFrom(release, body)) },
    promote: {
      operation: "promote",
      serve: begin(({ release }, body) => latestChangeFrom("promote", release, body)),
    },
    withdraw: {
      operation: "withdraw",
      serve: begin(({ release }, body) => latestChangeFrom("withdraw", release, body)),
    },
    halt: { operation: "halt", serve: (call) => halt(ports, call) },
    retry: { operation: "retry", serve: (call) => retry(ports, call) },
  } as const satisfies Record<string, Endpoint>;
}

async function readStatus(ports: Ports, call: ApiCall): Promise<Answer> {
  const { release, submission } = call;
  const path =
    submission === undefined ? releaseReportPath(release) : submissionReportPath({ ...release, submission });
  const report = await reportAt(ports, path);
  if (report) return withPause(report);
  if (submission !== undefined) return readUntold(ports, call, submission);
  const found = await ports.gallery.readVersion(release);
  if (!found) throw notFound(`${release.application} ${release.version}`);
  return answerOf(200, statusOfGallery(release, found));
}

// A story that was started a moment ago has not told anything yet.
async function readUntold(ports: Ports, call: ApiCall, submission: string): Promise<Answer> {
  const isKnown = isOperationId(submission)
    ? (await recordOf(ports.reports, call, submission)) !== undefined
    : await isCommitted(ports, call, submission);
  if (!isKnown) throw notFound(`submission ${submission}`);
  return withPause({ ...newReport({ ...call.release, submission }, new Date().toISOString()) });
}

async function isCommitted({ reports }: Ports, { release }: ApiCall, submission: string): Promise<boolean> {
  const kept = await keptUpload(reports, release, submission);
  return typeof kept?.upload.manifestSha256 === "string";
}

function withPause(report: Report): Answer {
  return answerOf(200, statusOfReport(report), isFinal(report.outcome) ? {} : { "retry-after": "15" });
}

async function halt(ports: Ports, call: ApiCall): Promise<Answer> {
  const { release, stories } = call;
  const report = await reportAt(ports, releaseReportPath(release));
  if (!report) throw notFound(`${release.application} ${release.version}`);
  const drop = isFinal(report.outcome)
    ? undefined
    : await dropOfSubmission(ports.packages, release, report.submission);
  const newest = drop && (await newestInstance(stories, drop));
  if (!newest?.isRunning) throw nothingToHalt(report);
  await stories.raise(newest.instanceId, HALT);
  return accepted(call, report.submission);
}

async function retry(ports: Ports, call: ApiCall): Promise<Answer> {
  const { release, stories, submission = "" } = call;
  if (isOperationId(submission)) return retryOperation(ports, call, submission);
  const report = await reportAt(ports, submissionReportPath({ ...release, submission }));
  if (!report || submission === "release") throw notFound(`submission ${submission}`);
  const drop = await dropOfSubmission(ports.packages, release, submission);
  if (!drop) throw filesGone(report);
  const newest = await newestInstance(stories, drop);
  if (!newest.isRunning) await startPublishing(stories, drop, newest, { again: true });
  return accepted(call, submission);
}

async function reportAt({ reports }: Ports, path: string): Promise<Report | undefined> {
  const found = await reports.read(path);
  return found && parseReport(found.text);
}

function nothingToHalt({ application, version, outcome }: Report): HttpProblem {
  return new HttpProblem(409, {
    code: "nothing-to-halt",
    message: `no publication of ${application} ${version} is under way; it stands at ${outcome}`,
    nextStep: "To keep a published version from machines that ask for the latest, withdraw it.",
  });
}

function filesGone({ application, version, submission }: Report): HttpProblem {
  return new HttpProblem(409, {
    code: "files-gone",
    message: `the files of ${submission} are no longer in the drop box as they were`,
    nextStep: `Submit ${application} ${version} again.`,
  });
}
