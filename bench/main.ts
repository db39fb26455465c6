// `npm run bench`: measures, prints one table, and writes docs/performance.md; parts that were not measured this time are
// there as they were measured last.
import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";
import { Problem } from "../core/problem.ts";
import { commandLine, runCommand } from "../local/arguments.ts";
import { type Section, tableOf } from "./bars.ts";
import { modelCost } from "./cost.ts";
import { benchFunctionLoad } from "./function-load.ts";
import { benchLocal } from "./local-releases.ts";
import { commitLine, loadLine, machineLine } from "./machine.ts";
import { MeasuredParts } from "./measured-parts.ts";
import { benchNotice } from "./notice.ts";
import { benchOrchestration } from "./orchestration.ts";
import { runPart } from "./part-process.ts";
import { writePage } from "./performance-page.ts";
import { benchPipeline } from "./pipeline.ts";
import { benchStartUp } from "./start-up.ts";
import { benchUploads } from "./upload.ts";
import { actionClient, azClient, azcopyClient, rcloneClient, type UploadClient } from "./upload-clients.ts";
import { benchVault } from "./vault.ts";

const USAGE = "npm run bench -- [--only PART[,PART]] [--cost] [--quick]";

const root = resolve(import.meta.dirname, "..");
const folder = join(root, ".local", "bench");
const actionMain = join(root, "dist/action/main.js");
const functionApp = join(root, "dist/functions");
const say = (line: string): void => console.error(line);

/** A part, and after how many minutes it is given up. */
interface Part {
  readonly most: number;
  readonly run: (quick: boolean) => Promise<Section>;
}

const parts: Readonly<Record<string, Part>> = {
  start: { most: 2, run: async (quick) => benchStartUp(folder, actionClient(actionMain, ""), quick) },
  upload: { most: 10, run: async (quick) => benchUploads({ folder, quick, say, ...uploadClients() }) },
  pipeline: {
    most: 5,
    run: async (quick) => benchPipeline({ folder, actionMain, functionApp, quick, say }),
  },
  functions: {
    most: 2,
    run: async (quick) => benchFunctionLoad(folder, join(functionApp, "main.cjs"), quick),
  },
  orchestration: { most: 2, run: benchOrchestration },
  notice: { most: 5, run: async (quick) => benchNotice(functionApp, quick) },
  vault: { most: 4, run: async (quick) => benchVault(folder, quick) },
  local: { most: 11, run: async (quick) => benchLocal(functionApp, quick, say) },
  cost: { most: 1, run: modelCost },
};

await runCommand(main);

async function main(): Promise<number> {
  const flag = { type: "boolean", default: false } as const;
  const options = commandLine({ only: { type: "string" }, cost: flag, quick: flag }, USAGE);
  const { quick } = options;
  const all = Object.keys(parts);
  const only = options.cost ? ["cost"] : (options.only?.split(",") ?? all);
  checkNames(only);
  mkdirSync(folder, { recursive: true });
  const measuredFile = quick ? join(folder, "quick.json") : join(root, "bench", "measured.json");
  const [single = ""] = only;
  const failed = only.length === 1 ? [] : await measureEach(only, quick);
  if (only.length === 1) await measureOne(single, quick, await MeasuredParts.in(measuredFile));
  const measured = await MeasuredParts.in(measuredFile);
  console.log(`${tableOf(measured.rows(only))}\n\n${measured.lines(only).join("\n")}`);
  if (!quick) await writePage(join(root, "docs/performance.md"), measured, all);
  for (const why of failed) say(why);
  return failed.length === 0 ? 0 : 1;
}

// Each in a process of its own: what hangs or breaks leaves nothing behind for the next.
async function measureEach(names: readonly string[], quick: boolean): Promise<string[]> {
  const failed: string[] = [];
  for (const name of names) {
    const minutes = parts[name]?.most ?? 1;
    const ending = await runPart([join(import.meta.dirname, "main.ts"), "--only", name], { quick, minutes });
    if (ending !== "done") failed.push(`${name} was not measured: it ${ending}`);
  }
  return failed;
}

async function measureOne(name: string, quick: boolean, measured: MeasuredParts): Promise<void> {
  say(`measuring ${name} …`);
  const begun = performance.now();
  const rows = (await parts[name]?.run(quick))?.rows ?? [];
  await measured.keep(name, {
    rows,
    minutes: (performance.now() - begun) / 60_000,
    load: loadLine(),
    commit: commitLine(root),
    date: new Date().toISOString().slice(0, 10),
    machine: machineLine(),
  });
}

function checkNames(names: readonly string[]): void {
  const unknown = names.filter((name) => !(name in parts));
  if (unknown.length === 0) return;
  const known = Object.keys(parts).join(", ");
  throw new Problem("usage", `there is no part ${unknown.join(", ")}`, `Parts: ${known}.`);
}

function uploadClients(): { readonly clients: readonly UploadClient[]; readonly absent: readonly string[] } {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  const clients: UploadClient[] = [actionClient(actionMain, version)];
  const absent: string[] = [];
  for (const client of [azcopyClient(folder), azClient(), rcloneClient()]) {
    if (typeof client === "string") absent.push(client);
    else clients.push(client);
  }
  return { clients, absent };
}
