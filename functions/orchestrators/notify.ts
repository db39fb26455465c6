import type { Notification } from "../../core/notification.ts";
import { call, sleep, type Story } from "../vocabulary.ts";

/** What the story is started with. */
export interface Notify {
  readonly notification: Notification;
  /** Which of the configured channels, by their places among them. */
  readonly channels: readonly number[];
}

/** Pauses after an attempt that may succeed later: most of a day in all. */
const PAUSES: readonly number[] = [10, 60, 300, 1800, 7200, 28_800, 43_200];

/** Tells whoever wants to know that a release has ended. What comes of it changes nothing for the release. */
export function* notify({ notification, channels }: Notify): Story<string> {
  const told: string[] = [];
  for (const channel of channels) told.push(yield* deliver(notification, channel));
  return told.join("; ");
}

function* deliver(notification: Notification, channel: number): Story<string> {
  for (let attempt = 0; ; attempt++) {
    const pause = PAUSES[attempt];
    const answer = yield* attempted(notification, channel, pause === undefined);
    if (answer !== "again" || pause === undefined) return answer;
    yield* sleep(pause);
  }
}

function* attempted(notification: Notification, channel: number, isLast: boolean) {
  try {
    return yield* call("deliverNotification", { notification, channel, isLast });
  } catch {
    return "again";
  }
}
