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

/**
 * Runs a command: with its exit code, if it has one, or with 2 and what to do next when it meets a problem. Anything
 * else that is thrown is a fault of ours.
 */
export async function runCommand(main: () => Promise<unknown>): Promise<void> {
  try {
    const exitCode = await main();
    if (typeof exitCode === "number") process.exitCode = exitCode;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    console.error(`${error.message}\n${error.nextStep}`);
    process.exitCode = 2;
  }
}

/** How many times as fast as the real one the local Azure runs, or a problem. */
export function speedFrom(text: string, usage: string): number {
  const speed = Number(text);
  if (speed >= 1 && speed <= 1000) return speed;
  throw new Problem("usage", `--speed "${text}" is not a number from 1 to 1000`, `Usage: ${usage}`);
}
