import type { Clock } from "../clock.ts";
import type { AccessControl, RoleAssignment } from "../world.ts";
import { AssignmentProblem } from "./assignment-problem.ts";
import { builtInRoles } from "./built-in-roles.ts";
import { parseCondition } from "./condition.ts";
import type { Condition } from "./condition.ts";
import { ConditionProblem } from "./condition-tokens.ts";
import { isEffective, isWithin, normalScope } from "./grants.ts";
import type { Grant } from "./grants.ts";
import { steadyPropagation } from "./propagation.ts";
import type { Propagation } from "./propagation.ts";
import { roleAllows, touchesStorageData } from "./role-definition.ts";
import type { RoleDefinition } from "./role-definition.ts";

/** How access control is set up. */
export type AccessControlOptions = {
  readonly clock: Pick<Clock, "now">;
  /** Beside the built-in ones. */
  readonly roles?: readonly RoleDefinition[];
  /** In effect from the start. */
  readonly assignments?: readonly RoleAssignment[];
  /** Default: two seconds for every change. */
  readonly propagation?: Propagation;
};

type Question = Parameters<AccessControl["isAllowed"]>[0];
type UsedAction = ReturnType<AccessControl["usedActions"]>[number];

/** Azure RBAC: role assignments with scopes, conditions and delays. `assign` throws an {@link AssignmentProblem}. */
export function createAccessControl(options: AccessControlOptions): AccessControl {
  const { clock, propagation = steadyPropagation(2000) } = options;
  const roles = new Map([...builtInRoles, ...(options.roles ?? [])].map((role) => [role.id, role]));
  const assignments = new Map<string, RoleAssignment>();
  const used = new Map<string, UsedAction>();
  let grants: readonly Grant[] = [];

  for (const assignment of options.assignments ?? []) put(assignment, Number.NEGATIVE_INFINITY);

  return {
    isAllowed: (question) => {
      const now = clock.now();
      const allowed = grants.some((grant) => isEffective(grant, now) && grantAllows(grant, question));
      if (allowed) record(used, question);
      return allowed;
    },
    assign: (assignment) => put(assignment, clock.now() + propagation("grant", assignment)),
    unassign: (scope, name) => {
      const key = keyOf(scope, name);
      const removed = assignments.get(key);
      if (removed === undefined) return undefined;
      assignments.delete(key);
      const now = clock.now();
      const effectiveUntil = now + propagation("revocation", removed);
      grants = grants
        .filter((grant) => grant.effectiveUntil > now)
        .map((grant) => (grant.assignment === removed ? { ...grant, effectiveUntil } : grant));
      return removed;
    },
    list: () => [...assignments.values()],
    roles: () => [...roles.values()],
    usedActions: () => [...used.values()],
  };

  function put(assignment: RoleAssignment, effectiveFrom: number): void {
    const key = keyOf(assignment.scope, assignment.name);
    const existing = assignments.get(key);
    if (existing !== undefined && isSameGrant(existing, assignment)) return;
    if (existing !== undefined) {
      const message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.";
      throw new AssignmentProblem("RoleAssignmentUpdateNotPermitted", message);
    }
    const role = roles.get(assignment.roleId.toLowerCase());
    if (role === undefined) {
      const message = `The specified role definition with ID '${assignment.roleId}' does not exist.`;
      throw new AssignmentProblem("RoleDefinitionDoesNotExist", message);
    }
    const condition = conditionOf(assignment, role);
    assignments.set(key, assignment);
    const effectiveUntil = Number.POSITIVE_INFINITY;
    grants = [...grants, { assignment, role, condition, effectiveFrom, effectiveUntil }];
  }
}

function grantAllows({ assignment, role, condition }: Grant, question: Question): boolean {
  return (
    assignment.principalId.toLowerCase() === question.principalId.toLowerCase() &&
    isWithin(assignment.scope, question.scope) &&
    roleAllows(role, question.action, question.isDataAction) &&
    (condition?.isMet({ action: question.action, attributes: question.attributes ?? {} }) ?? true)
  );
}

function conditionOf(
  { condition, conditionVersion }: RoleAssignment,
  role: RoleDefinition,
): Condition | undefined {
  if (condition === undefined) return undefined;
  if (conditionVersion !== "2.0") {
    const message = `condition version "${conditionVersion ?? ""}" is not "2.0"`;
    throw new AssignmentProblem("InvalidConditionVersion", message);
  }
  const parsed = parse(condition);
  if (parsed.comparesGuids && touchesStorageData(role)) {
    const message = `The role "${role.name}" has data actions of Microsoft.Storage, so its condition must not compare GUIDs.`;
    throw new AssignmentProblem("AuthorizationFailed", message);
  }
  return parsed;
}

function parse(condition: string): Condition {
  try {
    return parseCondition(condition);
  } catch (error) {
    if (!(error instanceof ConditionProblem)) throw error;
    throw new AssignmentProblem("InvalidCondition", error.message, { cause: error });
  }
}

function record(used: Map<string, UsedAction>, { principalId, action, scope }: Question): void {
  used.set(`${principalId} ${action} ${normalScope(scope)}`.toLowerCase(), { principalId, action, scope });
}

function isSameGrant(one: RoleAssignment, other: RoleAssignment): boolean {
  const told = ({ principalId, roleId, condition = "" }: RoleAssignment) =>
    `${principalId.toLowerCase()} ${roleId.toLowerCase()} ${condition}`;
  return told(one) === told(other);
}

function keyOf(scope: string, name: string): string {
  return `${normalScope(scope)} ${name.toLowerCase()}`;
}
