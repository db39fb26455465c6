import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { format } from "prettier";
import * as z from "zod";
import { numberText, type Row } from "./bars.ts";

const measuredSchema = z.record(
  z.string(),
  z.object({
    rows: z.array(
      z.object({
        ...{ section: z.string(), what: z.string(), figure: z.string(), bar: z.string() },
        holds: z.boolean().optional(),
      }),
    ),
    minutes: z.number(),
    load: z.string(),
    commit: z.string(),
    date: z.string(),
    machine: z.string(),
  }),
);

/** A part as it was measured last, and under what conditions. */
export type MeasuredPart = z.infer<typeof measuredSchema>[string];

/** What was measured last of each part, kept in a file, so that a page can be made of several runs. */
export class MeasuredParts {
  readonly #file: string;
  readonly #parts: Map<string, MeasuredPart>;

  private constructor(file: string, parts: Map<string, MeasuredPart>) {
    this.#file = file;
    this.#parts = parts;
  }

  static async in(file: string): Promise<MeasuredParts> {
    const kept = existsSync(file) ? measuredSchema.parse(JSON.parse(await readFile(file, "utf8"))) : {};
    return new MeasuredParts(file, new Map(Object.entries(kept)));
  }

  /** Puts a part in the place of what was measured of it before. */
  async keep(name: string, part: MeasuredPart): Promise<void> {
    this.#parts.set(name, part);
    const text = JSON.stringify(Object.fromEntries(this.#parts));
    await writeFile(this.#file, await format(text, { parser: "json", printWidth: 110 }));
  }

  has(name: string): boolean {
    return this.#parts.has(name);
  }

  rows(names: readonly string[]): Row[] {
    return names.flatMap((name) =>
      (this.#parts.get(name)?.rows ?? []).map((row) => ({ ...row, holds: row.holds })),
    );
  }

  /** What each part was measured on, in lines. */
  lines(names: readonly string[]): string[] {
    const measured = names.flatMap((name) => {
      const part = this.#parts.get(name);
      return part ? [{ name, ...part }] : [];
    });
    const machines = [...new Set(measured.map(({ machine }) => machine))];
    return [
      ...machines.map((machine) => {
        const on = measured.filter((part) => part.machine === machine).map(({ name }) => name);
        return `Machine${machines.length > 1 ? ` of ${on.join(", ")}` : ""}: ${machine}.`;
      }),
      ...measured.map(
        ({ name, minutes, load, commit, date }) =>
          `${name}: commit ${commit}, ${date}, ${numberText(minutes)} min; load at its end ${load}.`,
      ),
    ];
  }
}
