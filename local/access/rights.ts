import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as z from "zod";
import type { RoleAssignment } from "../world.ts";
import type { RoleDefinition } from "./role-definition.ts";

const rightsSchema = z.strictObject({
  builtInRoles: z.record(z.string(), z.guid()),
  roles: z.record(
    z.string(),
    z.strictObject({
      description: z.string(),
      /** The narrowest built-in role that does the same, where custom roles are not to be had. */
      builtIn: z.string(),
      actions: z.array(z.string()),
      dataActions: z.array(z.string()),
    }),
  ),
  assignments: z.array(
    z.strictObject({
      identity: z.string(),
      role: z.string(),
      scope: z.string(),
      /** Only while access is kept so, orchestrations are in a Durable Task Scheduler, or endings are told so. */
      when: z.enum(["leased", "standing", "scheduler", "webhook", "github"]).optional(),
      /** The condition's lines. */
      condition: z.array(z.string()).optional(),
    }),
  ),
});

/** `infra/roles.json`: every right, in one place. */
export type Rights = z.infer<typeof rightsSchema>;

/** What a deployment fills into the rights. */
export type Deployment = {
  readonly access: "leased" | "standing";
  /** Whether endings are told to a webhook and to GitHub. */
  readonly tellsEndings?: boolean;
  /** Principal ids by the identities' names; an identity that is absent gets nothing. */
  readonly principals: Readonly<Record<string, string>>;
  /**
   * ARM ids by the scopes' names: `subscription`, `gallery`, `lease`, `host`, `insights`,
   * `dead-letters`, `container:incoming`, …
   */
  readonly scopes: Readonly<Record<string, string>>;
  /** For the placeholders: `application`, `galleryRole`, `galleryRoleId`, `galleryPrincipalId`, `eventQueue`. */
  readonly values: Readonly<Record<string, string>>;
};

/** Reads `infra/roles.json`. */
export function readRights(): Rights {
  const file = new URL("../../infra/roles.json", import.meta.url);
  return rightsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** The custom roles, with ids made from their names. */
export function customRoles({ roles }: Rights): readonly RoleDefinition[] {
  return Object.entries(roles).map(([name, { actions, dataActions }]) => ({
    id: guidOf(`role ${name}`),
    name,
    actions,
    notActions: [],
    dataActions,
  }));
}

/** The role assignments that a deployment makes. */
export function deployedAssignments(rights: Rights, deployment: Deployment): readonly RoleAssignment[] {
  return rights.assignments
    .filter(
      ({ when }) =>
        when === undefined ||
        when === deployment.access ||
        (deployment.tellsEndings === true && (when === "webhook" || when === "github")),
    )
    .flatMap((assignment) => {
      const principalId = deployment.principals[assignment.identity];
      return principalId === undefined ? [] : [assignmentOf(rights, assignment, principalId, deployment)];
    });
}

/** The id of a custom or built-in role that the rights name. */
export function roleIdOf(rights: Rights, name: string): string {
  const id = rights.builtInRoles[name] ?? (name in rights.roles ? guidOf(`role ${name}`) : undefined);
  if (id === undefined) throw new Error(`infra/roles.json names no role "${name}"`);
  return id;
}

function assignmentOf(
  rights: Rights,
  { role, scope: scopeName, condition }: Rights["assignments"][number],
  principalId: string,
  { scopes, values }: Deployment,
): RoleAssignment {
  const scope = scopes[fill(scopeName, values)];
  if (scope === undefined)
    throw new Error(`infra/roles.json names the scope "${scopeName}", which has no ARM id`);
  const roleId = roleIdOf(rights, fill(role, values));
  const filled = condition && fill(condition.join("\n"), values);
  return {
    name: guidOf(`${scope} ${roleId} ${principalId} ${filled ?? ""}`.toLowerCase()),
    scope,
    roleId,
    principalId,
    principalType: "ServicePrincipal",
    ...(filled !== undefined && { condition: filled, conditionVersion: "2.0" }),
  };
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{([a-zA-Z]+)\}/g, (_placeholder, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`infra/roles.json needs a value for "{${name}}"`);
    return value;
  });
}

function guidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5");
}
