import type { Release } from "./naming.ts";
import type { Unavailable } from "./refusals.ts";

/** Whose role assignment the lease is: an identity's, for a place of packages (`vault`, or one of old). */
export interface Lessee {
  readonly place: string;
  readonly principalId: string;
}

/** An operation that needs the gallery to read. Times are seconds since 1970: the state stays small. */
export interface Holder extends Release {
  /** The instance of the story. */
  readonly id: string;
  /** Tells holders with the same id apart: an instance can be started again under its id. */
  readonly token: number;
  readonly at: number;
  /** When it was last heard of. */
  readonly beat: number;
}

/** What the lease believes of the assignment. `foreign`: somebody else made one, which is used and never deleted. */
export type LeasedRole = "absent" | "present" | "foreign" | "unknown";

/** Who needs the assignment, and what is believed of it. */
export interface Lease {
  readonly role: LeasedRole;
  /** When Azure last confirmed the role. */
  readonly checkedAt: number;
  readonly lastToken: number;
  /** Since when nobody holds it; null while somebody does. */
  readonly emptySince: number | null;
  readonly holders: readonly Holder[];
  /** The latest time that any operation told. */
  readonly seenAt: number;
}

/** A holder by what identifies it. */
export type HolderName = Pick<Holder, "id" | "token">;

/** What the lease can be asked. `at` is the asking story's own time, ISO 8601. */
export type LeaseOperation =
  /** `doubt`: the gallery was refused, so the assignment is looked up however fresh the belief is. */
  | ({ readonly kind: "acquire"; readonly id: string; readonly doubt: boolean } & At & Release)
  | ({ readonly kind: "beat" } & HolderName & At & Release)
  | ({ readonly kind: "release" } & HolderName & At)
  | ({ readonly kind: "look" } & At)
  /** `dead` names holders that are positively dead; `ours`: whether Azure has our assignment, as far as is known. */
  | ({ readonly kind: "sweep"; readonly dead: readonly HolderName[]; readonly ours: boolean | null } & At);

interface At {
  readonly at: string;
}

/** What the lease answers; `unavailable` is "not now", and why. */
export type LeaseAnswer =
  | { readonly state: "held"; readonly token: number; readonly role: LeasedRole }
  | { readonly state: "full" }
  | { readonly state: "let-go"; readonly role: LeasedRole }
  | { readonly state: "seen"; readonly role: LeasedRole; readonly holders: readonly Holder[] }
  | {
      readonly state: "swept";
      readonly role: LeasedRole;
      readonly holders: number;
      /** For how long the assignment has been there although nobody needs it any more. */
      readonly overdueSeconds: number;
      /** Why Azure did not do what the sweep asked for. */
      readonly refusal: Unavailable["refusal"] | null;
    }
  | Unavailable;

/** How the lease is kept. */
export interface LeaseRules {
  /** From the last release to the revocation: longer than a role takes to be felt, so that bursts share one. */
  readonly graceSeconds: number;
}

/** What Azure told when it was asked to grant or to revoke. */
export type Told = { readonly state: "granted" | "foreign" | "revoked" | "absent" } | Unavailable;

/** An operation's result, or the call that it needs first: the only effects that a lease has. */
export type LeaseStep =
  | { readonly lease: Lease; readonly answer: LeaseAnswer }
  | {
      readonly call: "grant" | "revoke";
      readonly resume: (told: Told) => { readonly lease: Lease; readonly answer: LeaseAnswer };
    };

/** More holders than this have to wait: the state must stay below 16 KiB. */
export const MOST_HOLDERS = 50;
/** A burst of acquires asks Azure once. */
const TRUSTED_SECONDS = 60;
/** A holder's beat has the assignment looked up this often, so that one deleted by hand comes back. */
const RECHECK_SECONDS = 300;

// An entity that is new, or whose state was lost, does not know what earlier ones left in Azure.
const unwritten: Lease = {
  role: "unknown",
  checkedAt: 0,
  lastToken: 0,
  emptySince: null,
  holders: [],
  seenAt: 0,
};

/** What an operation makes of a lease: a pure function, with Azure's part at its edge. */
export function leaseStep(
  present: Lease | undefined,
  operation: LeaseOperation,
  rules: LeaseRules,
): LeaseStep {
  const before = present ?? unwritten;
  // Operations may be late and clocks differ: time never goes back.
  const now = Math.max(before.seenAt, Math.floor(Date.parse(operation.at) / 1000));
  const lease = { ...before, seenAt: now };
  switch (operation.kind) {
    case "acquire":
      return acquire(lease, operation, now);
    case "beat":
      return beat(lease, operation, now);
    case "release":
      return release(lease, operation, now, rules);
    case "look":
      return { lease, answer: { state: "seen", role: lease.role, holders: lease.holders } };
    case "sweep":
      return sweep(lease, operation, now, rules);
  }
}

type Of<Kind extends LeaseOperation["kind"]> = Extract<LeaseOperation, { kind: Kind }>;

function acquire(lease: Lease, { id, doubt, application, version }: Of<"acquire">, now: number): LeaseStep {
  const others = lease.holders.filter((holder) => holder.id !== id);
  if (others.length >= MOST_HOLDERS) return { lease, answer: { state: "full" } };
  // Above every token of before, even when the state was lost in between.
  const token = Math.max(lease.lastToken + 1, now);
  const holder: Holder = { id, token, application, version, at: now, beat: now };
  const held = { ...lease, lastToken: token, emptySince: null, holders: [...others, holder] };
  if (!doubt && isUsable(lease.role) && now - lease.checkedAt < TRUSTED_SECONDS) {
    return { lease: held, answer: { state: "held", token, role: lease.role } };
  }
  return {
    call: "grant",
    resume: (told) => {
      // The effect may be there without its answer, so it must be taken away some time, like any other.
      if (told.state === "unavailable") return { lease: settled(unknown(lease), now), answer: told };
      const role = roleTold(told);
      return { lease: { ...held, role, checkedAt: now }, answer: { state: "held", token, role } };
    },
  };
}

