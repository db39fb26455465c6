import type { TokenCredential } from "@azure/identity";
import { type Machine, machineSchema } from "../../core/posture/facts.ts";
import type { Assignment, Role } from "../../core/posture/role-power.ts";
import { type Arm, askArm } from "./arm-requests.ts";
import { withinSeconds } from "./answers.ts";

/** What Resource Graph knows about who may do what in a subscription. It lags behind by some minutes. */
export interface ResourceGraph {
  assignments(): Promise<readonly Assignment[]>;
  roles(): Promise<readonly Role[]>;
  machines(): Promise<readonly Machine[]>;
}

const MOST_PAGES = 20;

/** Resource Graph over one subscription, and what lies above it. Its answers have only what the caller may read. */
export function resourceGraph(credential: TokenCredential, arm: Arm, subscriptionId: string): ResourceGraph {
  async function rows(query: string): Promise<readonly Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    let $skipToken: unknown;
    for (let page = 0; page < MOST_PAGES; page++) {
      const { status, body } = await askArm(credential, arm, PATH, {
        abortSignal: withinSeconds(20),
        body: {
          subscriptions: [subscriptionId],
          query,
          options: {
            resultFormat: "objectArray",
            authorizationScopeFilter: "AtScopeAboveAndBelow",
            ...($skipToken !== undefined && { $skipToken }),
          },
        },
      });
      const data = memberOf(body, "data");
      if (status !== 200 || !Array.isArray(data))
        throw new Error(`Resource Graph answered ${status}${codeIn(body)}`);
      found.push(...data.filter(isRecord));
      $skipToken = memberOf(body, "$skipToken");
      if ($skipToken === undefined || $skipToken === null) return found;
    }
    return found;
  }

  return {
    assignments: async () => (await rows(ASSIGNMENTS)).map(assignmentOf),
    roles: async () => (await rows(ROLES)).map(roleOf),
    machines: async () => (await rows(MACHINES)).flatMap((row) => machineSchema.safeParse(row).data ?? []),
  };
}

const PATH = "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01";
const ASSIGNMENTS =
  "authorizationresources | where type =~ 'microsoft.authorization/roleassignments' | project id, properties";
const ROLES =
  "authorizationresources | where type =~ 'microsoft.authorization/roledefinitions' | project id, properties";
const MACHINES =
  "resources | where type in~ ('microsoft.compute/virtualmachines', 'microsoft.compute/virtualmachinescalesets') | project id, identity";

function assignmentOf(row: Record<string, unknown>): Assignment {
  const text = (name: string): string => textOf(memberOf(row["properties"], name));
  return {
    id: textOf(row["id"]),
    scope: text("scope"),
    roleId: lastPart(text("roleDefinitionId")),
    principalId: text("principalId"),
    principalType: text("principalType") || "Principal",
    description: text("description") || undefined,
    condition: text("condition") || undefined,
    createdOn: text("createdOn") || undefined,
  };
}

function roleOf(row: Record<string, unknown>): Role {
  const permissions = memberOf(row["properties"], "permissions");
  return {
    id: lastPart(textOf(row["id"])),
    name: textOf(memberOf(row["properties"], "roleName")),
    permissions: (Array.isArray(permissions) ? permissions : []).map((each: unknown) => ({
      actions: textsOf(memberOf(each, "actions")),
      notActions: textsOf(memberOf(each, "notActions")),
      dataActions: textsOf(memberOf(each, "dataActions")),
      notDataActions: textsOf(memberOf(each, "notDataActions")),
    })),
  };
}

/** The code of an error that Resource Manager answered, behind a space; else nothing. */
export function codeIn(body: unknown): string {
  const code = textOf(memberOf(memberOf(body, "error"), "code"));
  return code === "" ? "" : ` ${code}`;
}

function memberOf(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(textOf) : [];
}

function lastPart(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
