// `npm run bench`: measures, prints one table, and writes docs/performance.md when everything was measured in full, be it
// in several runs.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { format } from "prettier";
import * as z from "zod";
import { Problem } from "../core/problem.ts";
import { commandLine, runCommand } from "../local/arguments.ts";
import { type Row, type Section, tableOf } from "./bars.ts";
import { modelCost } from "./cost.ts";
import { benchFunctionLoad } from "./function-load.ts";
import { benchLocal } from "./local-releases.ts";
import { commitLine, loadLine, machineLine } from "./machine.ts";
import { MeasuredParts } from "./measured-parts.ts";
import { benchNotice } from "./notice.ts";
import { benchOrchestration } from "./orchestration.ts";
import { benchStartUp } from "./start-up.ts";
import { benchUploads } from "./upload.ts";
import { actionClient, azClient, azcopyClient, type UploadClient } from "./upload-clients.ts";
import { benchVault } from "./vault.ts";

const USAGE = "npm run bench -- [--only PART[,PART]] [--cost] [--quick] [--write]";

const root = resolve(import.meta.dirname, "..");
const folder = join(root, ".local", "bench");
const actionMain = join(root, "dist/action/main.js");
const functionApp = join(root, "dist/functions");
const say = (line: string): void => console.error(line);

await runCommand(main);

async function main(): Promise<void> {
  const flag = { type: "boolean", default: false } as const;
  const options = commandLine({ only: { type: "string" }, cost: flag, quick: flag, write: flag }, USAGE);
  const { quick } = options;
  mkdirSync(folder, { recursive: true });
  const { clients, absent } = uploadClients();
  const [action = actionClient(actionMain, "")] = clients;
  const parts: Readonly<Record<string, () => Promise<Section>>> = {
    start: () => benchStartUp(folder, action, quick),
    upload: () => benchUploads({ folder, clients, quick, say }),
    functions: () => benchFunctionLoad(folder, join(functionApp, "main.cjs"), quick),
    orchestration: benchOrchestration,
    notice: () => benchNotice(functionApp, quick),
    vault: () => benchVault(folder, quick),
    local: () => benchLocal(functionApp, quick, say),
    cost: modelCost,
  };
  const only = options.cost ? ["cost"] : (options.only?.split(",") ?? Object.keys(parts));
  const unknown = only.filter((name) => !(name in parts));
  if (unknown.length > 0) {
    throw new Problem(
      "usage",
      `there is no part ${unknown.join(", ")}`,
      `Parts: ${Object.keys(parts).join(", ")}.`,
    );
  }
  const measured = new MeasuredParts(join(folder, quick ? "quick.json" : "measured.json"));
  for (const name of only) {
    say(`measuring ${name} …`);
    const begun = performance.now();
    const rows = (await parts[name]?.())?.rows ?? [];
    measured.keep(name, {
      rows,
      minutes: (performance.now() - begun) / 60_000,
      load: loadLine(),
      commit: commitLine(root),
      date: new Date().toISOString().slice(0, 10),
    });
  }
  const conditions = [
    `Machine: ${machineLine()}.`,
    `Compared with: ${
      clients
        .slice(1)
        .map(({ name, version }) => `${name} ${version}`)
        .join("; ") || "nobody"
    }.`,
    ...(absent.length > 0 ? [`Left out, because not to be had here: ${absent.join("; ")}.`] : []),
  ];
  console.log(`${tableOf(measured.rows(only))}\n\n${[...conditions, ...measured.lines(only)].join("\n")}`);
  const all = Object.keys(parts);
  if (!quick && (measured.has(all) || options.write)) {
    const lacking = all.filter((name) => !measured.has([name]));
    const left =
      lacking.length > 0 ? [`Not measured yet in full on this machine: ${lacking.join(", ")}.`] : [];
    await writePage(measured.rows(all), [...conditions, ...measured.lines(all), ...left]);
  }
}

function uploadClients(): { readonly clients: readonly UploadClient[]; readonly absent: readonly string[] } {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  const clients: UploadClient[] = [actionClient(actionMain, version)];
  const absent: string[] = [];
  for (const client of [azcopyClient(folder), azClient()]) {
    if (typeof client === "string") absent.push(client);
    else clients.push(client);
  }
  return { clients, absent };
}

async function writePage(rows: readonly Row[], conditions: readonly string[]): Promise<void> {
  const path = join(root, "docs/performance.md");
  const page = [
    "# Performance",
    "What `npm run bench` measured. Times are medians of whole processes, from their start to their exit, run in turns (A B C A",
    "B C …); ratios are medians of the rounds' ratios. Uploads go over TLS to a server that throws the bytes away and answers as",
    "Blob Storage does, in a process of its own. “The link” is played by that server: 250 MB/s in all, 60 MB/s a connection, and",
    "20 ms before each answer, of Entra and GitHub too. Nothing here was measured on Azure.",
    "",
    tableOf(rows),
    "",
    ...conditions.map((line) => `- ${line}`),
  ];
  writeFileSync(path, await format(`${page.join("\n")}\n`, { parser: "markdown", printWidth: 120 }));
}
