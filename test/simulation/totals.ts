import { simulate, type SimulationOptions } from "./simulate.ts";

/** What many seeds came to. Plain data, so that it can pass from one process to another. */
export interface Totals {
  seeds: number;
  readonly counts: Record<string, number>;
  readonly outcomes: Record<string, number>;
  /** The violated invariants, with the seeds that violate them. */
  readonly violations: Record<string, number[]>;
}

/** What no seed came to. */
export function noTotals(): Totals {
  return { seeds: 0, counts: {}, outcomes: {}, violations: {} };
}

/** Runs the seeds from `first` to `last`, one after the other. */
export async function simulateAll(
  first: number,
  last: number,
  options: SimulationOptions = {},
  onSeed: () => void = () => undefined,
): Promise<Totals> {
  const totals = noTotals();
  for (let seed = first; seed <= last; seed += 1) {
    const { violations, counts, results } = await simulate(seed, options);
    totals.seeds += 1;
    for (const [name, count] of Object.entries(counts)) add(totals.counts, name, count);
    for (const outcome of results) add(totals.outcomes, outcome, 1);
    for (const { invariant } of violations) {
      const seeds = (totals.violations[invariant] ??= []);
      if (seeds.at(-1) !== seed) seeds.push(seed);
    }
    onSeed();
  }
  return totals;
}

/** The totals of all parts. */
export function sumOf(parts: readonly Totals[]): Totals {
  const sum = noTotals();
  for (const part of parts) {
    sum.seeds += part.seeds;
    for (const [name, count] of Object.entries(part.counts)) add(sum.counts, name, count);
    for (const [name, count] of Object.entries(part.outcomes)) add(sum.outcomes, name, count);
    for (const [name, seeds] of Object.entries(part.violations)) {
      (sum.violations[name] ??= []).push(...seeds);
    }
  }
  return sum;
}

/** How many seeds violate something. */
export function violatingSeeds({ violations }: Totals): number[] {
  return [...new Set(Object.values(violations).flat())].sort((a, b) => a - b);
}

function add(sums: Record<string, number>, name: string, count: number): void {
  sums[name] = (sums[name] ?? 0) + count;
}
