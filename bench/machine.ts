import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem, type as osType } from "node:os";

/** The machine that measured, in a line. */
export function machineLine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${first?.model.trim() ?? "unknown processor"}, ${memory} GiB, ${osType()} ${release()}, Node ${process.version}`;
}

/** How busy the machine was, which walls of clocks show and ratios less. */
export function loadLine(): string {
  return loadavg()
    .map((load) => load.toFixed(1))
    .join(", ");
}

/** The commit that was measured; "unknown" outside of a repository. */
export function commitLine(root: string): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}
