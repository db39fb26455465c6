// As much of Microsoft Graph as tells who is in a group, and who has an app role of the pipeline's API.
import { type AppRole, appRoles } from "../core/permission.ts";
import type { Certificates } from "./certificates.ts";
import { localGuid } from "./deployment.ts";
import { type JsonAnswer, jsonHandler, listenHttps } from "./listener.ts";
import type { TokenVerifier } from "./world.ts";

const APPLICATION = localGuid("the pipeline's API");
const roles: readonly { readonly id: string; readonly value: string }[] = appRoles.map((value) => ({
  ...{ id: localGuid(value), value },
}));

/** Somebody whom the directory knows. */
export type LocalObject = { readonly id: string; readonly name: string };

/** A group and all its members. */
export type LocalGroup = { readonly name: string; readonly members: readonly LocalObject[] };

/** Somebody who has an app role. */
export type LocalAppRoleHolder = LocalObject & {
  readonly type: "User" | "Group" | "ServicePrincipal";
  readonly role: AppRole;
};

/** A running directory. What it knows may change while it runs; whoever signs in may read it. */
export type LocalGraph = {
  readonly endpoint: string;
  readonly groups: Map<string, LocalGroup>;
  readonly appRoleHolders: LocalAppRoleHolder[];
  stop(): Promise<void>;
};

/** Starts a directory with one application, which has the pipeline's app roles. */
export async function startGraph(
  certificates: Certificates,
  tokens: TokenVerifier,
  audience: string,
): Promise<LocalGraph> {
  const listener = await listenHttps(certificates);
  const { origin } = listener;
  const appRoleHolders: LocalAppRoleHolder[] = [];
  const known = { groups: new Map<string, LocalGroup>(), appRoleHolders };
  listener.serve(
    jsonHandler(async ({ url, method, headers }) => {
      if (!(await tokens.verify(headers.authorization, [origin])))
        return refused(401, "InvalidAuthenticationToken");
      if (method !== "GET") return refused(501, "NotSupportedLocally");
      return answer(known, audience, new URL(url ?? "/", origin));
    }),
  );
  return { endpoint: origin, ...known, stop: () => listener.stop() };
}

function answer(
  { groups, appRoleHolders }: Pick<LocalGraph, "groups" | "appRoleHolders">,
  audience: string,
  { pathname, searchParams }: URL,
): JsonAnswer {
  const [, kind, id = "", part] = /^\/v1\.0\/(\w+)(?:\/([^/]+)(?:\/(\w+))?)?$/.exec(pathname) ?? [];
  const group = groups.get(id);
  switch (`${kind} ${part ?? ""}`) {
    case "groups ":
      return group ? found({ displayName: group.name }) : refused(404, "Request_ResourceNotFound");
    case "groups transitiveMembers":
      return group
        ? found({ value: group.members.map((each) => ({ id: each.id, userPrincipalName: each.name })) })
        : refused(404, "Request_ResourceNotFound");
    case "servicePrincipals ": {
      const isAsked = searchParams.get("$filter") === `servicePrincipalNames/any(name:name eq '${audience}')`;
      return found({ value: isAsked ? [{ id: APPLICATION, appRoles: roles }] : [] });
    }
    case "servicePrincipals appRoleAssignedTo":
      return found({ value: id === APPLICATION ? appRoleHolders.map(assignment) : [] });
    default:
      return refused(501, "NotSupportedLocally");
  }
}

function assignment({ id, name, type, role }: LocalAppRoleHolder): object {
  const appRoleId = roles.find(({ value }) => value === role)?.id;
  return { principalId: id, principalDisplayName: name, principalType: type, appRoleId };
}

function found(body: object): JsonAnswer {
  return { status: 200, body };
}

function refused(status: number, code: string): JsonAnswer {
  return { status, body: { error: { code, message: code } } };
}
