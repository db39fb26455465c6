import * as z from "zod";
import type { DirectoryObject, RoleGroup } from "../core/posture/facts.ts";
import type { Patient } from "./patient.ts";

type Directory = Pick<Patient, "credential" | "graph">;

const groupSchema = z.object({ displayName: z.string() });
const membersSchema = z.object({
  value: z.array(
    z.object({ id: z.string(), displayName: z.string().nullish(), userPrincipalName: z.string().nullish() }),
  ),
});
const applicationsSchema = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      appRoles: z.array(z.object({ id: z.string(), value: z.string().nullish() })),
    }),
  ),
});
const assignedSchema = z.object({
  value: z.array(
    z.object({
      principalId: z.string(),
      principalType: z.string(),
      principalDisplayName: z.string().nullish(),
      appRoleId: z.string(),
    }),
  ),
});

/** More groups than this are not asked for, nor more of anything than Graph gives on a page. */
const MOST_GROUPS = 20;
const PAGE = 999;
const APPROVE = "Releases.Approve";

/** Who is in these groups, directly or through other groups, as Microsoft Graph tells whoever asks. */
export async function readGroups(
  directory: Directory,
  ids: readonly string[],
): Promise<readonly RoleGroup[]> {
  const read = async (id: string): Promise<RoleGroup> => {
    const { displayName } = await get(directory, `groups/${id}?$select=displayName`, groupSchema);
    const query = `$select=id,displayName,userPrincipalName&$top=${PAGE}`;
    const { value } = await get(directory, `groups/${id}/transitiveMembers?${query}`, membersSchema);
    const members = value.map((each) => ({
      id: each.id,
      name: each.userPrincipalName ?? each.displayName ?? each.id,
    }));
    return { id, name: displayName, members };
  };
  return Promise.all(ids.slice(0, MOST_GROUPS).map(read));
}

/** Who has the app role to approve of the API with that audience; groups by their members. */
export async function readApprovers(
  directory: Directory,
  audience: string,
): Promise<readonly DirectoryObject[]> {
  const filter = encodeURIComponent(`servicePrincipalNames/any(name:name eq '${audience}')`);
  const path = `servicePrincipals?$filter=${filter}&$select=id,appRoles`;
  const [api] = (await get(directory, path, applicationsSchema)).value;
  const role = api?.appRoles.find(({ value }) => value === APPROVE);
  if (!api || !role) throw new Error(`the directory has no application ${audience} with the role ${APPROVE}`);
  const all = await get(
    directory,
    `servicePrincipals/${api.id}/appRoleAssignedTo?$top=${PAGE}`,
    assignedSchema,
  );
  const holders = all.value.filter(({ appRoleId }) => appRoleId === role.id);
  const isGroup = ({ principalType }: (typeof holders)[number]): boolean => principalType === "Group";
  const groups = await readGroups(
    directory,
    holders.filter(isGroup).map(({ principalId }) => principalId),
  );
  return [
    ...holders
      .filter((each) => !isGroup(each))
      .map(({ principalId: id, principalDisplayName: name }) => ({ id, name: name ?? id })),
    ...groups.flatMap(({ members }) => members),
  ];
}

async function get<Value>(
  { credential, graph }: Directory,
  path: string,
  schema: z.ZodType<Value>,
): Promise<Value> {
  const signal = AbortSignal.timeout(20_000);
  const token = await credential.getToken(graph.scope, { abortSignal: signal });
  const response = await fetch(`${graph.endpoint}/v1.0/${path}`, {
    headers: { authorization: `Bearer ${token?.token ?? ""}` },
    signal,
  });
  if (response.status !== 200) throw new Error(`Microsoft Graph answered ${response.status}`);
  return schema.parse(await response.json());
}
