import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { orchestrator } from "../../functions/durable.ts";
import { publishRelease } from "../../functions/orchestrators/publish-release.ts";
import { differencesFrom, type GoldenHistory } from "../simulation/golden.ts";
import { thePipeline } from "../simulation/pipeline.ts";
import { breakingEdits, edited } from "./edited-story.ts";
import { recordings } from "./recordings.ts";

/** Where recordings lie: those of today's stories, and those of every release. */
const folders = [".", ...readdirSync(import.meta.dirname).filter((name) => /^v\d/.test(name))];

function historiesOf(file: string, folder = "."): GoldenHistory[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, folder, file), "utf8"));
}

describe("stories", () => {
  it.each(recordings)("tell $file as they did, from every prefix", async ({ file, story }) => {
    const histories = folders.flatMap((folder) => historiesOf(file, folder));

    expect(histories.length).toBeGreaterThanOrEqual(folders.length);
    for (const history of histories) {
      expect(await differencesFrom(history, thePipeline().orchestrators[story])).toEqual([]);
    }
  });

  it("have a recording each", () => {
    const recorded = recordings.map(({ story }) => story);
    expect(Object.keys(thePipeline().orchestrators).filter((name) => !recorded.includes(name))).toEqual([]);
  });

  it.each(recordings)("are recorded in $file without places of the machine", ({ file }) => {
    for (const folder of folders)
      expect(readFileSync(join(import.meta.dirname, folder, file), "utf8")).not.toContain("file://");
  });

  it.each(Object.entries(breakingEdits))("are caught when an edit %s", async (_, edit) => {
    const [history] = historiesOf("publish-release.json");

    const differences = await differencesFrom(history!, orchestrator(edited(publishRelease, edit)));

    expect(differences).not.toEqual([]);
  });
});
