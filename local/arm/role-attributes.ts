import type { RoleAssignment } from "../world.ts";
import type { ArmContext } from "./context.ts";
import { idKey } from "./resource-id.ts";
import { parseRoleAssignmentBody } from "./role-assignment-body.ts";
import type { Target } from "./routes.ts";

/** The assignment of that name at exactly that scope. */
export function assignmentAt(context: ArmContext, scope: string, name: string): RoleAssignment | undefined {
  return context.access
    .list()
    .find((assignment) => idKey(assignment.scope) === idKey(scope) && idKey(assignment.name) === idKey(name));
}

/** What conditions on the right to assign roles look at: the request's body for a write, what is there for a delete. */
export function roleAttributes(
  context: ArmContext,
  request: { readonly method: string; readonly body: unknown },
  target: Target,
): Readonly<Record<string, string>> {
  if (request.method === "PUT") {
    const parsed = parseRoleAssignmentBody(request.body);
    return "refusal" in parsed ? {} : attributesOf(parsed.sent);
  }
  const existing = assignmentAt(context, target.id, target.name);
  return existing ? attributesOf(existing) : {};
}

function attributesOf(assignment: {
  readonly roleId: string;
  readonly principalId: string;
  readonly principalType?: string | undefined;
}): Readonly<Record<string, string>> {
  return {
    RoleDefinitionId: assignment.roleId,
    PrincipalId: assignment.principalId,
    ...(assignment.principalType !== undefined && { PrincipalType: assignment.principalType }),
  };
}
