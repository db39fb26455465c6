import type { PostureFacts, RoleGroup } from "./facts.ts";
import { type Finding, type Read, tellerOf } from "./finding.ts";
import { appPrincipals, galleryPrincipal, principalsOf } from "./principals.ts";
import { type Assignment, gives, isSameId, type Power, type Role } from "./role-power.ts";

const GROUP = "Who else can";
const { check, ok, unknown } = tellerOf(GROUP);
const BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
const ACCOUNTS = "Microsoft.Storage/storageAccounts";

/** Whom a power is meant for, by the deployment. */
type Holder = "app" | "gallery" | "administrator";

interface Reach {
  readonly check: string;
  /** Completes "Nobody … can". */
  readonly can: string;
  readonly powers: readonly Power[];
  readonly meant: readonly Holder[];
}

/** A role that somebody was given. */
export interface Held {
  readonly assignment: Assignment;
  readonly role: Role;
}

/** Every principal that can read the vault, or publish around the pipeline, beside those that the deployment means. */
export function powerChecks(facts: PostureFacts): readonly Finding[] {
  const { assignments, roles } = facts;
  const unreadable = reasonOf(assignments) ?? reasonOf(roles);
  if (!("value" in assignments) || !("value" in roles)) {
    const remedy = "See that whoever asks has the role VM Application Access Reader on the subscription.";
    return [unknown("powers", `Role assignments could not be read: ${unreadable ?? ""}`, remedy)];
  }
  const held = heldIn(facts);
  return [
    ...reaches(facts).map((reach) => findingOf(facts, reach, held)),
    onMachines(facts, held),
    ...inGroups(facts),
  ];
}

/** The groups whose members can do any of it, beside those that the deployment means. */
export function groupsWithPower(facts: PostureFacts): readonly string[] {
  const held = heldIn(facts);
  const others = reaches(facts).flatMap((reach) => othersWho(facts, reach, held));
  return groupsAmong(others);
}

/** The ids of the groups that hold any of it, in lower case. */
export function groupsAmong(held: readonly Held[]): readonly string[] {
  return principalsAmong(held.filter(({ assignment }) => assignment.principalType === "Group"));
}

/** The ids of those who hold any of it, in lower case, each once. */
export function principalsAmong(held: readonly Held[]): readonly string[] {
  return [...new Set(held.map(({ assignment }) => assignment.principalId.toLowerCase()))];
}

/** What gives any of these powers. */
export function givingAny(powers: readonly Power[], held: readonly Held[]): readonly Held[] {
  return held.filter(({ assignment, role }) => powers.some((power) => gives(role, assignment.scope, power)));
}

/** All assignments whose role is known. */
export function heldIn({ assignments, roles }: PostureFacts): readonly Held[] {
  if (!("value" in assignments) || !("value" in roles)) return [];
  const named = new Map(roles.value.map((role) => [role.id.toLowerCase(), role]));
  return assignments.value.flatMap((assignment): Held[] => {
    const role = named.get(assignment.roleId.toLowerCase());
    return role ? [{ assignment, role }] : [];
  });
}

function inGroups(facts: PostureFacts): Finding[] {
  const { groups } = facts;
  if (groupsWithPower(facts).length === 0) return [];
  if ("value" in groups) return [ok("group-members", "Who is in the groups that are named here was read.")];
  return [
    unknown(
      "group-members",
      `Whoever is in those groups can do it too; who that is could not be read: ${groups.unreadable}`,
      "Ask with npm run doctor, signed in as somebody who may read groups in Entra ID; or az ad group member list --group ID.",
    ),
  ];
}

function reaches({ places }: PostureFacts): Reach[] {
  const container = (account: string, name: string): string =>
    `${account}/blobServices/default/containers/${name}`;
  const { packagesAccountId: account, galleryId } = places;
  const { hostAccountId: host, functionAppId: app } = places;
  const vault = container(account, "packages");
  return [
    {
      ...{ check: "read-vault", can: "read packages in the vault", meant: ["app", "gallery"] },
      powers: [{ dataAction: `${BLOBS}/read`, at: vault }],
    },
    {
      ...{ check: "write-vault", can: "write into the vault", meant: ["app", "gallery"] },
      powers: [
        { dataAction: `${BLOBS}/write`, at: vault },
        { action: `${ACCOUNTS}/write`, at: account },
        { action: `${ACCOUNTS}/listKeys/action`, at: account },
      ],
    },
    {
      ...{ check: "publish", can: "publish to the gallery around the pipeline", meant: ["app"] },
      powers: [
        { action: "Microsoft.Compute/galleries/applications/versions/write", at: galleryId },
        { action: "Microsoft.Compute/galleries/write", at: galleryId },
      ],
    },
    {
      ...{ check: "assign-roles", can: "give roles on the packages account or the gallery", meant: ["app"] },
      powers: [account, galleryId].map((at) => ({
        action: "Microsoft.Authorization/roleAssignments/write",
        at,
      })),
    },
    {
      ...{ check: "edit-profiles", can: "change profiles", meant: ["administrator", "gallery"] },
      powers: [{ dataAction: `${BLOBS}/write`, at: container(account, "applications") }],
    },
    ...(app === undefined
      ? []
      : [
          {
            ...{ check: "change-app", can: "replace the function app's code or settings", meant: [] },
            powers: ["sites/write", "sites/publish/action", "sites/config/write"].map((each) => ({
              ...{ action: `Microsoft.Web/${each}`, at: app },
            })),
          },
        ]),
    ...(host === undefined
      ? []
      : [
          {
            check: "change-host",
            can: "write on the host account, where code and orchestrations are",
            meant: ["app" as const],
            powers: [
              { dataAction: `${BLOBS}/write`, at: container(host, "deployments") },
              { action: `${ACCOUNTS}/write`, at: host },
              { action: `${ACCOUNTS}/listKeys/action`, at: host },
            ],
          },
        ]),
  ];
}

