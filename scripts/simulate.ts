import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { commandLine } from "../local/arguments.ts";
import { invariants } from "../test/simulation/invariants.ts";
import { simulate } from "../test/simulation/simulate.ts";
import { simulateAll, sumOf, type Totals, violatingSeeds } from "../test/simulation/totals.ts";
import * as z from "zod";
import { writeFigures } from "./reliability-figures.ts";

const WORKERS = 2;
const totalsSchema = z.object({
  seeds: z.number(),
  counts: z.record(z.string(), z.number()),
  outcomes: z.record(z.string(), z.number()),
  violations: z.record(z.string(), z.array(z.number())),
});

const { seed, seeds, from, worker } = commandLine(
  {
    seed: { type: "string" },
    seeds: { type: "string", default: "300" },
    from: { type: "string", default: "1" },
    worker: { type: "boolean", default: false },
  },
  "npm run simulate -- [--seeds 10000 [--from 1] | --seed N]",
);

if (seed !== undefined) await showSeed(Number(seed));
else if (worker) process.stdout.write(JSON.stringify(await simulateAll(Number(from), lastOf(from, seeds))));
else await simulateInWorkers(Number(from), lastOf(from, seeds));

function lastOf(first: string, count: string): number {
  return Number(first) + Number(count) - 1;
}

async function showSeed(number: number): Promise<void> {
  const { trace, violations, counts } = await simulate(number, { traces: true });
  console.log(trace.join("\n"));
  console.table(counts);
  for (const { invariant, text: told } of violations) console.log(`VIOLATION ${invariant}: ${told}`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}

async function simulateInWorkers(first: number, last: number): Promise<void> {
  const each = Math.ceil((last - first + 1) / WORKERS);
  const starts = Array.from({ length: WORKERS }, (_, index) => first + index * each);
  const parts = await Promise.all(
    starts.filter((start) => start <= last).map((start) => inWorker(start, Math.min(each, last - start + 1))),
  );
  const totals = sumOf(parts);
  show(totals);
  await writeFigures([
    {
      what: "Simulation",
      size: `${number(totals.seeds)} seeds, ${number(totals.counts["crashes"])} crashes, ${number(totals.counts["kills"])} kills, ${number(totals.counts["turns"])} turns`,
      result: `${violatingSeeds(totals).length} violating seeds`,
      seeds: `${first}–${last}`,
    },
  ]);
  process.exitCode = violatingSeeds(totals).length > 0 ? 1 : 0;
}

async function inWorker(start: number, count: number): Promise<Totals> {
  const child = spawn(
    process.execPath,
    [
      "--max-semi-space-size=32",
      import.meta.filename,
      "--worker",
      "--from",
      String(start),
      "--seeds",
      String(count),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  return totalsSchema.parse(JSON.parse(await text(child.stdout)));
}

function show(totals: Totals): void {
  console.log(`${totals.seeds} seeds`);
  console.table(totals.counts);
  console.table(totals.outcomes);
  for (const { id, sentence } of invariants) {
    const found = totals.violations[id] ?? [];
    const told =
      found.length === 0 ? "holds" : `VIOLATED by ${found.length}: ${found.slice(0, 10).join(", ")}`;
    console.log(`${id.padEnd(4)} ${sentence.padEnd(86)} ${told}`);
  }
  const bad = violatingSeeds(totals);
  if (bad.length > 0) console.log(`Replay one with: npm run simulate -- --seed ${bad[0]}`);
}

function number(count: number | undefined): string {
  return (count ?? 0).toLocaleString("en");
}
