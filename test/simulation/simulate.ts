import { type Pipeline, thePipeline } from "./pipeline.ts";
import { Random } from "./random.ts";
import { type ScenarioLimits, scenarioOf } from "./scenario.ts";
import { SimulatedWorld, type Violation } from "./simulated-world.ts";
import { Trouble, type TroubleRates, TROUBLES } from "./trouble.ts";

/** What came of one seed. */
export interface SeedResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** Crashes, faults, steps and the like, by name. */
  readonly counts: Readonly<Record<string, number>>;
  readonly results: readonly string[];
  /** What happened, line by line, when it was asked for. */
  readonly trace: readonly string[];
}

export interface SimulationOptions {
  readonly pipeline?: Pipeline;
  readonly rates?: TroubleRates;
  readonly limits?: ScenarioLimits;
  readonly traces?: boolean;
}

/** What the pipeline stands today. */
const LIMITS: ScenarioLimits = { kills: true, losesEvents: true, wipes: true };

/** Runs the pipeline through everything that the seed has in store. The same seed gives the same run. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SeedResult> {
  const random = new Random(seed);
  const scenario = scenarioOf(random, options.limits ?? LIMITS);
  const world = new SimulatedWorld({
    random,
    scenario,
    pipeline: options.pipeline ?? thePipeline(),
    trouble: (now) => new Trouble(random, now, options.rates ?? TROUBLES),
    traces: options.traces ?? false,
  });
  await world.run();
  return {
    seed,
    violations: world.violations,
    counts: { ...world.trouble.counts, ...world.host.counts, ...world.watcher.counts },
    results: [...world.results.values()],
    trace: world.lines ?? [],
  };
}
