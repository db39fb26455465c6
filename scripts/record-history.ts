import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "../local/arguments.ts";
import { recordHistories } from "../test/simulation/golden.ts";
import { recordings } from "../test/golden/recordings.ts";

const { release } = commandLine(
  { release: { type: "string" } },
  "npm run record-history -- [--release 1.2.0]",
);

// Recorded once, histories show that the stories of today can still tell what began under those of yesterday.
const golden = join(import.meta.dirname, "../test/golden");
const folder = release === undefined ? golden : join(golden, `v${release}`);
if (release !== undefined && existsSync(folder)) {
  throw new Error(`the histories of ${release} are recorded already, and stay as they are: ${folder}`);
}
mkdirSync(folder, { recursive: true });
for (const { file, story, scenario, told } of recordings) {
  const histories = await recordHistories(scenario, story, told?.());
  writeFileSync(join(folder, file), `${JSON.stringify(histories, null, 1)}\n`);
  console.log(`${file}: ${histories.map(({ history }) => `${history.length} events`).join(", ")}`);
}
