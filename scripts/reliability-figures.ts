import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { invariants } from "../test/simulation/invariants.ts";

const path = join(import.meta.dirname, "../docs/reliability.md");
// Long runs are of the commit at which they began.
const stamp = `\`${commit()}\`, ${new Date().toISOString().slice(0, 10)}`;

/** What one run showed: a row of docs/reliability.md. */
export interface Figure {
  readonly what: string;
  /** How much was tried. */
  readonly size: string;
  readonly result: string;
  /** The seeds it was tried with, so that it can be had again. */
  readonly seeds: string;
}

/** Writes figures into docs/reliability.md with the commit they are of; rows of the same name are replaced. */
export async function writeFigures(figures: readonly Figure[]): Promise<void> {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const [begin, end] = ["<!-- figures -->", "<!-- end of figures -->"];
  const [head = "", rest = ""] = text.split(begin);
  const [table = "", tail] = rest.split(end);
  if (tail === undefined) throw new Error(`docs/reliability.md lacks ${begin} … ${end}`);
  const known = table
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) => [line.split("|")[1]?.trim() ?? "", line] as const);
  const rows = new Map(known);
  for (const { what, size, result, seeds } of figures) {
    rows.set(what, `| ${[what, size, result, seeds, stamp].join(" | ")} |`);
  }
  const lines = [
    "| what | size | result | seeds | commit, date |",
    "|---|---|---|---|---|",
    ...rows.values(),
  ];
  const next = [head, begin, "\n\n", lines.join("\n"), "\n\n", end, tail].join("");
  writeFileSync(path, await format(next, { ...(await resolveConfig(path)), filepath: path }));
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" });
  const changes = git("status", "--porcelain", "--untracked-files=no", "--", "..", ":(top,exclude)docs");
  const isChanged = changes.trim() !== "";
  return `${git("rev-parse", "--short=10", "HEAD").trim()}${isChanged ? " with changes" : ""}`;
}

/** docs/reliability.md with the invariants that the simulation judges. */
export async function renderInvariants(): Promise<string> {
  const text = readFileSync(path, "utf8");
  const [begin, end] = ["<!-- invariants -->", "<!-- end of invariants -->"];
  const [head = "", rest = ""] = text.split(begin);
  const tail = rest.split(end)[1];
  if (tail === undefined) throw new Error(`docs/reliability.md lacks ${begin} … ${end}`);
  const rows = invariants.map(({ id, sentence }) => `| ${id} | ${sentence} |`);
  const next = [
    head,
    begin,
    "\n\n",
    ["| # | sentence |", "|---|---|", ...rows].join("\n"),
    "\n\n",
    end,
    tail,
  ].join("");
  return format(next, { ...(await resolveConfig(path)), filepath: path });
}

if (import.meta.main) writeFileSync(path, await renderInvariants());
