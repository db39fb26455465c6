import { setTimeout as delay } from "node:timers/promises";

/** Time as the Action needs it; tests bring their own. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number;
  /** The time of day, to compare with times that others wrote. */
  date(): Date;
  sleep(seconds: number): Promise<void>;
}

/** The machine's clock. */
export const machineClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: (seconds) => delay(seconds * 1000),
};
