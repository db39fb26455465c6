import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bicep, findBicep } from "./find-bicep.ts";
import { compiledTemplateFaults, infraFolder, infraSourcesHash } from "./infra-sources.ts";

const compiled = join(infraFolder, "main.json");
const hashFile = join(infraFolder, "main.json.sources");

/** Compiles a template of `infra/`. Throws with the compiler's words at any error and any finding of the linter. */
export function compile(bicep: Bicep, template: string): string {
  const folder = mkdtempSync(join(tmpdir(), "infra-"));
  const outfile = join(folder, "compiled.json");
  const file = ["--file", join(infraFolder, template)];
  const source = bicep.command === "az" ? file : file.slice(1);
  const into = ["--outfile", outfile];
  const { status, stderr } = spawnSync(bicep.command, [...bicep.prefix, "build", ...source, ...into], {
    encoding: "utf8",
  });
  const findings = stderr.split("\n").filter((line) => /: (Error|Warning|Info) /.test(line));
  try {
    if (status !== 0 || findings.length > 0) throw new Error(findings.join("\n") || stderr);
    return readFileSync(outfile, "utf8");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function main(isCheck: boolean): void {
  const faults = isCheck ? compiledTemplateFaults() : [];
  for (const fault of faults) console.error(`infra/${fault}`);
  if (faults.length > 0) process.exitCode = 1;
  const bicep = findBicep();
  if (bicep === undefined) {
    console.log("1 skipped: no Bicep compiler");
    if (!isCheck) process.exitCode = 1;
    return;
  }
  // Compiled for its findings: only main.json is kept.
  compile(bicep, "event-grid-trigger.bicep");
  const text = compile(bicep, "main.bicep");
  if (!isCheck) {
    writeFileSync(compiled, text);
    writeFileSync(hashFile, `${infraSourcesHash()}\n`);
    console.log(`infra/main.json is compiled by Bicep ${bicep.version}`);
    return;
  }
  const isThere = existsSync(compiled) ? "" : "; infra/main.json is not there yet (npm run infra:build)";
  console.log(`Bicep ${bicep.version} has no findings${isThere}`);
}

if (import.meta.main) main(process.argv.includes("--check"));
