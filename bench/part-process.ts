import { spawn } from "node:child_process";

const GRACE_MS = 5000;

/** Runs a part as a process of its own, to its end or for that many minutes. Gives "done", or how it ended instead. */
export function runPart(
  command: readonly string[],
  { quick, minutes }: { readonly quick: boolean; readonly minutes: number },
): Promise<string> {
  // A group of its own, so that what it has started can be ended with it.
  const child = spawn(process.execPath, [...command, ...(quick ? ["--quick"] : [])], {
    stdio: ["ignore", "ignore", "inherit"],
    detached: true,
  });
  let isLate = false;
  const patience = setTimeout(() => {
    isLate = true;
    endGroup(child.pid, "SIGTERM");
    setTimeout(() => endGroup(child.pid, "SIGKILL"), GRACE_MS);
  }, minutes * 60_000);
  const interrupted = (): void => {
    endGroup(child.pid, "SIGTERM");
    process.exit(130);
  };
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      clearTimeout(patience);
      process.removeListener("SIGINT", interrupted).removeListener("SIGTERM", interrupted);
      endGroup(child.pid, "SIGKILL");
      if (code === 0) resolve("done");
      else resolve(isLate ? `took more than ${minutes} minutes` : `ended with ${String(code ?? signal)}`);
    });
  });
}

function endGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // Nothing of it is left.
  }
}
