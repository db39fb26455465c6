import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../local/clock.ts";

type Sleeper = { readonly wakesAt: number; readonly wake: () => void };

/** A clock that stands still until it is told to go on; what slept wakes in the order of time. */
export class ManualClock implements Clock {
  readonly speed = 1;
  #now: number;
  #sleepers: Sleeper[] = [];

  constructor(now: number = Date.UTC(2026, 0, 5)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** How many sleep at the moment. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const sleeper = { wakesAt: this.#now + milliseconds, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(new Error("sleep aborted"));
      });
    });
  }

  /** Lets time pass, and what wakes in it run. */
  async advance(seconds: number): Promise<void> {
    const until = this.#now + seconds * 1000;
    for (;;) {
      const due = this.#sleepers.filter(({ wakesAt }) => wakesAt <= until);
      const next = due.toSorted((one, other) => one.wakesAt - other.wakesAt)[0];
      if (!next) break;
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.wakesAt);
      next.wake();
      await setImmediate();
    }
    this.#now = until;
    await setImmediate();
  }
}
