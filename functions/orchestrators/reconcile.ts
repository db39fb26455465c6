import type { LeaseAnswer } from "../../core/lease.ts";
import { earlier } from "../../core/report.ts";
import type { LeasedPlace } from "../story-values.ts";
import { ask, call, now, type Story } from "../vocabulary.ts";
import { attempted, isUnavailable, unexpected } from "./patience.ts";

/** What the reconciler is started with. */
export interface Reconcile {
  /** How long ended instances are kept: longer than Event Grid repeats itself. */
  readonly retentionHours: number;
}

/** What came longer ago than this has had its event, if it has one. */
const EVENT_MINUTES = 3;

/**
 * Brings about what nobody else does: starts what no event announced, sweeps the access leases, forgets old instances.
 * Where another function app works, it leaves all to that one. Nothing of it is repeated here, since the next time comes soon. Each part does its work whatever the others meet.
 */
export function* reconcile({ retentionHours }: Reconcile): Story<string> {
  const begun = yield* now();
  const claim = yield* attempted("claimAccount", { at: begun });
  if (isUnavailable(claim)) return yield* logged(`nothing, since ${claim.refusal.reason.message}`);
  const told = [
    yield* startUnfinished(earlier(begun, EVENT_MINUTES * 60)),
    yield* startUnfinishedOperations(earlier(begun, EVENT_MINUTES * 60)),
    yield* giveUpUploads(begun),
    ...(yield* sweepLeases()),
    yield* purge(earlier(begun, retentionHours * 3600)),
  ].filter((line) => line !== "");
  return yield* logged(told.length === 0 ? "nothing to do" : told.join("; "));
}

function* logged(summary: string): Story<string> {
  yield* attempted("log", { line: `reconciled: ${summary}` });
  return summary;
}

function* startUnfinished(before: string): Story<string> {
  const answer = yield* attempted("startUnfinished", { before });
  if (isUnavailable(answer)) return `the drop box could not be read: ${answer.refusal.reason.message}`;
  const { started, unfinished } = answer;
  return started === 0 ? "" : `${started} of ${unfinished} unfinished submissions had no story (lost events)`;
}

function* startUnfinishedOperations(before: string): Story<string> {
  const answer = yield* attempted("startUnfinishedOperations", { before });
  if (isUnavailable(answer)) return `the operations could not be read: ${answer.refusal.reason.message}`;
  const { started, unfinished } = answer;
  return started === 0 ? "" : `${started} of ${unfinished} unfinished operations had no story`;
}

function* giveUpUploads(at: string): Story<string> {
  const count = yield* attempted("expireUploads", { at });
  if (isUnavailable(count)) return `open submissions could not be looked at: ${count.refusal.reason.message}`;
  return count === 0 ? "" : `${count} submissions were opened and never committed`;
}

function* sweepLeases(): Story<string[]> {
  const found = yield* attempted("findLeases", {});
  if (isUnavailable(found)) return [`the access leases could not be found: ${found.refusal.reason.message}`];
  const told: string[] = [];
  for (const place of found) {
    const line = yield* sweepLease(place);
    if (line !== "") told.push(line);
  }
  return told;
}

function* sweepLease({ leaseId, place, principalId, ours }: LeasedPlace): Story<string> {
  const lessee = { place, principalId };
  const at = yield* now();
  const seen = yield* ask("accessLease", leaseId, { lessee, operation: { kind: "look", at } });
  if (seen.state !== "seen") return `the access lease ${leaseId} gave no answer`;
  const dead = seen.holders.length === 0 ? [] : yield* deadAmong(seen.holders, at);
  const operation = { kind: "sweep", dead, ours, at: yield* now() } as const;
  return toldOf(principalId, dead.length, yield* ask("accessLease", leaseId, { lessee, operation }));
}

function* deadAmong(holders: Extract<LeaseAnswer, { state: "seen" }>["holders"], at: string) {
  const dead = yield* attempted("findDeadHolders", { holders, at });
  // Who is dead stays dead: the next sweep finds out.
  return isUnavailable(dead) ? [] : dead;
}

function toldOf(principalId: string, swept: number, answer: LeaseAnswer): string {
  const told = swept === 0 ? [] : [`${swept} dead holders of the gallery's access swept`];
  if (answer.state === "swept" && answer.refusal) {
    const { refusal, overdueSeconds } = answer;
    const since =
      overdueSeconds > 0 ? ` (needed by nobody, overdue by ${Math.floor(overdueSeconds / 60)} min)` : "";
    told.push(`the access of ${principalId} could not be mended${since}: ${refusal.reason.message}`);
  }
  return told.join("; ");
}

function* purge(before: string): Story<string> {
  try {
    const purged = yield* call("purgeFinished", { before });
    return purged === 0 ? "" : `${purged} ended instances forgotten`;
  } catch (error) {
    return unexpected(error).message;
  }
}
