import { z } from "zod";
import type { RoleGroup } from "../core/posture/facts.ts";
import type { Patient } from "./patient.ts";

const groupSchema = z.object({ displayName: z.string() });
const membersSchema = z.object({
  value: z.array(
    z.object({ id: z.string(), displayName: z.string().nullish(), userPrincipalName: z.string().nullish() }),
  ),
});

/** More groups than this are not asked for, nor more members of one than Graph gives on a page. */
const MOST_GROUPS = 20;
const MOST_MEMBERS = 999;

/** Who is in these groups, directly or through other groups, as Microsoft Graph tells whoever asks. */
export async function readGroups(
  { credential, graph }: Pick<Patient, "credential" | "graph">,
  ids: readonly string[],
): Promise<readonly RoleGroup[]> {
  async function get<Value>(path: string, schema: z.ZodType<Value>): Promise<Value> {
    const signal = AbortSignal.timeout(20_000);
    const token = await credential.getToken(graph.scope, { abortSignal: signal });
    const response = await fetch(`${graph.endpoint}/v1.0/groups/${path}`, {
      headers: { authorization: `Bearer ${token?.token ?? ""}` },
      signal,
    });
    if (response.status !== 200) throw new Error(`Microsoft Graph answered ${response.status}`);
    return schema.parse(await response.json());
  }
  const read = async (id: string): Promise<RoleGroup> => {
    const { displayName } = await get(`${id}?$select=displayName`, groupSchema);
    const select = "$select=id,displayName,userPrincipalName";
    const { value } = await get(`${id}/transitiveMembers?${select}&$top=${MOST_MEMBERS}`, membersSchema);
    const members = value.map((each) => each.userPrincipalName ?? each.displayName ?? each.id);
    return { id, name: displayName, members };
  };
  return Promise.all(ids.slice(0, MOST_GROUPS).map(read));
}
