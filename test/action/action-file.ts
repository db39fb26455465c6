import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export interface ActionInput {
  readonly description: string;
  readonly required?: boolean;
  readonly default?: string;
}

/** `action.yml` as GitHub reads it. */
export interface ActionFile {
  readonly name: string;
  readonly description: string;
  readonly inputs: Readonly<Record<string, ActionInput>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
  readonly runs: { readonly using: string; readonly main: string };
}

/** Reads `action.yml`. */
export function readActionFile(): ActionFile {
  return parse(readFileSync(join(import.meta.dirname, "../../action.yml"), "utf8")) as ActionFile;
}
