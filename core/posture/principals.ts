import type { Identities, PostureFacts } from "./facts.ts";
import { isSameId } from "./role-power.ts";

/** The principal that reads packages for the gallery, when the gallery has it. */
export function galleryPrincipal({ gallery, places }: PostureFacts): string | undefined {
  if (!("value" in gallery)) return undefined;
  const { identity } = gallery.value;
  if (places.galleryIdentity === "system") return identity?.principalId ?? undefined;
  return principalsOf(identity).find(({ from }) => isSameId(from, places.galleryIdentity))?.id;
}

/** The function app's principals. */
export function appPrincipals({ app }: PostureFacts): readonly string[] {
  return "value" in app ? principalsOf(app.value.identity).map(({ id }) => id) : [];
}

/** The principals of a resource's identities; `from` is a user-assigned one's id, or empty. */
export function principalsOf(
  identity: Identities | null | undefined,
): readonly { readonly id: string; readonly from: string }[] {
  const assigned = Object.entries(identity?.userAssignedIdentities ?? {});
  return [
    ...(identity?.principalId ? [{ id: identity.principalId, from: "" }] : []),
    ...assigned.flatMap(([from, { principalId }]) => (principalId ? [{ id: principalId, from }] : [])),
  ];
}
