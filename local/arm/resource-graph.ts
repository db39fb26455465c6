// As much of Azure Resource Graph as asks who may do what.
import * as z from "zod";
import { isWithin } from "../access/grants.ts";
import type { RoleDefinition } from "../access/role-definition.ts";
import { type ArmAnswer, refuse } from "./answer.ts";
import type { ArmCall, ArmContext } from "./context.ts";
import { assignmentId, renderAssignment } from "./role-assignment-form.ts";

const bodySchema = z.object({
  subscriptions: z.array(z.string()).min(1),
  query: z.string(),
  options: z
    .object({
      resultFormat: z.literal("objectArray").optional(),
      authorizationScopeFilter: z
        .enum(["AtScopeAndBelow", "AtScopeAndAbove", "AtScopeExact", "AtScopeAboveAndBelow"])
        .optional(),
      $skipToken: z.string().optional(),
    })
    .optional(),
});

type Row = Readonly<Record<string, unknown>>;

const QUERY =
  /^(?<table>\w+) \| where type (?:=~ '(?<one>[^']+)'|in~ \((?<many>[^)]+)\)) \| project (?<columns>[\w, ]+)$/;
/** Small, so that whoever asks has to turn pages. */
const PAGE = 50;

/** POST of a query: `table | where type =~ '…' | project …`. Rows that the caller may not read are left out. */
export function queryGraph(context: ArmContext, call: ArmCall): ArmAnswer {
  const parsed = bodySchema.safeParse(call.body);
  if (!parsed.success) return badRequest("InvalidQuery", parsed.error.message);
  const { query, options, subscriptions } = parsed.data;
  const { table = "", one, many, columns = "" } = QUERY.exec(query)?.groups ?? {};
  const types = (one ?? many ?? "").split(",").map((each) => each.trim().replaceAll("'", "").toLowerCase());
  const scopes = subscriptions.map((id) => `/subscriptions/${id}`);
  const rows = rowsOf(context, call, table, types, scopes);
  if (!rows) return badRequest("UnknownTable", `The local Resource Graph does not understand: ${query}`);
  const names = columns.split(",").map((each) => each.trim());
  const from = Number(options?.$skipToken ?? 0);
  const page = rows.slice(from, from + PAGE);
  const data = page.map((row) => Object.fromEntries(names.map((name) => [name, row[name] ?? null])));
  const isMore = from + PAGE < rows.length;
  return {
    status: 200,
    body: {
      ...{ totalRecords: rows.length, count: data.length, data, facets: [] },
      ...{ resultTruncated: "false", ...(isMore && { $skipToken: String(from + PAGE) }) },
    },
  };
}

function rowsOf(
  context: ArmContext,
  { caller }: ArmCall,
  table: string,
  types: readonly string[],
  scopes: readonly string[],
): readonly Row[] | undefined {
  const may = (action: string, scope: string): boolean =>
    context.access.isAllowed({ principalId: caller.principalId, action, isDataAction: false, scope });
  if (table === "authorizationresources" && types.includes("microsoft.authorization/roleassignments")) {
    return context.access
      .list()
      .filter(({ scope }) => scopes.some((each) => isWithin(each, scope) || isWithin(scope, each)))
      .filter(({ scope }) => may("Microsoft.Authorization/roleAssignments/read", scope))
      .map((each) => ({ ...renderAssignment(context, each), id: assignmentId(each) }));
  }
  if (table === "authorizationresources" && types.includes("microsoft.authorization/roledefinitions")) {
    return scopes
      .filter((scope) => may("Microsoft.Authorization/roleDefinitions/read", scope))
      .flatMap((scope) => context.access.roles().map((role) => renderRole(scope, role)));
  }
  if (table !== "resources") return undefined;
  return context.state.resources
    .values()
    .filter(({ type }) => types.includes(type.toLowerCase()))
    .filter(({ id, type }) => may(`${type}/read`, id))
    .map((each) => ({ ...each }));
}

function renderRole(scope: string, { id, name, actions, notActions, dataActions }: RoleDefinition): Row {
  return {
    id: `${scope}/providers/Microsoft.Authorization/RoleDefinitions/${id}`,
    properties: {
      roleName: name,
      permissions: [{ actions, notActions, dataActions, notDataActions: [] }],
    },
  };
}

function badRequest(code: string, message: string): ArmAnswer {
  return refuse(400, {
    code: "BadRequest",
    message: "Please provide below info when asking for support",
    details: [{ code, message }],
  });
}
