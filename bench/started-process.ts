import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const START_SECONDS = 60;
const STOP_SECONDS = 10;

/** A process of the bench's own that serves until its stdin ends. */
export interface StartedProcess {
  /** The first line that it printed. */
  readonly line: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a program of this folder and waits for its first line. Rejects when it ends or is silent instead. */
export async function startProcess(program: string, args: readonly string[]): Promise<StartedProcess> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const line = await new Promise<string>((resolve, reject) => {
    const giveUp = (why: string): void => {
      child.kill("SIGKILL");
      reject(new Error(`${program} ${why}`));
    };
    const patience = setTimeout(() => giveUp(`said nothing for ${START_SECONDS} s`), START_SECONDS * 1000);
    child.once("exit", () => giveUp("ended at its start"));
    createInterface({ input: child.stdout }).once("line", (first) => {
      clearTimeout(patience);
      resolve(first);
    });
  });
  return {
    line,
    pid: child.pid ?? Number.NaN,
    async stop() {
      child.stdin.end();
      const patience = setTimeout(() => child.kill("SIGKILL"), STOP_SECONDS * 1000);
      await ended;
      clearTimeout(patience);
    },
  };
}
