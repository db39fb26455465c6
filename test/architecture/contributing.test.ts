import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, trackedPaths } from "./tracked-files.ts";

const text = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

describe("CONTRIBUTING.md", () => {
  it("leads only to files and folders that exist", () => {
    const named = [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]*|[\w-]+\.(?:yml|json))`/g)].map(
      ([, path]) => path!,
    );
    const existing = trackedPaths();
    const missing = [...new Set(named)]
      .filter((path) => !path.startsWith("dist/"))
      .filter(
        (path) => !existing.some((file) => file === path || (path.endsWith("/") && file.startsWith(path))),
      );

    expect(named.length).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });

  it("names only commands that package.json has", () => {
    const commands = [...text.matchAll(/(?:^|`)npm (?:run )?([a-z:-]+)/gm)].map(([, command]) => command!);
    const known = [...Object.keys(manifest.scripts), "ci"];

    expect(commands.filter((command) => !known.includes(command))).toEqual([]);
  });
});