/** A holder lives. One that is not known, since the state was lost, is known again. */
function beat(lease: Lease, { id, token, application, version }: Of<"beat">, now: number): LeaseStep {
  const known = lease.holders.find((holder) => holder.id === id);
  const isOutdated = known !== undefined && known.token !== token;
  if (isOutdated || (!known && lease.holders.length >= MOST_HOLDERS)) {
    return { lease, answer: { state: "full" } };
  }
  const others = lease.holders.filter((holder) => holder.id !== id);
  const holder: Holder = { id, token, application, version, at: known?.at ?? now, beat: now };
  const held = {
    ...lease,
    lastToken: Math.max(lease.lastToken, token),
    emptySince: null,
    holders: [...others, holder],
  };
  if (isUsable(lease.role) && now - lease.checkedAt < RECHECK_SECONDS) {
    return { lease: held, answer: { state: "held", token, role: lease.role } };
  }
  return healed(held, now, (role) => ({ state: "held", token, role }));
}

function release(lease: Lease, { id, token }: Of<"release">, now: number, rules: LeaseRules): LeaseStep {
  const holders = lease.holders.filter((holder) => holder.id !== id || holder.token !== token);
  const left = settled({ ...lease, holders }, now);
  if (!isOverdue(left, now, rules)) return { lease: left, answer: { state: "let-go", role: left.role } };
  return revoked(left, now, ({ role }) => ({ state: "let-go", role }));
}

/** Removes exactly the dead ones, then brings Azure to what the rest needs. */
function sweep(lease: Lease, { dead, ours }: Of<"sweep">, now: number, rules: LeaseRules): LeaseStep {
  const isDead = (holder: Holder): boolean =>
    dead.some(({ id, token }) => holder.id === id && holder.token === token);
  const gone = lease.holders.filter(isDead);
  // A dead holder has needed nothing since its last beat.
  const endedAt = gone.length > 0 ? Math.max(...gone.map((holder) => holder.beat)) : now;
  const isAstray = ours === true && !["present", "unknown"].includes(lease.role);
  const left = settled(
    {
      ...lease,
      role: isAstray ? "unknown" : lease.role,
      holders: lease.holders.filter((holder) => !isDead(holder)),
    },
    endedAt,
  );
  const answer = (after: Lease, refusal: Unavailable["refusal"] | null = null): LeaseAnswer => ({
    state: "swept",
    role: after.role,
    holders: after.holders.length,
    overdueSeconds: isOverdue(after, now, rules) ? now - (after.emptySince ?? now) - rules.graceSeconds : 0,
    refusal,
  });
  if (isOverdue(left, now, rules)) return revoked(left, now, answer);
  const isDoubtful = !isUsable(left.role) || (ours === false && left.role === "present");
  const isOld = now - left.checkedAt >= RECHECK_SECONDS;
  if (left.holders.length === 0 || !(isDoubtful || isOld)) return { lease: left, answer: answer(left) };
  return {
    call: "grant",
    resume: (told) => {
      const after = told.state === "unavailable" ? unknown(left) : confirmed(left, roleTold(told), now);
      return { lease: after, answer: answer(after, told.state === "unavailable" ? told.refusal : null) };
    },
  };
}

function healed(lease: Lease, now: number, answer: (role: LeasedRole) => LeaseAnswer): LeaseStep {
  return {
    call: "grant",
    resume: (told) => {
      if (told.state === "unavailable") return { lease: unknown(lease), answer: told };
      const after = confirmed(lease, roleTold(told), now);
      return { lease: after, answer: answer(after.role) };
    },
  };
}

function revoked(
  lease: Lease,
  now: number,
  answer: (after: Lease, refusal: Unavailable["refusal"] | null) => LeaseAnswer,
): LeaseStep {
  return {
    call: "revoke",
    resume: (told) => {
      const isRefused = told.state === "unavailable";
      const after = isRefused
        ? unknown(lease)
        : confirmed(lease, told.state === "foreign" ? "foreign" : "absent", now);
      return { lease: after, answer: answer(after, isRefused ? told.refusal : null) };
    },
  };
}

function isOverdue({ role, emptySince }: Lease, now: number, { graceSeconds }: LeaseRules): boolean {
  const mayBeThere = role === "present" || role === "unknown";
  return mayBeThere && emptySince !== null && now - emptySince >= graceSeconds;
}

function isUsable(role: LeasedRole): boolean {
  return role === "present" || role === "foreign";
}

function roleTold({ state }: Exclude<Told, Unavailable>): LeasedRole {
  return state === "foreign" ? "foreign" : "present";
}

function confirmed(lease: Lease, role: LeasedRole, now: number): Lease {
  return { ...lease, role, checkedAt: now };
}

function unknown(lease: Lease): Lease {
  return { ...lease, role: "unknown" };
}

/** Nobody holds it since that time, unless somebody does or it was so before. */
function settled(lease: Lease, since: number): Lease {
  return { ...lease, emptySince: lease.holders.length > 0 ? null : (lease.emptySince ?? since) };
}
