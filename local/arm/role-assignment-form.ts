import type { RoleAssignment } from "../world.ts";
import type { ArmContext } from "./context.ts";
import { subscriptionOf } from "./resource-id.ts";

/** The id of a role assignment. */
export function assignmentId({ scope, name }: RoleAssignment): string {
  return `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
}

/** A role assignment as answers show it. */
export function renderAssignment(context: ArmContext, assignment: RoleAssignment): object {
  const { description, condition, conditionVersion } = assignment;
  const subscription = subscriptionOf(assignment.scope);
  const prefix =
    context.settings.roleDefinitionIdForm === "subscription" ? `/subscriptions/${subscription}` : "";
  return {
    properties: {
      roleDefinitionId: `${prefix}/providers/Microsoft.Authorization/roleDefinitions/${assignment.roleId}`,
      principalId: assignment.principalId,
      principalType: assignment.principalType,
      scope: assignment.scope,
      ...(description !== undefined && { description }),
      ...(condition !== undefined && { condition }),
      ...(conditionVersion !== undefined && { conditionVersion }),
      ...context.state.roleAssignmentTimes.get(assignmentId(assignment)),
    },
    id: assignmentId(assignment),
    type: "Microsoft.Authorization/roleAssignments",
    name: assignment.name,
  };
}
