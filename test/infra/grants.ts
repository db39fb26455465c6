import { readRights, roleIdOf } from "../../local/access/rights.ts";
import { people } from "./a-plan.ts";
import type { Plan, PlannedResource } from "./bicep/deployment.ts";
import { guidOf } from "./bicep/functions.ts";

/** A role assignment of a plan, in the words of roles.json. */
export type PlannedGrant = {
  readonly identity: string;
  readonly role: string;
  readonly scope: string;
  readonly roleId: string;
  readonly principalId: string;
  readonly scopeId: string;
  readonly condition: string | null;
};

/** The custom roles of a plan. */
export function rolesOf({ resources }: Plan): PlannedResource[] {
  return resources.filter(({ type }) => type === "Microsoft.Authorization/roleDefinitions");
}

/** The role assignments of a plan. */
export function grantsOf(plan: Plan): PlannedGrant[] {
  const rights = readRights();
  const roleNames = new Map([
    ...Object.keys(rights.builtInRoles).map((name): [string, string] => [roleIdOf(rights, name), name]),
    ...rolesOf(plan).map(({ name, body }): [string, string] => [
      name,
      body.properties.roleName.replace(/ \([0-9a-f]{8}\)$/, ""),
    ]),
  ]);
  return plan.resources
    .filter(({ type }) => type === "Microsoft.Authorization/roleAssignments")
    .map(({ scope, body: { properties } }) => {
      const roleId: string = properties.roleDefinitionId.split("/").at(-1);
      const role = roleNames.get(roleId) ?? `unknown role ${roleId}`;
      const identity = identityOf(plan, properties.principalId);
      return {
        ...{ identity, role, roleId, principalId: properties.principalId, scopeId: scope ?? "" },
        scope: scopeNameOf(scope ?? "", role, identity),
        condition: properties.condition,
      };
    });
}

function identityOf({ resources }: Plan, principalId: string): string {
  if (principalId === people.administrators[0]?.id) return "administrator";
  if (principalId === people.operators[0]?.id) return "operator";
  const { type = "", name = "" } = resources.find(({ id }) => guidOf("principal", id) === principalId) ?? {};
  if (type === "Microsoft.Compute/galleries" || name === "vmapps-gallery") return "gallery";
  if (type === "Microsoft.EventGrid/systemTopics") return "event-grid";
  return name === "vmapps-pipeline" ? "function" : name.startsWith("vmapps-uploader-") ? "uploader" : name;
}

function scopeNameOf(id: string, role: string, identity: string): string {
  if (role === "VM Application Lessor" || identity === "gallery") return "lease";
  const [, kind = "", name = ""] = /([^/]+)\/([^/]+)$/.exec(id) ?? [];
  if (kind === "containers") return name === "dead-letters" ? name : `container:${name}`;
  if (kind === "queues") return `queue:${name}`;
  const names: Record<string, string> = {
    subscriptions: "subscription",
    resourceGroups: "group",
    secrets: "notification-secret",
    keys: "notification-key",
    galleries: "gallery",
    components: "insights",
    schedulers: "scheduler",
  };
  return names[kind] ?? (name.startsWith("vmappsfn") ? "host" : "account");
}
