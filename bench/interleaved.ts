/** What is compared: a name and one run that gives figures. */
export interface Contestant<Figures> {
  readonly name: string;
  readonly run: () => Promise<Figures>;
  /** Of a contestant that may fail: is told why, and goes on without it. Otherwise a failure ends the whole. */
  readonly onFailure?: (why: Error) => void;
}

/** All counted runs of a contestant, in the order of the rounds. */
export type Runs<Figures> = ReadonlyMap<string, readonly Figures[]>;

/**
 * Runs the contestants in turns, A B C A B C, so that a busy moment of the machine hits all of them. Before the rounds,
 * the first so many of them run once without being counted.
 */
export async function interleaved<Figures>(
  contestants: readonly Contestant<Figures>[],
  rounds: number,
  warmingUp = contestants.length,
): Promise<Runs<Figures>> {
  const runs = new Map<string, Figures[]>();
  const failed = new Set<string>();
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { name, run, onFailure }] of contestants.entries()) {
      if (failed.has(name) || (round === 0 && index >= warmingUp)) continue;
      try {
        const figures = await run();
        if (round > 0) runs.set(name, [...(runs.get(name) ?? []), figures]);
      } catch (error) {
        if (!onFailure) throw error;
        onFailure(error instanceof Error ? error : new Error(String(error)));
        failed.add(name);
        runs.delete(name);
      }
    }
  }
  return runs;
}

/** The middle value; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}

/** The median of the ratios round by round. */
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)));
}
