import { randomUUID } from "node:crypto";
import type { LocalIdentity } from "../world.ts";
import type { ArmAnswer, Refused } from "./answer.ts";
import { refuse } from "./answer.ts";
import type { ArmContext } from "./context.ts";
import type { SentIdentity } from "./gallery-body.ts";
import { notAuthorized } from "./gate.ts";
import type { GalleryIdentity, GalleryRecord } from "./records.ts";
import { idKey } from "./resource-id.ts";

const assignAction = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action";

/** The identity that a write leaves a gallery with: PUT replaces the user-assigned ones, PATCH adds to them. */
export function identityAfter(
  context: ArmContext,
  caller: LocalIdentity,
  write: {
    readonly method: string;
    readonly sent: SentIdentity;
    readonly before: GalleryIdentity | undefined;
  },
): Refused | { readonly identity: GalleryIdentity | undefined } {
  const { sent, before } = write;
  const type = sent.type ?? before?.type ?? "None";
  const named = Object.entries(sent.userAssignedIdentities ?? {});
  for (const [id, value] of named) {
    const refusal = value === null ? undefined : attachRefusal(context, caller, id);
    if (refusal) return { refusal };
  }
  if (type === "None") return { identity: undefined };
  const removed = new Set(named.filter(([, value]) => value === null).map(([id]) => idKey(id)));
  const added = named.filter(([, value]) => value !== null).map(([id]) => id);
  const kept = write.method === "PATCH" ? (before?.userAssigned ?? []) : [];
  const userAssigned = [...kept.filter((id) => !added.some((other) => idKey(other) === idKey(id))), ...added];
  return {
    identity: {
      type,
      systemPrincipalId: type.includes("SystemAssigned") ? systemPrincipal(context, before) : undefined,
      userAssigned: type.includes("UserAssigned") ? userAssigned.filter((id) => !removed.has(idKey(id))) : [],
    },
  };
}

/** The principals that a gallery reads with, the system-assigned one first. Assumed: which of several is tried first. */
export function principalsOf(context: ArmContext, gallery: GalleryRecord): readonly string[] {
  if (context.clock.now() < gallery.readyAt && gallery.change === "Creating") return [];
  const system = gallery.identity?.systemPrincipalId;
  const users = (gallery.identity?.userAssigned ?? []).flatMap(
    (id) => context.state.identities.get(id)?.principalId ?? [],
  );
  return [...(system === undefined ? [] : [system]), ...users];
}

function systemPrincipal(context: ArmContext, before: GalleryIdentity | undefined): string {
  if (before?.systemPrincipalId !== undefined) return before.systemPrincipalId;
  const principalId = randomUUID();
  context.state.principalMade(principalId);
  return principalId;
}

function attachRefusal(
  context: ArmContext,
  caller: LocalIdentity,
  identityId: string,
): ArmAnswer | undefined {
  if (!context.state.identities.get(identityId)) {
    const message =
      `Failed to perform resource identity operation. Status: 'BadRequest'. Response: ` +
      `'{"error":{"code":"BadRequest","message":"Resource '${identityId}' was not found."}}'.`;
    return refuse(400, { code: "FailedIdentityOperation", message });
  }
  const question = { principalId: caller.principalId, action: assignAction, isDataAction: false };
  if (context.access.isAllowed({ ...question, scope: identityId })) return undefined;
  return refuse(403, {
    code: "LinkedAuthorizationFailed",
    message: notAuthorized(caller, assignAction, identityId),
  });
}
