import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recordHistories } from "../test/simulation/golden.ts";
import { recordings } from "../test/golden/recordings.ts";

// Recorded once, histories show that the stories of today can still tell what began under those of yesterday.
const folder = join(import.meta.dirname, "../test/golden");
mkdirSync(folder, { recursive: true });
for (const { file, story, scenario } of recordings) {
  const histories = await recordHistories(scenario, story);
  writeFileSync(join(folder, file), `${JSON.stringify(histories, null, 1)}\n`);
  console.log(`${file}: ${histories.map(({ history }) => `${history.length} events`).join(", ")}`);
}
