import { badInputs, judgeInputs } from "../test/simulation/bad-inputs.ts";
import { crashEverywhere } from "../test/simulation/crash-everywhere.ts";
import { carryLoad } from "../test/simulation/load.ts";
import { deliverMany } from "../test/simulation/many-events.ts";
import { mutants } from "../test/simulation/mutants.ts";
import { thePipeline } from "../test/simulation/pipeline.ts";
import { crashScenarios } from "../test/simulation/scenario.ts";
import { simulate } from "../test/simulation/simulate.ts";
import { type Figure, writeFigures } from "./reliability-figures.ts";

// Everything that the tests try at a smaller size, at its full one. Takes a quarter of an hour.
const proofs: Readonly<Record<string, () => Promise<Figure>>> = {
  mutants: proveMutants,
  crashes: proveCrashes,
  events: proveEvents,
  load: proveLoad,
  flood: proveFlood,
  inputs: proveInputs,
};

const wanted = process.argv.slice(2);
for (const [name, prove] of Object.entries(proofs)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const figure = await prove();
  console.log(`${figure.what}: ${figure.size}: ${figure.result}`);
  await writeFigures([figure]);
}

async function proveMutants(): Promise<Figure> {
  const caught: string[] = [];
  for (const [name, mutation] of Object.entries(mutants)) {
    const pipeline = thePipeline(mutation);
    let seeds = 0;
    for (let seed = 1; seed <= 300; seed += 1) {
      if ((await simulate(seed, { pipeline })).violations.length > 0) seeds += 1;
    }
    caught.push(`${name} by ${seeds}`);
  }
  return {
    what: "Mutants of the lease",
    size: `${caught.length} mutants × 300 seeds`,
    result: `caught: ${caught.join(", ")}`,
    seeds: "1–300",
  };
}

async function proveCrashes(): Promise<Figure> {
  const told: string[] = [];
  let different = 0;
  for (const [name, scenario] of crashScenarios) {
    const crashed = await crashEverywhere(scenario, 3);
    told.push(`${name} ${crashed.moments} moments`);
    different += crashed.different.length;
    for (const line of crashed.different) console.log(`${name} ${line}`);
  }
  return {
    what: "Crash at every step",
    size: `${told.join(", ")}; each 1 to 3 times in a row`,
    result: `${different} runs ended otherwise`,
    seeds: "–",
  };
}

async function proveEvents(): Promise<Figure> {
  const came = await deliverMany(1, 5000, 100_000);
  const once = [...came.results.values()].filter((times) => times === 1).length;
  return {
    what: "Events",
    size: "100,000 events of 5,000 submissions: duplicate, reordered, late, stale, foreign, forged",
    result: `${once} results, each once; ${came.results.size - once} more than once`,
    seeds: "1",
  };
}

async function proveLoad(): Promise<Figure> {
  const carried = await carryLoad(500, 50);
  const { writesInAnHour, readsInAnHour, longestHistory, largestEntityBytes, virtualMinutes } = carried;
  return {
    what: "Load",
    size: "500 releases of 50 applications to 10 regions at once",
    result:
      `${carried.results["published"] ?? 0} published in ${virtualMinutes} min; at most ${writesInAnHour} writes and ` +
      `${readsInAnHour} reads an hour; longest history ${longestHistory} events, largest entity ` +
      `${largestEntityBytes} bytes; ${carried.violations.length} violations`,
    seeds: "1",
  };
}

async function proveFlood(): Promise<Figure> {
  const { results, violations, virtualMinutes, longestHistory, largestEntityBytes } = await carryLoad(250, 1);
  return {
    what: "Flood",
    size: "250 releases of one application to 10 regions at once",
    result:
      `${results["published"] ?? 0} published in ${virtualMinutes} min, a hundred begun an hour; longest history ` +
      `${longestHistory} events, largest entity ${largestEntityBytes} bytes; ${violations.length} violations`,
    seeds: "1",
  };
}

async function proveInputs(): Promise<Figure> {
  const each = 50_000;
  const judged = await judgeInputs(badInputs, each, 1);
  const failures = judged.filter(({ failure }) => failure !== undefined);
  for (const { name, failure } of failures) console.log(`${name}: ${failure ?? ""}`);
  return {
    what: "Bad inputs",
    size: `${(each * judged.length).toLocaleString("en")} of ${judged.length} kinds`,
    result: `${failures.length} kinds with a crash or an unsafe input accepted`,
    seeds: "1",
  };
}
