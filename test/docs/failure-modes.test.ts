import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { renderInvariants } from "../../scripts/reliability-figures.ts";

const docs = join(import.meta.dirname, "../../docs");
const rows = readFileSync(join(docs, "failure-modes.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| [A-Z]\d+ /.test(line));
const shown = rows.flatMap((row) => {
  const id = /^\| (\w+)/.exec(row)?.[1] ?? "";
  return [...row.matchAll(/\]\(\.\.\/([^)]+)\) “([^”]+)”/g)].map(([, file = "", name = ""]) => ({
    id,
    file,
    name,
  }));
});

describe("docs/failure-modes.md", () => {
  it("has every failure of each group once", () => {
    const groups = { U: 24, E: 29, O: 15, A: 19, R: 14, S: 22 };
    const ids = rows.map((row) => row.split("|")[1]?.trim());

    expect(ids).toEqual(
      Object.entries(groups).flatMap(([letter, count]) =>
        Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
      ),
    );
  });

  it("names only tests that there are", () => {
    const missing = shown.filter(({ file, name }) => {
      const path = join(docs, "..", file);
      return !existsSync(path) || !readFileSync(path, "utf8").includes(name);
    });

    expect(missing).toEqual([]);
    expect(shown.length).toBeGreaterThan(rows.length);
  });

  it("says of a failure that no test shows why there is none", () => {
    const untested = rows.filter(
      (row) => row.trimEnd().endsWith("| –  |") || /\|\s*–\s*\|$/.test(row.trimEnd()),
    );

    expect(untested.filter((row) => !/not yet|does not apply|not prevented|platform/i.test(row))).toEqual([]);
  });
});

describe("docs/reliability.md", () => {
  it("has the sentences that the simulation judges (node scripts/reliability-figures.ts writes them)", async () => {
    expect(readFileSync(join(docs, "reliability.md"), "utf8")).toBe(await renderInvariants());
  });
});
