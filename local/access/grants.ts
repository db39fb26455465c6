import type { RoleAssignment } from "../world.ts";
import type { Condition } from "./condition.ts";
import type { RoleDefinition } from "./role-definition.ts";

/** A role assignment as it takes effect: later than it was made, and still for a while after it was removed. */
export type Grant = {
  readonly assignment: RoleAssignment;
  readonly role: RoleDefinition;
  readonly condition: Condition | undefined;
  readonly effectiveFrom: number;
  readonly effectiveUntil: number;
};

/** Whether a grant is in effect at a time. */
export function isEffective({ effectiveFrom, effectiveUntil }: Grant, now: number): boolean {
  return effectiveFrom <= now && now < effectiveUntil;
}

/** Whether something at `inner` lies at or below `outer`; both are ARM ids. */
export function isWithin(outer: string, inner: string): boolean {
  const [above, below] = [normalScope(outer), normalScope(inner)];
  return above === "/" || below === above || below.startsWith(`${above}/`);
}

/** An ARM id as it is compared: one slash in front, none behind, lower case. */
export function normalScope(scope: string): string {
  return `/${scope.replace(/^\/+|\/+$/g, "").toLowerCase()}`;
}
