// As much of Microsoft Graph as tells who is in a group.
import type { IncomingMessage } from "node:http";
import type { Certificates } from "./certificates.ts";
import { type JsonAnswer, jsonHandler, listenHttps } from "./listener.ts";
import type { TokenVerifier } from "./world.ts";

/** A group and the names of all its members. */
export type LocalGroup = { readonly name: string; readonly members: readonly string[] };

/** A running directory. Groups may be added while it runs; whoever signs in may read them. */
export type LocalGraph = {
  readonly endpoint: string;
  readonly groups: Map<string, LocalGroup>;
  stop(): Promise<void>;
};

/** Starts a directory without groups. */
export async function startGraph(certificates: Certificates, tokens: TokenVerifier): Promise<LocalGraph> {
  const listener = await listenHttps(certificates);
  const { origin } = listener;
  const groups = new Map<string, LocalGroup>();
  listener.serve(jsonHandler((request) => answer(groups, origin, tokens, request)));
  return { endpoint: origin, groups, stop: () => listener.stop() };
}

async function answer(
  groups: ReadonlyMap<string, LocalGroup>,
  origin: string,
  tokens: TokenVerifier,
  { url, method, headers }: IncomingMessage,
): Promise<JsonAnswer> {
  if (!(await tokens.verify(headers.authorization, [origin])))
    return refused(401, "InvalidAuthenticationToken");
  const path = new URL(url ?? "/", origin).pathname;
  const [, id = "", members] = /^\/v1\.0\/groups\/([^/]+)(\/transitiveMembers)?$/.exec(path) ?? [];
  if (method !== "GET" || id === "") return refused(501, "NotSupportedLocally");
  const group = groups.get(id);
  if (!group) return refused(404, "Request_ResourceNotFound");
  if (members === undefined) return { status: 200, body: { displayName: group.name } };
  return {
    status: 200,
    body: { value: group.members.map((userPrincipalName) => ({ id, userPrincipalName })) },
  };
}

function refused(status: number, code: string): JsonAnswer {
  return { status, body: { error: { code, message: code } } };
}
