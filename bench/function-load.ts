import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { numberText, Section } from "./bars.ts";
import { interleaved, median, pairedRatio } from "./interleaved.ts";

const loadedSchema = z.object({
  milliseconds: z.number(),
  cpuMilliseconds: z.number(),
  files: z.array(z.string()),
});

/** What loading an app took. */
export type Loaded = z.infer<typeof loadedSchema>;

/** The packages that the function app is made of. */
const PACKAGES = [
  "@azure/functions",
  "durable-functions",
  "@azure/identity",
  "@azure/storage-blob",
  "@azure/arm-compute",
  "@azure/arm-authorization",
  "zod",
];

const group = "/subscriptions/s/resourceGroups/g/providers";
// Enough for the app to register all that it has.
const settings = {
  PACKAGES_ENDPOINT: "https://packages.blob.core.windows.net",
  PACKAGES_ACCOUNT_ID: `${group}/Microsoft.Storage/storageAccounts/packages`,
  GALLERY_ID: `${group}/Microsoft.Compute/galleries/gallery`,
  EVENT_QUEUE: "blob-events",
};

/** Loads a function app's entry file in a process of its own. */
export function loadFunctions(entry: string): Loaded {
  const output = execFileSync(process.execPath, [join(import.meta.dirname, "load-functions.ts"), entry], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...settings },
  });
  return loadedSchema.parse(JSON.parse(output));
}

/** The function bundle against its dependencies as npm installs them. */
export async function benchFunctionLoad(folder: string, bundle: string, quick: boolean): Promise<Section> {
  const section = new Section("functions");
  mkdirSync(folder, { recursive: true });
  const unbundled = join(folder, "unbundled.cjs");
  writeFileSync(unbundled, PACKAGES.map((name) => `require(${JSON.stringify(name)});\n`).join(""));
  const runs = await interleaved(
    [
      { name: "bundle", run: () => Promise.resolve(loadFunctions(bundle)) },
      { name: "packages", run: () => Promise.resolve(loadFunctions(unbundled)) },
    ],
    quick ? 3 : 9,
  );
  const of = (name: string, figure: (loaded: Loaded) => number): number[] =>
    (runs.get(name) ?? []).map(figure);
  const time = ({ milliseconds }: Loaded): number => milliseconds;
  const cpu = ({ cpuMilliseconds }: Loaded): number => cpuMilliseconds;
  section.tell(
    "loading",
    `bundle ${numberText(median(of("bundle", time)))} ms, unbundled ${numberText(median(of("packages", time)))} ms`,
  );
  section.atMost("load time", pairedRatio(of("bundle", time), of("packages", time)), 0.3, "× unbundled");
  section.tell(
    "processor time of it",
    `${numberText(pairedRatio(of("bundle", cpu), of("packages", cpu)))} × unbundled`,
  );
  section.tell(
    "files read",
    `${runs.get("bundle")?.[0]?.files.length} of ${runs.get("packages")?.[0]?.files.length}`,
  );
  return section;
}
