import { readFile, rm, writeFile } from "node:fs/promises";
import { Problem } from "../core/problem.ts";

/**
 * Writes this process's id into `file`, so that only one process at a time works with what lies beside it, and returns
 * how to give it up. A file that a process left behind when it was killed does not count.
 */
export async function takePidFile(file: string, what: string): Promise<() => Promise<void>> {
  for (let attempt = 0; ; attempt++) {
    try {
      await writeFile(file, `${process.pid}\n`, { flag: "wx" });
      return () => rm(file, { force: true });
    } catch (error) {
      const owner = Number(await readFile(file, "utf8").catch(() => ""));
      if (attempt > 2) throw error;
      if (isRunning(owner)) {
        throw new Problem(
          "already-running",
          `${what} is running already, as process ${owner}`,
          `Use that one, or end it first (Ctrl+C where it runs). If process ${owner} is something else, delete ${file}.`,
          { cause: error },
        );
      }
      await rm(file, { force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  // A container that starts again may give its process the number of the one before.
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
