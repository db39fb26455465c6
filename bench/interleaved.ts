/** What is compared: a name and one run that gives figures. */
export interface Contestant<Figures> {
  readonly name: string;
  readonly run: () => Promise<Figures>;
}

/** All counted runs of a contestant, in the order of the rounds. */
export type Runs<Figures> = ReadonlyMap<string, readonly Figures[]>;

/**
 * Runs the contestants in turns, A B C A B C, so that a busy moment of the machine hits all of them. The first round
 * only warms up.
 */
export async function interleaved<Figures>(
  contestants: readonly Contestant<Figures>[],
  rounds: number,
): Promise<Runs<Figures>> {
  const runs = new Map<string, Figures[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const { name, run } of contestants) {
      const figures = await run();
      if (round > 0) runs.set(name, [...(runs.get(name) ?? []), figures]);
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
