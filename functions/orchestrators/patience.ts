import { jittered } from "../../core/jitter.ts";
import { problemFrom, type Reason } from "../../core/problem.ts";
import { readable, type Refusal, type Unavailable } from "../../core/refusals.ts";
import { secondsBetween } from "../../core/report.ts";
import {
  type ActivityName,
  call,
  type Input,
  now,
  type Output,
  self,
  sleep,
  type Story,
} from "../vocabulary.ts";

/** An activity's answer when Azure did what was asked. */
export type Settled<Name extends ActivityName> = Exclude<Output<Name>, Unavailable>;

/** Pauses between attempts at what passes by itself: growing, 31 minutes in all. */
const PAUSES: readonly number[] = [5, 10, 20, 30, 60, 60, 120, 120, 180, 240, 300, 300, 420];

/** What nobody foresaw is tried this often, in case a machine stopped in the middle. */
const SURPRISES = 3;

/**
 * How long to wait before attempt `attempt` + 1, or undefined when it is time to give up. Each story waits a little
 * differently, so that those which were refused together do not come again together.
 */
export function* pauseBeforeRetry(refusal: Refusal, attempt: number): Story<number | undefined> {
  const pause = PAUSES[attempt];
  if (refusal.kind === "final" || pause === undefined) return undefined;
  if (refusal.reason.code === "unexpected" && attempt + 1 >= SURPRISES) return undefined;
  return jittered(Math.max(pause, refusal.retryAfterSeconds ?? 0), `${yield* self()} ${attempt}`);
}

/** Calls an activity until Azure does what it asks. Throws the reason as a problem when that does not come to pass. */
export function patiently<Name extends ActivityName>(name: Name, input: Input<Name>): Story<Settled<Name>>;
export function* patiently(name: ActivityName, input: Input<ActivityName>): Story<unknown> {
  for (let attempt = 0; ; attempt++) {
    const answer = yield* attempted(name, input);
    if (!isUnavailable(answer)) return answer;
    const pause = yield* pauseBeforeRetry(answer.refusal, attempt);
    if (pause === undefined) throw problemFrom(answer.refusal.reason);
    yield* sleep(pause);
  }
}

/** Calls an activity once; what it throws is an answer too. */
export function attempted<Name extends ActivityName>(
  name: Name,
  input: Input<Name>,
): Story<Output<Name> | Unavailable>;
export function* attempted(name: ActivityName, input: Input<ActivityName>): Story<unknown> {
  try {
    return yield* call(name, input);
  } catch (error) {
    return { state: "unavailable", refusal: { kind: "transient", reason: unexpected(error) } };
  }
}

/** Whether an activity's answer is that Azure did not do what was asked. */
export function isUnavailable(answer: unknown): answer is Unavailable {
  return typeof answer === "object" && answer !== null && "state" in answer && answer.state === "unavailable";
}

/** The reason that something nobody foresaw is told with. */
export function unexpected(error: unknown): Reason {
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: "unexpected",
    message: `the pipeline met something unforeseen: ${readable(message)}`,
    nextStep: "Look at the function app's log around this time; submit the release again when it is mended.",
  };
}

/** The whole seconds since that time. */
export function* secondsSince(begin: string): Story<number> {
  return secondsBetween(begin, yield* now());
}
