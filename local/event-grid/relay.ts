// Event Grid for one source: at least once, in no order, with retries and dead letters.
import type { Clock } from "../clock.ts";
import type { BlobWritten } from "../world.ts";
import { blobEvent, type GridEvent } from "./blob-events.ts";
import { deliver, validateWebhook } from "./delivery.ts";
import { fatesFrom, type Disturbance } from "./disturbance.ts";
import { isDelivered, isFinal, pauseAfter, retryPolicy, type DeliveryStatus } from "./retry-schedule.ts";
import { wants, type EventSubscription } from "./subscriptions.ts";

/** What a relay is made from. */
export type EventGridOptions = {
  readonly clock: Clock;
  /** ARM id of the storage account, or of another source. */
  readonly topic: string;
  /** A perfect line when left out. */
  readonly disturbance?: Disturbance;
};

/** An event that Azure would have given up, with what it writes beside one. */
export type DeadLetter = {
  readonly subscription: string;
  readonly event: GridEvent;
  readonly deadLetterReason:
    "MaxDeliveryAttemptsExceeded" | "TimeToLiveExceeded" | "UndeliverableDueToClientError";
  readonly deliveryAttempts: number;
  readonly lastStatus: DeliveryStatus;
};

/** A relay that runs. */
export interface EventGrid {
  /** Adds a subscription; a webhook must answer the validation handshake first. */
  subscribe(subscription: EventSubscription): Promise<void>;
  /** Raises the event of a written blob. Returns at once. */
  blobWritten(blob: BlobWritten): void;
  /** Raises another event. Returns at once. */
  raise(event: GridEvent): void;
  readonly deadLetters: readonly DeadLetter[];
  /** How many events wait for their next attempt or are being delivered. */
  readonly pending: number;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  /** Gives up whatever is under way. */
  stop(): Promise<void>;
}

/** Starts a relay without subscriptions. */
export function startEventGrid({ clock, topic, disturbance }: EventGridOptions): EventGrid {
  const subscriptions: EventSubscription[] = [];
  const deadLetters: DeadLetter[] = [];
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  const nextFate = fatesFrom(disturbance ?? { seed: 0 });
  let sequence = 0;

  const start = (subscription: EventSubscription, event: GridEvent, delay: number): void => {
    const delivery = clock
      .sleep(delay, stopping.signal)
      .then(() => deliverWithRetries(subscription, event, clock, stopping.signal))
      .then((letter) => {
        if (letter !== undefined) deadLetters.push(letter);
      })
      .catch(() => undefined)
      .finally(() => underWay.delete(delivery));
    underWay.add(delivery);
  };

  const raise = (event: GridEvent): void => {
    if (stopping.signal.aborted) return;
    for (const subscription of subscriptions.filter((candidate) => wants(candidate, event))) {
      for (const delay of nextFate().delays) start(subscription, event, delay);
    }
  };

  return {
    raise,
    deadLetters,
    get pending() {
      return underWay.size;
    },
    subscribe: async (subscription) => {
      await validateWebhook(subscription, topic, clock.now());
      subscriptions.push(subscription);
    },
    blobWritten: (blob) => {
      sequence += 1;
      raise(blobEvent(blob, { topic, time: clock.now(), sequence }));
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(underWay);
    },
  };
}

// An endpoint has 30 seconds to answer; a machine under load gets some real ones, however fast the clock is.
const answerSeconds = 30;
const leastRealMilliseconds = 10_000;

async function deliverWithRetries(
  subscription: EventSubscription,
  event: GridEvent,
  clock: Clock,
  signal: AbortSignal,
): Promise<DeadLetter | undefined> {
  const begun = clock.now();
  const limit = Math.max((answerSeconds * 1000) / clock.speed, leastRealMilliseconds);
  for (let attempt = 1; ; attempt += 1) {
    const lastStatus = await deliver(subscription, event, attempt, limit);
    if (isDelivered(lastStatus)) return undefined;
    signal.throwIfAborted();
    const pause = pauseAfter(attempt, lastStatus);
    const deadLetterReason = reasonToGiveUp(subscription, attempt, lastStatus, clock.now() + pause - begun);
    if (deadLetterReason !== undefined) {
      return {
        subscription: subscription.name,
        event,
        deliveryAttempts: attempt,
        lastStatus,
        deadLetterReason,
      };
    }
    await clock.sleep(pause, signal);
  }
}

function reasonToGiveUp(
  { destination }: EventSubscription,
  attempt: number,
  status: DeliveryStatus,
  ageAtNextAttempt: number,
): DeadLetter["deadLetterReason"] | undefined {
  if (isFinal(status, destination.kind)) return "UndeliverableDueToClientError";
  if (attempt >= retryPolicy.attempts) return "MaxDeliveryAttemptsExceeded";
  return ageAtNextAttempt > retryPolicy.milliseconds ? "TimeToLiveExceeded" : undefined;
}
