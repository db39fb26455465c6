import type { ArmAnswer } from "./answer.ts";
import { invalidParameter, listAnswer } from "./answer.ts";
import type { ArmCall, ArmContext } from "./context.ts";
import { operationHeaders } from "./context.ts";
import { missingParent, resourceNotFound } from "./not-found.ts";
import { conflictRefusal } from "./version-conflicts.ts";
import { renderVersion } from "./version-form.ts";
import { isBusy, replicationStatus } from "./version-life.ts";
import { writeVersion } from "./version-write.ts";

/** GET, PUT, PATCH and DELETE of one version. */
export async function answerVersion(context: ArmContext, call: ArmCall): Promise<ArmAnswer> {
  if (call.method === "DELETE") return deleteVersion(context, call);
  const refusal = missingParent(context, call.target);
  if (refusal) return refusal;
  return call.method === "GET" ? getVersion(context, call) : writeVersion(context, call);
}

/** GET of an application's versions, without their replication status. */
export function listVersions(context: ArmContext, call: ArmCall): ArmAnswer {
  const refusal = missingParent(context, call.target);
  if (refusal) return refusal;
  const { apiVersion } = call;
  const versions = context.state.versionsOf(call.target.id);
  return listAnswer(versions.map((version) => renderVersion(version, context.clock.now(), { apiVersion })));
}

function getVersion(context: ArmContext, call: ArmCall): ArmAnswer {
  const expand = call.query.get("$expand");
  if (expand !== null && !/^(ReplicationStatus|UefiSettings)$/i.test(expand)) {
    return invalidParameter(`The value '${expand}' of parameter '$expand' is invalid.`, "$expand");
  }
  const version = context.state.version(call.target.id);
  if (!version) return resourceNotFound(call.target);
  const now = context.clock.now();
  const isExpanded = expand?.toLowerCase() === "replicationstatus";
  const status = isExpanded ? replicationStatus(version, now, context.settings.waitingState) : undefined;
  const form = { apiVersion: call.apiVersion, replicationStatus: status };
  return { status: 200, body: renderVersion(version, now, form) };
}

function deleteVersion(context: ArmContext, call: ArmCall): ArmAnswer {
  const version = context.state.version(call.target.id);
  if (!version) return { status: 204 };
  const now = context.clock.now();
  // Assumed: deleting again while it is being deleted gives the same operation.
  const isGoing = version.change.kind === "Deleting" && isBusy(version, now);
  if (!isGoing) {
    const refusal = conflictRefusal(context, call.target.id, "Delete");
    if (refusal) return refusal;
  }
  const operation = isGoing
    ? context.operations.get(version.change.operationId)
    : context.operations.begin({
        subscription: call.target.subscription,
        location: version.location,
        apiVersion: call.apiVersion,
        startedAt: now,
        endsAt: now + context.settings.versionDeleteSeconds * 1000,
      });
  if (!operation) throw new Error(`no operation deletes ${version.id}`);
  const change = { kind: "Deleting", operationId: operation.id, endsAt: operation.endsAt } as const;
  context.state.setVersion({ ...version, change });
  const location = context.endpoint + operation.monitorPath;
  return { status: 202, headers: { ...operationHeaders(context, operation), location } };
}
