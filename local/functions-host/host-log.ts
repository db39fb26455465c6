import { appendFileSync } from "node:fs";

/** The levels of the Functions host. */
export type LogLevel = "trace" | "debug" | "information" | "warning" | "error" | "critical" | "none";

/** A line of the host's log. `functionName` is missing where the host itself speaks. */
export type LogLine = {
  readonly level: LogLevel;
  readonly functionName?: string | undefined;
  readonly message: string;
};

/** Takes log lines. */
export type HostLog = (line: LogLine) => void;

/** Writes lines to stderr and, when a file is given, as JSON lines with the clock's time. */
export function hostLog(now: () => number, file: string | undefined): HostLog {
  return (line) => {
    if (line.level === "trace" || line.level === "debug" || line.level === "none") return;
    process.stderr.write(`[${line.level}] ${line.functionName ?? "host"}: ${line.message}\n`);
    if (file !== undefined) {
      appendFileSync(file, `${JSON.stringify({ time: new Date(now()).toISOString(), ...line })}\n`);
    }
  };
}
