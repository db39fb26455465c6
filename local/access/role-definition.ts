import { matchesAction } from "./condition-operators.ts";

/** A role: which actions of the control plane and of the data plane it allows. */
export type RoleDefinition = {
  /** A GUID in lower case. */
  readonly id: string;
  readonly name: string;
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
};

/** Whether a role allows an action, conditions and scope aside. */
export function roleAllows(role: RoleDefinition, action: string, isDataAction: boolean): boolean {
  const fits = (pattern: string) => matchesAction(pattern, action);
  if (isDataAction) return role.dataActions.some(fits);
  return role.actions.some(fits) && !role.notActions.some(fits);
}

/** Whether a role allows anything with the data of storage accounts. */
export function touchesStorageData(role: RoleDefinition): boolean {
  return role.dataActions.some((action) => /^(?:\*|microsoft\.storage\/)/i.test(action));
}
