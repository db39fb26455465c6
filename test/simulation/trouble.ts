import { AzureRefusal } from "../../functions/ports.ts";
import type { AzureAnswer } from "../../core/refusals.ts";
import type { Random } from "./random.ts";

/** How often things go wrong, as probabilities for each step. */
export interface TroubleRates {
  /** A machine stops before a step, in the middle of it, or before its result is kept. */
  readonly crash: number;
  /** Of the activities that crash, how many go on as zombies. */
  readonly zombie: number;
  /** Resource Manager answers with a fault before or after the effect. */
  readonly arm: number;
  readonly throttle: number;
  readonly storage: number;
}

export const TROUBLES: TroubleRates = { crash: 0.03, zombie: 0.3, arm: 0.1, throttle: 0.02, storage: 0.01 };
export const PEACE: TroubleRates = { crash: 0, zombie: 0, arm: 0, throttle: 0, storage: 0 };

/** What goes wrong, by the seed. From `peaceFrom` on nothing does any more, so that all can come to an end. */
export class Trouble {
  readonly counts = { crashes: 0, zombies: 0, faults: 0, kills: 0 };
  /** Times in which Resource Manager answers nothing but 503. */
  readonly outages: { from: number; to: number }[] = [];
  peaceFrom = Infinity;
  readonly #random: Random;
  readonly #now: () => number;
  readonly #rates: TroubleRates;

  constructor(random: Random, now: () => number, rates: TroubleRates) {
    this.#random = random;
    this.#now = now;
    this.#rates = rates;
  }

  get #isPeace(): boolean {
    return this.#now() >= this.peaceFrom;
  }

  /** Whether a machine stops here, and what becomes of what it was doing. */
  crash(canBeZombie: boolean): "dead" | "zombie" | undefined {
    if (this.#isPeace || !this.#random.chance(this.#rates.crash)) return undefined;
    this.counts.crashes += 1;
    if (!canBeZombie || !this.#random.chance(this.#rates.zombie)) return "dead";
    this.counts.zombies += 1;
    return "zombie";
  }

  /** The fault of a call to that service, if there is one, and whether the call had its effect. */
  fault(service: AzureAnswer["service"]): { error: Error; when: "before" | "after" } | undefined {
    if (this.#isOutage(service)) return this.#made(service, 503, "ServiceUnavailable", "before");
    if (this.#isPeace) return undefined;
    const { arm, throttle, storage } = this.#rates;
    const when = this.#random.chance(0.5) ? "before" : "after";
    if (service === "storage") {
      return this.#random.chance(storage) ? this.#made(service, 500, "InternalError", when) : undefined;
    }
    if (this.#random.chance(throttle)) return this.#made(service, 429, "TooManyRequests", "before");
    if (!this.#random.chance(arm)) return undefined;
    return this.#random.chance(0.5)
      ? this.#made(service, 0, "ETIMEDOUT", when)
      : this.#made(service, 500, "InternalServerError", when);
  }

  #isOutage(service: AzureAnswer["service"]): boolean {
    if (service === "storage") return false;
    const now = this.#now();
    return this.outages.some(({ from, to }) => now >= from && now < to);
  }

  #made(service: AzureAnswer["service"], status: number, code: string, when: "before" | "after") {
    this.counts.faults += 1;
    const retry = status === 429 ? { retryAfterSeconds: this.#random.whole(5, 120) } : {};
    const message = `simulated: ${code}`;
    return { when, error: new AzureRefusal({ service, status, code, message, ...retry }) } as const;
  }
}
