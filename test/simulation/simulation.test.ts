import { mutants } from "./mutants.ts";
import { thePipeline } from "./pipeline.ts";
import { simulate } from "./simulate.ts";
import { simulateAll, violatingSeeds } from "./totals.ts";

const SEEDS = Number(process.env["SIMULATION_SEEDS"] ?? 300);
const MOST_SEEDS_FOR_MUTANTS = 300;

/** The first seed that finds the mutant out, or undefined when none does. */
async function firstCatch(name: string): Promise<number | undefined> {
  const pipeline = thePipeline(mutants[name]);
  for (let seed = 1; seed <= MOST_SEEDS_FOR_MUTANTS; seed += 1) {
    const { violations } = await simulate(seed, { pipeline });
    if (violations.length > 0) return seed;
  }
  return undefined;
}

describe("the simulation", () => {
  it(`finds nothing wrong with the pipeline in seeds 1 to ${SEEDS}`, async () => {
    const totals = await simulateAll(1, SEEDS);

    expect({ violations: totals.violations, seeds: violatingSeeds(totals) }).toEqual({
      violations: {},
      seeds: [],
    });
    expect(totals.counts["crashes"]).toBeGreaterThan(9 * SEEDS);
    expect(totals.counts["kills"]).toBeGreaterThan(0.1 * SEEDS);
  }, 900_000);

  it.each(Object.keys(mutants))(
    "finds out the mutant: %s",
    async (name) => {
      expect(await firstCatch(name)).toBeDefined();
    },
    900_000,
  );

  it("gives the same run for the same seed", async () => {
    const traces: unknown[] = [];
    // In one line, since the stacks of errors are in the traces.
    for (let run = 0; run < 2; run += 1) traces.push((await simulate(7, { traces: true })).trace);

    expect(traces[1]).toEqual(traces[0]);
  });
});
