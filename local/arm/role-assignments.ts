import { AssignmentProblem } from "../access/assignment-problem.ts";
import type { RoleAssignment } from "../world.ts";
import type { ArmAnswer } from "./answer.ts";
import { conflict, listAnswer, refuse } from "./answer.ts";
import type { ArmCall, ArmContext } from "./context.ts";
import { idKey } from "./resource-id.ts";
import type { SentRoleAssignment } from "./role-assignment-body.ts";
import { parseRoleAssignmentBody } from "./role-assignment-body.ts";
import { selectAssignments } from "./role-assignment-filter.ts";
import { assignmentId, renderAssignment } from "./role-assignment-form.ts";
import { assignmentAt } from "./role-attributes.ts";

const storageAccounts = "Microsoft.Storage/storageAccounts";
const guid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** GET, PUT and DELETE of one role assignment. */
export function answerRoleAssignment(context: ArmContext, call: ArmCall): ArmAnswer {
  const scopeRefusal = unknownScope(context, call.target.id);
  if (scopeRefusal) return scopeRefusal;
  if (call.method === "PUT") return putAssignment(context, call);
  if (call.method === "DELETE") return deleteAssignment(context, call);
  const existing = assignmentAt(context, call.target.id, call.target.name);
  if (existing) return { status: 200, body: renderAssignment(context, existing) };
  const message = `The role assignment '${call.target.name}' is not found.`;
  return refuse(404, { code: "RoleAssignmentNotFound", message });
}

/** GET of the role assignments at, above and below a scope. */
export function listAssignments(context: ArmContext, call: ArmCall): ArmAnswer {
  const scopeRefusal = unknownScope(context, call.target.id);
  if (scopeRefusal) return scopeRefusal;
  const selected = selectAssignments(context.access.list(), call.target.id, call.query.get("$filter"));
  if ("refusal" in selected) return selected.refusal;
  return listAnswer(selected.assignments.map((assignment) => renderAssignment(context, assignment)));
}

function putAssignment(context: ArmContext, call: ArmCall): ArmAnswer {
  const { id: scope, name } = call.target;
  if (!guid.test(name)) {
    const message = `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`;
    return refuse(400, { code: "InvalidRoleAssignmentId", message });
  }
  const parsed = parseRoleAssignmentBody(call.body);
  if ("refusal" in parsed) return parsed.refusal;
  const { sent } = parsed;
  const refusal = principalRefusal(context, sent) ?? tripleRefusal(context, scope, name, sent);
  if (refusal) return refusal;
  const existing = assignmentAt(context, scope, name);
  if (existing && context.settings.sameRoleAssignmentStatus === 409) return alreadyExists;
  const assignment = assignmentFrom(scope, name, sent);
  const problem = assign(context, assignment);
  if (problem) return problem;
  const at = new Date(context.clock.now()).toISOString();
  const earlier = context.state.roleAssignmentTimes.get(assignmentId(assignment));
  const times = { createdBy: call.caller.principalId, createdOn: at, ...earlier, updatedOn: at };
  context.state.roleAssignmentTimes.set(assignmentId(assignment), times);
  return { status: existing ? 200 : 201, body: renderAssignment(context, assignment) };
}

function assign(context: ArmContext, assignment: RoleAssignment): ArmAnswer | undefined {
  try {
    context.access.assign(assignment);
    return undefined;
  } catch (error) {
    if (!(error instanceof AssignmentProblem)) throw error;
    return refuse(400, { code: error.code, message: error.message });
  }
}

function assignmentFrom(scope: string, name: string, sent: SentRoleAssignment): RoleAssignment {
  const { description, condition, conditionVersion } = sent;
  return {
    name,
    scope,
    roleId: sent.roleId,
    principalId: sent.principalId,
    // Assumed: the directory would tell; here it is nearly always an identity.
    principalType: sent.principalType ?? "ServicePrincipal",
    ...(description !== undefined && { description }),
    ...(condition !== undefined && { condition }),
    ...(conditionVersion !== undefined && { conditionVersion }),
  };
}

const alreadyExists = conflict("RoleAssignmentExists", "The role assignment already exists.");

function tripleRefusal(
  context: ArmContext,
  scope: string,
  name: string,
  sent: SentRoleAssignment,
): ArmAnswer | undefined {
  const isSame = (other: RoleAssignment): boolean =>
    idKey(other.scope) === idKey(scope) &&
    idKey(other.roleId) === sent.roleId &&
    idKey(other.principalId) === idKey(sent.principalId);
  const others = context.access.list();
  // Names are unique in the whole tenant, not only at a scope.
  const namesake = others.find((other) => idKey(other.name) === idKey(name));
  if (namesake && !isSame(namesake)) {
    const message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.";
    return refuse(400, { code: "RoleAssignmentUpdateNotPermitted", message });
  }
  return !namesake && others.some(isSame) ? alreadyExists : undefined;
}

function principalRefusal(context: ArmContext, sent: SentRoleAssignment): ArmAnswer | undefined {
  const { untyped, typed } = context.settings.newPrincipalHiddenSeconds;
  const hiddenSeconds = sent.principalType === undefined ? untyped : typed;
  if (context.state.principalAgeSeconds(sent.principalId) >= hiddenSeconds) return undefined;
  const message =
    `Principal ${sent.principalId.replaceAll("-", "")} does not exist in the directory ${context.tenantId}. ` +
    "Check that you have the correct principal ID. If you are creating this principal and then immediately " +
    "assigning a role, this error might be related to a replication delay. In this case, set the role assignment " +
    "principalType property to a value, such as ServicePrincipal, User, or Group. See " +
    "https://aka.ms/docs-principaltype";
  return refuse(400, { code: "PrincipalNotFound", message });
}

function deleteAssignment(context: ArmContext, call: ArmCall): ArmAnswer {
  const existing = assignmentAt(context, call.target.id, call.target.name);
  if (!existing) return { status: 204 };
  context.access.unassign(existing.scope, existing.name);
  return { status: 200, body: renderAssignment(context, existing) };
}

/** A scope on an absent storage account is found out, unless no account was ever named; other scopes are not checked. */
function unknownScope(context: ArmContext, scope: string): ArmAnswer | undefined {
  const parts = /^(?<account>.*\/providers\/Microsoft\.Storage\/storageAccounts\/(?<name>[^/]+))/i.exec(
    scope,
  );
  const account = parts?.groups?.["account"];
  if (account === undefined || context.state.resources.get(account)) return undefined;
  if (!context.state.resources.values().some(({ type }) => type === storageAccounts)) return undefined;
  const message =
    `The Resource 'Microsoft.Storage/storageAccounts/${parts?.groups?.["name"] ?? ""}' was not found. For more ` +
    "details please go to https://aka.ms/ARMResourceNotFoundFix";
  return refuse(404, { code: "ResourceNotFound", message });
}
