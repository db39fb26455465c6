import { releaseReportPath, submissionReportPath } from "../../core/naming.ts";
import { isOperationId } from "../../core/operation-id.ts";
import {
  isSameOperation,
  type Operation,
  operationId,
  operationPath,
  type OperationRecord,
  operationText,
  parseOperation,
} from "../../core/operation.ts";
import { isFinal } from "../../core/outcome.ts";
import type { Reason } from "../../core/problem.ts";
import type { Refusal } from "../../core/refusals.ts";
import { parseReport, type Report } from "../../core/report.ts";
import type { Reports } from "../ports.ts";
import { newestOperation, startUpdating } from "../starting.ts";
import type { Stories } from "../vocabulary.ts";
import { type Answer, answerOf, HttpProblem, notFound } from "./http-answers.ts";
import type { ApiCall, CallerRules } from "./http-api.ts";
import { keyTaken } from "./submission-refusals.ts";

/** What an operation would come to now: nothing to do, something, or why not. Changes nothing. */
export type Examine = (input: {
  operation: Operation;
}) => Promise<
  | { readonly state: "accepted"; readonly work: string }
  | { readonly state: "refused"; readonly reason: Reason }
  | { readonly state: "unavailable"; readonly refusal: Refusal }
>;

/** What operations are begun with. */
export interface OperationPorts {
  readonly reports: Reports;
  readonly callers: Pick<CallerRules, "keyOf" | "textOf">;
  readonly examine: Examine;
}

/** Begins an operation on a published version, or joins the one that was asked for before. */
export async function beginOperation(
  ports: OperationPorts,
  call: ApiCall,
  operation: Operation,
): Promise<Answer> {
  const { caller, idempotencyKey: key, release, stories } = call;
  const id = operationId(
    operation,
    key === undefined ? undefined : { caller: ports.callers.keyOf(caller), key },
  );
  const known = await recordOf(ports.reports, call, id);
  if (known) {
    if (!isSameOperation(known.operation, operation)) throw keyTaken();
    const isToldOf = await isEnded(ports.reports, call, id);
    // A key asks for one operation, once; the same content may be asked for again later.
    if (isToldOf && key !== undefined) return accepted(call, id);
  }
  await refuseWhilePublishing(ports.reports, call);
  const examined = await ports.examine({ operation });
  if (examined.state === "refused")
    throw refusedAs(examined.reason, `${release.application} ${release.version}`);
  if (examined.state === "unavailable") throw unavailable(examined.refusal);
  // Whoever repeats what is done already need not start anything.
  if (known && examined.work === "none" && (await isEnded(ports.reports, call, id)))
    return accepted(call, id);

  const record = known ?? { operation, askedBy: ports.callers.textOf(caller) };
  const written = await ports.reports.write(operationPath(release, id), operationText(record), undefined);
  if (written === "conflict" && !known) {
    const other = await recordOf(ports.reports, call, id);
    if (!other || !isSameOperation(other.operation, operation)) throw keyTaken();
  }
  await startOperation(stories, id, record);
  return accepted(call, id);
}

/** Starts an operation's story again, unless it is still being told. */
export async function retryOperation(ports: OperationPorts, call: ApiCall, id: string): Promise<Answer> {
  const record = await recordOf(ports.reports, call, id);
  if (!record) throw notFound(`submission ${id}`);
  await startOperation(call.stories, id, record);
  return accepted(call, id);
}

/** The operation kept under an id, of this release. */
export async function recordOf(
  reports: Reports,
  { release }: ApiCall,
  id: string,
): Promise<OperationRecord | undefined> {
  const found = await reports.read(operationPath(release, id));
  return found && parseOperation(found.text);
}

/** 202 with the address of the status. */
export function accepted({ release }: ApiCall, submission: string): Answer {
  const { application, version } = release;
  const status = `/api/applications/${application}/versions/${version}?submission=${submission}`;
  return answerOf(
    202,
    { application, version, submission, status },
    { location: status, "retry-after": "15" },
  );
}

async function startOperation(stories: Stories, id: string, record: OperationRecord): Promise<void> {
  const newest = await newestOperation(stories, id, record);
  if (!newest.isRunning) await startUpdating(stories, id, record, newest, { again: true });
}

async function refuseWhilePublishing(reports: Reports, { release }: ApiCall): Promise<void> {
  const report = await reportAt(reports, releaseReportPath(release));
  if (report?.outcome !== "publishing" || isOperationId(report.submission)) return;
  throw new HttpProblem(409, {
    code: "publication-under-way",
    message: `${release.application} ${release.version} is being published`,
    nextStep: "Wait until its status has an ending, then ask again.",
  });
}

async function isEnded(reports: Reports, { release }: ApiCall, submission: string): Promise<boolean> {
  const report = await reportAt(reports, submissionReportPath({ ...release, submission }));
  return report !== undefined && isFinal(report.outcome);
}

async function reportAt(reports: Reports, path: string): Promise<Report | undefined> {
  const found = await reports.read(path);
  return found && parseReport(found.text);
}

// What is wrong with the request is a 400, what is in the way of it a 409.
function refusedAs(reason: Reason, what: string): HttpProblem {
  if (reason.code === "version-unknown") return notFound(what);
  return new HttpProblem(reason.code === "unknown-region" ? 400 : 409, reason);
}

function unavailable({ reason, retryAfterSeconds = 30 }: Refusal): HttpProblem {
  return new HttpProblem(503, reason, { "retry-after": String(retryAfterSeconds) });
}
