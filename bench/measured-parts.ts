import { existsSync, readFileSync, writeFileSync } from "node:fs";
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
  }),
);

/** A part as it was measured last, and under what conditions. */
export type MeasuredPart = z.infer<typeof measuredSchema>[string];

/** What was measured last of each part, kept in a file, so that a page can be made of several runs. */
export class MeasuredParts {
  readonly #file: string;
  readonly #parts: Map<string, MeasuredPart>;

  constructor(file: string) {
    this.#file = file;
    const kept = existsSync(file) ? measuredSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : {};
    this.#parts = new Map(Object.entries(kept));
  }

  /** Puts a part in the place of what was measured of it before. */
  keep(name: string, part: MeasuredPart): void {
    this.#parts.set(name, part);
    writeFileSync(this.#file, JSON.stringify(Object.fromEntries(this.#parts), null, 2));
  }

  has(names: readonly string[]): boolean {
    return names.every((name) => this.#parts.has(name));
  }

  rows(names: readonly string[]): Row[] {
    return names.flatMap((name) =>
      (this.#parts.get(name)?.rows ?? []).map((row) => ({ ...row, holds: row.holds })),
    );
  }

  /** What each part was measured on, in lines. */
  lines(names: readonly string[]): string[] {
    return names.flatMap((name) => {
      const part = this.#parts.get(name);
      if (!part) return [];
      const { minutes, load, commit, date } = part;
      return [`${name}: commit ${commit}, ${date}, ${numberText(minutes)} min; load at its end ${load}.`];
    });
  }
}
