/** A role assignment, as Azure Resource Graph and Resource Manager tell of it. */
export interface Assignment {
  readonly id: string;
  readonly scope: string;
  readonly roleId: string;
  readonly principalId: string;
  readonly principalType: string;
  readonly description?: string | undefined;
  readonly condition?: string | undefined;
  readonly createdOn?: string | undefined;
}

/** A role definition. `id` is its GUID. */
export interface Role {
  readonly id: string;
  readonly name: string;
  readonly permissions: readonly Permission[];
}

/** What a part of a role allows; patterns may have `*`. */
export interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

/** Something that can be done somewhere. */
export interface Power {
  readonly action?: string;
  readonly dataAction?: string;
  /** The ARM id of what it is done to. */
  readonly at: string;
}

/** Whether a role at a scope gives that power over the place, or over a part of it. Conditions are not looked at. */
export function gives(role: Role, scope: string, { action, dataAction, at }: Power): boolean {
  if (!covers(scope, at) && !covers(at, scope)) return false;
  return role.permissions.some((permission) =>
    dataAction === undefined
      ? action !== undefined && allows(permission.actions, permission.notActions, action)
      : allows(permission.dataActions, permission.notDataActions, dataAction),
  );
}

/** Whether what holds at `scope` holds at `id` too. Management groups that are told of lie above everything. */
export function covers(scope: string, id: string): boolean {
  const [above, below] = [scope, id].map((each) => each.toLowerCase().replace(/\/+$/, ""));
  if (above === undefined || below === undefined) return false;
  if (above === "" || above.startsWith("/providers/microsoft.management/managementgroups/")) return true;
  return below === above || below.startsWith(`${above}/`);
}

/** Ids are compared without regard to case. */
export function isSameId(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function allows(patterns: readonly string[], excluded: readonly string[], action: string): boolean {
  return patterns.some((each) => fits(each, action)) && !excluded.some((each) => fits(each, action));
}

function fits(pattern: string, action: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(action);
}