function findingOf(facts: PostureFacts, reach: Reach, held: readonly Held[]): Finding {
  const others = othersWho(facts, reach, held);
  const principals = principalsAmong(others);
  return check(reach.check, {
    holds: others.length === 0,
    good: `Nobody but the pipeline${reach.meant.includes("administrator") ? "'s administrators" : ""} can ${reach.can}.`,
    bad: `${principals.length} ${principals.length === 1 ? "principal" : "principals"} beside the pipeline can ${reach.can}: ${toldOf(facts, others)}.`,
    remedy: `Take away what is not needed: az role assignment delete --ids ${others.map(({ assignment }) => assignment.id).join(" ")}`,
    otherwise: "warning",
  });
}

function othersWho(facts: PostureFacts, reach: Reach, held: readonly Held[]): readonly Held[] {
  return givingAny(reach.powers, held).filter((each) => !isMeant(facts, reach, each));
}

function isMeant(facts: PostureFacts, { meant }: Reach, { assignment, role }: Held): boolean {
  const isOne = (ids: readonly (string | undefined)[]): boolean =>
    ids.some((id) => id !== undefined && isSameId(id, assignment.principalId));
  return (
    (meant.includes("app") && isOne(appPrincipals(facts))) ||
    (meant.includes("gallery") && isOne([galleryPrincipal(facts)])) ||
    (meant.includes("administrator") && role.name.startsWith("VM Application "))
  );
}

/** Machines whose identity could publish, or read packages: whoever runs commands on them can too. */
function onMachines(facts: PostureFacts, held: readonly Held[]): Finding {
  const { machines } = facts;
  if (!("value" in machines)) {
    return unknown(
      "machines",
      `Machines could not be read: ${machines.unreadable}`,
      "See that Resource Graph answers.",
    );
  }
  const powers = reaches(facts).flatMap((reach) => reach.powers);
  const powerful = principalsAmong(givingAny(powers, held));
  const strong = machines.value.filter(({ identity }) =>
    principalsOf(identity).some(({ id }) => powerful.includes(id.toLowerCase())),
  );
  const runners = held.filter(({ assignment, role }) =>
    strong.some(({ id }) =>
      gives(role, assignment.scope, {
        action: "Microsoft.Compute/virtualMachines/runCommand/action",
        at: id,
      }),
    ),
  );
  const who = runners.length === 0 ? "" : `; ${toldOf(facts, runners)} can run commands there`;
  return check("machines", {
    holds: strong.length === 0,
    good: "No machine's identity can do any of it.",
    bad: `Whoever gets onto ${strong.map(({ id }) => id.split("/").at(-1)).join(", ")} can do some of it, as the machine's identity${who}.`,
    remedy:
      "Take the role from the machine's identity, or give the job an identity of its own (federated credential).",
    otherwise: "warning",
  });
}

/** At most eight holders, each as kind, id and role. */
function toldOf({ machines, groups }: PostureFacts, held: readonly Held[]): string {
  const machineOf = (principalId: string): string | undefined =>
    "value" in machines
      ? machines.value.find(({ identity }) =>
          principalsOf(identity).some(({ id }) => isSameId(id, principalId)),
        )?.id
      : undefined;
  const told = held.map(({ assignment: { principalId, principalType, scope, condition }, role }) => {
    const machine = machineOf(principalId)?.split("/").at(-1);
    const kind = machine === undefined ? principalType : `virtual machine ${machine}`;
    const group = "value" in groups ? groups.value.find(({ id }) => isSameId(id, principalId)) : undefined;
    const who = group ? groupText(group) : `${kind} ${principalId}`;
    return `${who} (${role.name} on ${scope || "/"}${condition ? ", under a condition" : ""})`;
  });
  const distinct = [...new Set(told)];
  const more = distinct.length > 8 ? ` and ${distinct.length - 8} more` : "";
  return distinct.slice(0, 8).join(", ") + more;
}

function groupText({ name, id, members }: RoleGroup): string {
  const some = members
    .slice(0, 5)
    .map((member) => member.name)
    .join(", ");
  const more = members.length > 5 ? " …" : "";
  const count = `${members.length} ${members.length === 1 ? "member" : "members"}`;
  return `Group ${name} ${id} with ${count}${some === "" ? "" : `: ${some}${more}`}`;
}

function reasonOf(read: Read<unknown>): string | undefined {
  return "unreadable" in read ? read.unreadable : undefined;
}
