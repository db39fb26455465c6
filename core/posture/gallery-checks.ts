import { durationText } from "../duration.ts";
import { PROBE_MARK, ROLE_MARK } from "../role-mark.ts";
import type { PostureFacts } from "./facts.ts";
import { type Finding, judged, tellerOf } from "./finding.ts";
import { galleryPrincipal } from "./principals.ts";
import { type Assignment, covers, isSameId } from "./role-power.ts";

const GROUP = "Gallery and its access";
const { check, ok } = tellerOf(GROUP);

/** A publication that takes longer than this has long been told of as late. */
const LENT_HOURS = 12;

/** Whether the gallery has its identity, and that identity what it needs and nothing more. */
export function galleryChecks(facts: PostureFacts): readonly Finding[] {
  const { places } = facts;
  const principal = galleryPrincipal(facts);
  const identity = judged(
    facts.gallery,
    { group: GROUP, check: "gallery-identity", what: "the gallery" },
    () => [
      check("gallery-identity", {
        holds: principal !== undefined,
        good: `The gallery has the identity that reads packages (${principal ?? ""}).`,
        bad: `The gallery has not the identity that is to read packages (${places.galleryIdentity}).`,
        remedy:
          places.galleryIdentity === "system"
            ? `az sig update --ids ${places.galleryId} --set identity.type=SystemAssigned`
            : "Assign that identity to the gallery, or deploy with the right galleryIdentity.",
      }),
    ],
  );
  if (principal === undefined) return identity;
  const roles = judged(
    facts.assignments,
    { group: GROUP, check: "gallery-role", what: "the role assignments" },
    (all) => roleFindings(facts, principal, all),
  );
  return [...identity, ...roles];
}

function roleFindings(facts: PostureFacts, principal: string, all: readonly Assignment[]): Finding[] {
  const { places } = facts;
  const its = all.filter(({ principalId }) => isSameId(principalId, principal));
  const isNeeded = (each: Assignment): boolean =>
    isSameId(each.roleId, places.role.id) && isSameId(each.scope, places.roleScope);
  const needed = its.filter(isNeeded);
  const reachesPackages = (each: Assignment): boolean =>
    covers(each.scope, places.packagesAccountId) || covers(places.packagesAccountId, each.scope);
  const broader = its.filter((each) => !isNeeded(each) && reachesPackages(each));
  const strangers = all.filter(
    ({ description, principalId }) =>
      description === PROBE_MARK || (description === ROLE_MARK && !isSameId(principalId, principal)),
  );
  return [
    ...(places.access === "standing" ? [standing(facts, needed)] : lent(facts, needed)),
    check("gallery-role-broader", {
      holds: broader.length === 0,
      good: "It has no other role that reaches the packages account.",
      bad: `It has ${broader.length === 1 ? "a role" : `${broader.length} roles`} beside, or broader than, ${places.role.name} on ${places.roleScope}: ${broader.map(({ scope }) => scope || "/").join(", ")}.`,
      remedy: `az role assignment delete --ids ${broader.map(({ id }) => id).join(" ")}`,
      otherwise: "warning",
    }),
    check("left-over-assignments", {
      holds: strangers.length === 0,
      good: "No earlier identity has kept a role that the pipeline, or a probe, gave.",
      bad: `${strangers.length === 1 ? "An earlier identity has" : `${strangers.length} earlier identities have`} kept a role that the pipeline, or a probe, gave.`,
      remedy: `az role assignment delete --ids ${strangers.map(({ id }) => id).join(" ")}`,
      otherwise: "warning",
    }),
  ];
}

function standing({ places }: PostureFacts, needed: readonly Assignment[]): Finding {
  return check("gallery-role", {
    holds: needed.length > 0,
    good: `It has ${places.role.name} for good, as ACCESS=standing says.`,
    bad: `It lacks ${places.role.name} on ${places.roleScope}, and with ACCESS=standing nobody gives it.`,
    remedy:
      "az deployment group create --resource-group GROUP --name main --parameters infra/main.bicepparam",
  });
}

function lent({ places, at }: PostureFacts, needed: readonly Assignment[]): Finding[] {
  const [first] = needed;
  if (!first) return [ok("gallery-role", `${places.role.name} is not lent to it just now.`)];
  if (first.description !== ROLE_MARK) {
    return [
      check("gallery-role", {
        holds: false,
        good: "",
        bad: `Somebody else gave it ${places.role.name}; the pipeline uses that, and never takes it away.`,
        remedy: `az role assignment delete --ids ${first.id}`,
        otherwise: "warning",
      }),
    ];
  }
  const seconds = Math.round((Date.parse(at) - Date.parse(first.createdOn ?? at)) / 1000);
  return [
    check("gallery-role", {
      holds: seconds < LENT_HOURS * 3600,
      good: `${places.role.name} has been lent to it for ${durationText(Math.max(seconds, 0))}.`,
      bad: `${places.role.name} has been lent to it for ${durationText(seconds)}: longer than a publication takes.`,
      remedy: `Look whether something is published; if not, take it away: az role assignment delete --ids ${first.id}`,
      otherwise: "warning",
    }),
  ];
}
