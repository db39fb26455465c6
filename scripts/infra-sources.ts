import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the infrastructure's sources. */
export const infraFolder = join(import.meta.dirname, "../infra");

/** The files that `infra/main.json` is compiled from, by their paths in `infra/`, sorted. */
export function infraSources(folder = infraFolder): string[] {
  return globSync("{**/*.bicep,roles.json,event-filter.json,bicepconfig.json}", { cwd: folder })
    .map((path) => path.replaceAll("\\", "/"))
    .sort();
}

/** One digest of all sources, the same on every system: line ends do not count. */
export function infraSourcesHash(folder = infraFolder): string {
  const hash = createHash("sha256");
  for (const path of infraSources(folder)) {
    const text = readFileSync(join(folder, path), "utf8").replaceAll("\r\n", "\n");
    hash.update(`${path}\n${String(Buffer.byteLength(text))}\n${text}`);
  }
  return hash.digest("hex");
}

/** What is wrong with the compiled template: nothing when there is none, or when it is the compiler's output of these sources. */
export function compiledTemplateFaults(folder = infraFolder): string[] {
  const compiled = join(folder, "main.json");
  if (!existsSync(compiled)) return [];
  const text = readFileSync(compiled, "utf8");
  const faults: string[] = [];
  for (const mark of ["version", "templateHash"]) {
    if (!new RegExp(`"_generator": \\{[^}]*"${mark}": "[^"]+"`).test(text))
      faults.push(`main.json has no generator ${mark}, so it is no compiler's output`);
  }
  const hashFile = join(folder, "main.json.sources");
  const hash = existsSync(hashFile) ? readFileSync(hashFile, "utf8").trim() : "";
  if (hash !== infraSourcesHash(folder))
    faults.push("main.json was compiled from other sources (npm run infra:build)");
  return faults;
}
