import { builtInRoles } from "../../local/access/built-in-roles.ts";
import { isWithin } from "../../local/access/grants.ts";
import { readRights } from "../../local/access/rights.ts";
import { roleAllows } from "../../local/access/role-definition.ts";
import type { LocalAzure } from "../../local/local-azure.ts";

const rights = readRights();

/** A right that roles.json gives: an action of a custom role, or a built-in role as a whole. */
export type DeclaredRight = {
  readonly text: string;
  readonly covers: (use: { identity: string; action: string; scope: string }) => boolean;
};

/** What was done, in the words of roles.json. */
export function usedRights(azure: LocalAzure): { identity: string; action: string; scope: string }[] {
  const names = new Map(Object.entries(azure.identities).map(([name, each]) => [each.principalId, name]));
  return azure.access.usedActions().map(({ principalId, action, scope }) => ({
    identity: names.get(principalId) ?? principalId,
    action,
    scope,
  }));
}

/** Every right that roles.json gives while access is leased, at the scopes of a local Azure. */
export function declaredRights(azure: LocalAzure): DeclaredRight[] {
  return rights.assignments
    .filter(({ when }) => when === undefined || when === "leased")
    .flatMap(({ identity, role, scope }) => {
      const id = scopeId(azure, scope);
      const custom = rights.roles[role];
      const right = (action: string | undefined, allows: (used: string) => boolean): DeclaredRight => ({
        text: `${identity}: ${action ?? role} on ${scope}`,
        covers: (use) => use.identity === identity && allows(use.action) && isWithin(id, use.scope),
      });
      if (custom === undefined) return [right(undefined, (action) => builtInAllows(role, action))];
      return [...custom.actions, ...custom.dataActions].map((each) =>
        right(each.replace(/^Microsoft\./, ""), (action) => action === each),
      );
    });
}

function builtInAllows(name: string, action: string): boolean {
  const role = builtInRoles.find((each) => each.name === name);
  return role !== undefined && (roleAllows(role, action, true) || roleAllows(role, action, false));
}

function scopeId({ ids, deployment }: LocalAzure, scope: string): string {
  const [kind = "", name = ""] = scope.replace("{eventQueue}", deployment.eventQueue).split(":");
  if (kind === "container") return ids.container(name);
  const known: Readonly<Record<string, string>> = {
    ...{
      subscription: ids.subscription,
      group: ids.group,
      gallery: ids.gallery,
      lease: ids.account,
      host: ids.host,
    },
    ...{ queue: ids.queue, insights: ids.insights, "dead-letters": ids.deadLetters },
  };
  return known[kind] ?? `unknown scope ${scope}`;
}
