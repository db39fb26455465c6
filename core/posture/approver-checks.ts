import type { PostureFacts } from "./facts.ts";
import { type Finding, tellerOf } from "./finding.ts";
import { givingAny, groupsAmong, type Held, heldIn, principalsAmong } from "./power-checks.ts";

const { check, unknown } = tellerOf("Who else can");
const BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";

/** Whether somebody may approve hand drops who can also make them: of these nobody proves who made them. */
export function approverChecks(facts: PostureFacts): readonly Finding[] {
  const { approvers, groups } = facts;
  if (approvers === undefined) return [];
  if ("unreadable" in approvers) return [unseen(approvers.unreadable)];
  if (approvers.value.length === 0) return [];
  const groupIds = groupsThatDrop(facts);
  if (groupIds.length > 0 && "unreadable" in groups) return [unseen(groups.unreadable)];
  const members =
    "value" in groups ? groups.value.filter(({ id }) => groupIds.includes(id.toLowerCase())) : [];
  const droppers = new Set([
    ...principalsAmong(heldByDroppers(facts)),
    ...members.flatMap((group) => group.members.map(({ id }) => id.toLowerCase())),
  ]);
  const both = approvers.value.filter(({ id }) => droppers.has(id.toLowerCase()));
  const names = [...new Set(both.map(({ name }) => name))];
  return [
    check("approvers", {
      holds: both.length === 0,
      good: "Nobody who may approve hand drops can make them.",
      bad: `${names.slice(0, 8).join(", ")}${names.length > 8 ? ` and ${names.length - 8} more` : ""} may approve hand drops and can also write to incoming, so approve what is their own.`,
      remedy:
        "Take one of the two from them: the app role Releases.Approve, or the role that writes to incoming.",
      otherwise: "warning",
    }),
  ];
}

/** The groups whose members can write to the drop box. */
export function groupsThatDrop(facts: PostureFacts): readonly string[] {
  return groupsAmong(heldByDroppers(facts));
}

function heldByDroppers(facts: PostureFacts): readonly Held[] {
  const at = `${facts.places.packagesAccountId}/blobServices/default/containers/incoming`;
  const writing = ["write", "add/action"].map((each) => ({ dataAction: `${BLOBS}/${each}`, at }));
  return givingAny(writing, heldIn(facts));
}

function unseen(why: string): Finding {
  return unknown(
    "approvers",
    `Whether whoever approves hand drops can make them could not be seen: ${why}.`,
    "Ask with npm run doctor, signed in as somebody who may read groups and applications in Entra ID.",
  );
}
