import type { Clock } from "../../clock.ts";

/** A moment that somebody waits for, in milliseconds of the clock. */
export type Wait = { readonly key: string; readonly until: number; readonly onDue: () => void };

/** Waits for moments on a clock, a set of them for each owner. */
export class Sleepers {
  readonly #clock: Clock;
  readonly #owners = new Map<string, Map<string, AbortController>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes `waits` the owner's set: goes on with those that it has, starts new ones, gives up the others. */
  keep(owner: string, waits: readonly Wait[]): void {
    const current = this.#owners.get(owner) ?? new Map<string, AbortController>();
    const wanted = new Set(waits.map(({ key }) => key));
    for (const [key, abandon] of current) {
      if (wanted.has(key)) continue;
      current.delete(key);
      abandon.abort();
    }
    for (const wait of waits) {
      if (current.has(wait.key)) continue;
      const abandon = new AbortController();
      current.set(wait.key, abandon);
      void this.#sleep(wait, abandon.signal);
    }
    if (current.size > 0) this.#owners.set(owner, current);
    else this.#owners.delete(owner);
  }

  /** Gives up every wait. */
  clear(): void {
    for (const owner of [...this.#owners.keys()]) this.keep(owner, []);
  }

  async #sleep(wait: Wait, signal: AbortSignal): Promise<void> {
    try {
      // Machine timers may fire a little early, which a fast clock turns into seconds.
      for (;;) {
        const left = wait.until - this.#clock.now();
        if (left <= 0) break;
        await this.#clock.sleep(left, signal);
      }
    } catch {
      return;
    }
    if (!signal.aborted) wait.onDue();
  }
}
