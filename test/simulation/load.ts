import { thePipeline } from "./pipeline.ts";
import { Random } from "./random.ts";
import { calmScenario, plainSubmission, type Scenario } from "./scenario.ts";
import { SimulatedWorld } from "./simulated-world.ts";
import { PEACE, Trouble } from "./trouble.ts";

const HOUR = 3_600_000;
const REGIONS = [
  ...["eastus", "eastus2", "westeurope", "westus", "northeurope", "japaneast"],
  ...["uksouth", "centralus", "canadacentral", "brazilsouth"],
];

/** What many releases at once came to. */
export interface LoadCarried {
  readonly results: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  /** The most requests to Resource Manager in any hour. */
  readonly writesInAnHour: number;
  readonly readsInAnHour: number;
  readonly longestHistory: number;
  readonly largestEntityBytes: number;
  readonly virtualMinutes: number;
}

/** Publishes so many releases of `applications` applications to ten regions, all submitted within a minute. */
export async function carryLoad(releases: number, applications: number): Promise<LoadCarried> {
  const random = new Random(1);
  const world = new SimulatedWorld({
    ...{ random, scenario: manyReleases(releases, applications), pipeline: thePipeline(), traces: false },
    trouble: (now) => new Trouble(random, now, PEACE),
  });
  const begin = world.schedule.now();
  await world.run();
  const { instances } = world.host.hub;
  const results: Record<string, number> = {};
  for (const outcome of world.results.values()) results[outcome] = (results[outcome] ?? 0) + 1;
  return {
    results,
    violations: world.violations.map(({ invariant, text }) => `${invariant}: ${text}`),
    writesInAnHour: mostInAnHour(world.watcher.requestTimes.writes),
    readsInAnHour: mostInAnHour(world.watcher.requestTimes.reads),
    longestHistory: Math.max(...[...instances.values()].map(({ history }) => history.length)),
    largestEntityBytes: world.watcher.largestEntityBytes,
    virtualMinutes: Math.round((world.schedule.now() - begin) / 60_000),
  };
}

function manyReleases(releases: number, applications: number): Scenario {
  const submissions = Array.from({ length: releases }, (_, index) =>
    plainSubmission({
      application: `app-${index % applications}`,
      version: `1.${Math.floor(index / applications)}.0`,
      folder: `run-${index}-1-0a1b2c3d`,
      at: (index % 60) * 1000,
      targetRegions: REGIONS,
    }),
  );
  return { ...calmScenario(submissions), slowestReplicationSeconds: 1200, slowestPropagationSeconds: 120 };
}

function mostInAnHour(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [index, time] of sorted.entries()) {
    while ((sorted[first] ?? time) <= time - HOUR) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
