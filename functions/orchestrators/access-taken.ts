import type { Lessee } from "../../core/lease.ts";
import type { Release } from "../../core/naming.ts";
import { Problem, problemFrom } from "../../core/problem.ts";
import type { FoundLessee } from "../story-values.ts";
import { ask, now, self, sleep, type Story, tell } from "../vocabulary.ts";
import { pauseBeforeRetry, secondsSince } from "./patience.ts";
import { beginStep, note, type Telling, tellWith } from "./telling.ts";

/** What a release holds of the access lease, so that it can be given back whatever happens in between. */
export interface AccessTaken {
  readonly release: Release;
  /** The place of packages that the gallery is to read: `vault`, or one of old. */
  readonly place: string;
  /** Null while nothing is held. */
  held: Held | null;
  /** Whether Azure may be reading for this story: then the access outlives it, until the reconciler sees the end. */
  isInUse: boolean;
  /** The address of the operation that Azure accepted last, which tells why it fails if it does. */
  operation: string | null;
}

interface Held {
  readonly leaseId: string;
  readonly lessee: Lessee;
  readonly token: number;
  readonly isForeign: boolean;
  /** When the gallery was asked who it is. */
  readonly foundAt: string;
  /** When the lease was last told that this story lives. */
  beatAt: string;
}

/** Nothing taken yet, for a release whose package lies in that place. */
export function accessFor(release: Release, place = "vault"): AccessTaken {
  const { application, version } = release;
  return { release: { application, version }, place, held: null, isInUse: false, operation: null };
}

/** While all places at the lease are taken, it is asked again: for a day, in a history that stays small. */
const FULL_PAUSES: readonly number[] = [
  ...Array.from({ length: 36 }, () => 400),
  ...Array.from({ length: 20 }, () => 3600),
];

/** A story that lives says so as often as the lease looks its assignment up, six times before it counts as stuck. */
const BEAT_SECONDS = 300;

/** Only an administrator gives the gallery another identity. Where that happens sooner, Azure refuses the write. */
const SAME_IDENTITY_SECONDS = 3600;

/**
 * Has the gallery's present identity allowed to read the place; to be called before every write, however often. `doubt`
 * says that the gallery was refused, so that all is looked up anew. Throws a problem when the access cannot be had.
 */
export function* takeAccess(telling: Telling, access: AccessTaken, { doubt = false } = {}): Story<void> {
  let refusals = 0;
  let waits = 0;
  let found: Found | undefined;
  for (;;) {
    // Hundreds may wait for their turn; the gallery need not tell each of them each time who it is.
    if (waits % 4 === 0) found = undefined;
    found ??= yield* lesseeOf(telling, access, doubt);
    if (found.state === "standing") return;
    if (found.state === "no-such-place") throw noSuchPlace(access.place);
    const answer = yield* acquire(access, found, doubt);
    switch (answer.state) {
      case "held":
        yield* letGoOfOther(access, found.leaseId);
        access.held = {
          leaseId: found.leaseId,
          lessee: { place: access.place, principalId: found.principalId },
          token: answer.token,
          isForeign: answer.role === "foreign",
          foundAt: found.at,
          beatAt: yield* now(),
        };
        return;
      case "unavailable": {
        const pause = yield* pauseBeforeRetry(answer.refusal, refusals++);
        if (pause === undefined) throw problemFrom(answer.refusal.reason);
        yield* sleep(pause);
        found = undefined;
        break;
      }
      default:
        yield* sleep(pauseWhileFull(waits++));
    }
  }
}

type Found = FoundLessee & { readonly at: string };

function* lesseeOf(telling: Telling, { held, place }: AccessTaken, doubt: boolean): Story<Found> {
  if (held && !doubt && (yield* secondsSince(held.foundAt)) < SAME_IDENTITY_SECONDS) {
    const { leaseId, lessee, foundAt } = held;
    return { state: "leased", leaseId, principalId: lessee.principalId, at: foundAt };
  }
  const found = yield* tellWith(telling, "findLessee", { place });
  return { ...found, at: yield* now() };
}

function* acquire(access: AccessTaken, found: Extract<FoundLessee, { state: "leased" }>, doubt: boolean) {
  const lessee = { place: access.place, principalId: found.principalId };
  const [id, at] = [yield* self(), yield* now()];
  return yield* ask("accessLease", found.leaseId, {
    lessee,
    operation: { kind: "acquire", id, at, doubt, ...access.release },
  });
}

/** The gallery may have got another identity since: what the former one was given goes back. */
function* letGoOfOther({ held }: AccessTaken, leaseId: string): Story<void> {
  if (!held || held.leaseId === leaseId) return;
  const [id, at] = [yield* self(), yield* now()];
  const operation = { kind: "release", id, at, token: held.token } as const;
  yield* tell("accessLease", held.leaseId, { lessee: held.lessee, operation });
}

/** Says now and then that the access is still needed; to be called at every look at what needs it. Costs no turn. */
export function* keepAccess({ held, release }: AccessTaken): Story<void> {
  if (!held || (yield* secondsSince(held.beatAt)) < BEAT_SECONDS) return;
  const [id, at] = [yield* self(), yield* now()];
  held.beatAt = at;
  const operation = { kind: "beat", id, at, token: held.token, ...release } as const;
  yield* tell("accessLease", held.leaseId, { lessee: held.lessee, operation });
}

/**
 * Gives the access back: when nobody else needs it, it is taken away some minutes later. While Azure may still be
 * reading it is only left to the reconciler. Safe to repeat.
 */
export function* releaseAccess(telling: Telling, access: AccessTaken): Story<void> {
  const { held } = access;
  if (!held) return;
  yield* beginStep(telling, "release access");
  if (access.isInUse) {
    note(telling, "Azure may still be working on the version, so the gallery's access ends when that does.");
    return;
  }
  const [id, at] = [yield* self(), yield* now()];
  const operation = { kind: "release", id, at, token: held.token } as const;
  yield* tell("accessLease", held.leaseId, { lessee: held.lessee, operation });
  access.held = null;
  if (held.isForeign) {
    note(telling, "Somebody else assigned the gallery's role; it stays as it is.");
    telling.report = { ...telling.report, access: null };
  } else {
    telling.report = { ...telling.report, access: { state: "released", at } };
  }
}

function noSuchPlace(place: string): Problem {
  return new Problem(
    "no-such-place",
    `the pipeline may not let the gallery read ${JSON.stringify(place)}`,
    "Add the container to the setting that lists containers of old packages, and its role, or leave the version as it is.",
  );
}

function pauseWhileFull(waits: number): number {
  const pause = FULL_PAUSES[waits];
  if (pause !== undefined) return pause;
  throw new Problem(
    "lease-crowded",
    "too many releases needed the gallery's access for 24 hours",
    "Submit the release again when others have ended.",
  );
}
