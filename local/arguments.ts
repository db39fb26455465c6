import { parseArgs, type ParseArgsConfig } from "node:util";
import { Problem } from "../core/problem.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** The command line's options as texts and flags, or a problem that shows the usage. */
export function commandLine<const Named extends Options>(options: Named, usage: string) {
  try {
    return parseArgs({ options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const message = error instanceof Error ? (error.message.split(". To specify")[0] ?? "") : String(error);
    throw new Problem("usage", message, `Usage: ${usage}`, { cause: error });
  }
}
