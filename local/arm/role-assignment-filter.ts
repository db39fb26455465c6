import type { RoleAssignment } from "../world.ts";
import type { Refused } from "./answer.ts";
import { refuse } from "./answer.ts";
import { idKey, isWithin } from "./resource-id.ts";

const principalFilter = /^(?:principalId\s+eq\s+'(?<equal>[^']+)'|assignedTo\('(?<assigned>[^']+)'\))$/i;

/** The assignments that a list at `scope` shows: at, above and below it, narrowed by `$filter`. */
export function selectAssignments(
  all: readonly RoleAssignment[],
  scope: string,
  filter: string | null,
): Refused | { readonly assignments: readonly RoleAssignment[] } {
  let assignments = all.filter(({ scope: other }) => isWithin(other, scope) || isWithin(scope, other));
  for (const term of filter?.trim() ? filter.trim().split(/\s+and\s+/i) : []) {
    if (/^atScope\(\)$/i.test(term)) {
      assignments = assignments.filter((assignment) => isWithin(assignment.scope, scope));
      continue;
    }
    const groups = principalFilter.exec(term)?.groups;
    // Assumed: no groups in the local tenant, so assignedTo is the same as principalId.
    const principalId = groups?.["equal"] ?? groups?.["assigned"];
    if (principalId === undefined) {
      const message = `The filter '${filter ?? ""}' is not supported. Use atScope(), principalId eq or assignedTo().`;
      return { refusal: refuse(400, { code: "UnsupportedFilter", message }) };
    }
    assignments = assignments.filter((assignment) => idKey(assignment.principalId) === idKey(principalId));
  }
  return { assignments };
}
