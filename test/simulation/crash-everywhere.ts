import { isDeepStrictEqual } from "node:util";
import { type Pipeline, thePipeline } from "./pipeline.ts";
import { Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import { SimulatedWorld } from "./simulated-world.ts";
import { PEACE, Trouble } from "./trouble.ts";

/** Trouble that lets exactly the chosen ones of all moments crash at which a machine could stop. */
class ChosenCrashes extends Trouble {
  moments = 0;
  readonly #chosen: ReadonlySet<number>;

  constructor(random: Random, now: () => number, chosen: readonly number[]) {
    super(random, now, PEACE);
    this.#chosen = new Set(chosen);
  }

  override crash(): "dead" | undefined {
    if (!this.#chosen.has(this.moments++)) return undefined;
    this.counts.crashes += 1;
    return "dead";
  }
}

/** What a run came to, as far as Azure and people can tell. */
export interface Outcome {
  readonly results: readonly (readonly [string, string])[];
  readonly versions: readonly unknown[];
  /** Writes that changed something: versions, grants, revocations. */
  readonly writes: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

/** A run with crashes at the chosen moments, and how many moments it had. */
export async function runWithCrashes(
  scenario: Scenario,
  chosen: readonly number[],
  pipeline: Pipeline = thePipeline(),
  traces = false,
): Promise<{ moments: number; outcome: Outcome; trace: readonly string[] }> {
  const random = new Random(1);
  let trouble: ChosenCrashes | undefined;
  const world = new SimulatedWorld({
    ...{ random, scenario, pipeline, traces },
    trouble: (now) => (trouble = new ChosenCrashes(new Random(2), now, chosen)),
  });
  await world.run();
  return { moments: trouble?.moments ?? 0, outcome: outcomeOf(world), trace: world.lines ?? [] };
}

function outcomeOf(world: SimulatedWorld): Outcome {
  return {
    results: [...world.results].sort(),
    versions: [...world.gallery.versions.values()].map(({ facts, copies }) => ({
      ...facts,
      states: [...copies.values()].map(({ displayName, failure }) => [displayName, failure]),
    })),
    writes: world.effects,
    violations: world.violations.map(({ invariant, text }) => `${invariant}: ${text}`),
  };
}

/** What crashing at each moment, once to `repeats` times in a row, came to. */
export interface CrashedEverywhere {
  readonly moments: number;
  readonly runs: number;
  /** The runs that ended otherwise than without a crash. */
  readonly different: readonly string[];
}

/** Crashes a scenario at each moment at which a machine can stop, up to `repeats` times in a row. */
export async function crashEverywhere(
  scenario: Scenario,
  repeats: number,
  options: { pipeline?: Pipeline; every?: number; stopsAtFirst?: boolean } = {},
): Promise<CrashedEverywhere> {
  const { pipeline, every = 1, stopsAtFirst = false } = options;
  const calm = await runWithCrashes(scenario, [], pipeline);
  const different: string[] = [];
  let runs = 0;
  for (let moment = 0; moment < calm.moments; moment += every) {
    if (stopsAtFirst && different.length > 0) break;
    for (let times = 1; times <= repeats; times += 1) {
      const chosen = Array.from({ length: times }, (_, index) => moment + index);
      const { outcome } = await runWithCrashes(scenario, chosen, pipeline);
      runs += 1;
      if (!isDeepStrictEqual(outcome, calm.outcome)) {
        different.push(`${chosen.join()}: ${differenceOf(outcome, calm.outcome)}`);
      }
    }
  }
  return { moments: calm.moments, runs, different };
}

function differenceOf(outcome: Outcome, calm: Outcome): string {
  return (Object.keys(calm) as (keyof Outcome)[])
    .filter((key) => !isDeepStrictEqual(outcome[key], calm[key]))
    .map((key) => `${key} ${JSON.stringify(outcome[key])} instead of ${JSON.stringify(calm[key])}`)
    .join("; ");
}
