import type { Operation } from "../../core/operation.ts";
import type { Refusal, Unavailable } from "../../core/refusals.ts";
import { accessPauses } from "../../core/replication.ts";
import type { Accepted, Altered, PlannedRelease, PlannedWave, Refused } from "../story-values.ts";
import { sleep, type Story } from "../vocabulary.ts";
import { type AccessTaken, takeAccess } from "./access-taken.ts";
import { failed, refused } from "./endings.ts";
import { withTurn } from "./one-at-a-time.ts";
import { attempted, isUnavailable, pauseBeforeRetry } from "./patience.ts";
import type { Ending, Telling } from "./telling.ts";

/**
 * Has Azure accept the version in these regions. A fresh grant may take effect late, so a refusal to read is waited
 * out; so are conflicts, throttling and faults. Gives the ending when Azure does not take the version.
 */
export function writeVersion(
  telling: Telling,
  wave: PlannedWave,
  access: AccessTaken,
): Story<Ending | undefined> {
  return writing(telling, () => attempted("putVersion", wave), access);
}

/** The same for the end of our own exclusion from `latest`. */
export function includeVersion(
  telling: Telling,
  planned: PlannedRelease,
  access: AccessTaken,
): Story<Ending | undefined> {
  return writing(telling, () => attempted("includeInLatest", planned), access);
}

/** The same for a change of a version that is there. Gives the ending, too, when the version must not be changed. */
export function changeVersion(
  telling: Telling,
  operation: Operation,
  access: AccessTaken,
): Story<Ending | undefined> {
  return writing(telling, () => attempted("writeUpdate", { operation }), access);
}

type Written = Accepted | Altered | "nothing" | Refused | Unavailable;

function* writing(
  telling: Telling,
  request: () => Story<Written>,
  access: AccessTaken,
): Story<Ending | undefined> {
  const attempts = { access: 0, other: 0 };
  for (;;) {
    const answer = yield* withTurn(access.release.application, request);
    // What has no clear answer may have had its effect.
    access.isInUse ||= isAccepted(answer) || (isUnavailable(answer) && answer.refusal.kind === "transient");
    if (isAccepted(answer)) access.operation = typeof answer === "string" ? null : answer.operation;
    if (isAccepted(answer) || answer === "nothing") return undefined;
    if (answer.state === "altered") {
      access.isInUse = true;
      return failed(answer.reason);
    }
    if (!isUnavailable(answer)) return refused(answer.reason);
    const pause = yield* pauseAfter(answer.refusal, attempts);
    if (pause === undefined) return failed(answer.refusal.reason);
    yield* sleep(pause);
    // Each time anew: it says that this story lives, and brings back what somebody deleted by hand.
    yield* takeAccess(telling, access, { doubt: answer.refusal.kind === "access" });
  }
}

function isAccepted(answer: Written): answer is Accepted {
  return answer === "accepted" || (typeof answer === "object" && answer.state === "accepted");
}

function* pauseAfter(
  refusal: Refusal,
  attempts: { access: number; other: number },
): Story<number | undefined> {
  if (refusal.kind === "access") return accessPauses[attempts.access++];
  return yield* pauseBeforeRetry(refusal, attempts.other++);
}
