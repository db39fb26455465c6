import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A program to be run and measured. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** What a run of a program took. Figures that this machine does not tell are NaN. */
export interface Usage {
  readonly seconds: number;
  /** Of the program and what it waited for. */
  readonly cpuSeconds: number;
  /** Of the program or its largest child. */
  readonly peakBytes: number;
}

const SAMPLE_MS = 10;
/** The slowest peer takes half a minute for the largest file. */
const MOST_SECONDS = 180;
const TICKS_A_SECOND = 100;

/**
 * Runs a program to its end and measures it. One at a time: the CPU time is that of all children which end meanwhile. One
 * that does not end within three minutes is killed.
 */
export async function measure({ command, args, env = {}, cwd }: Program): Promise<Usage> {
  const cpuBefore = cpuOfEndedChildren();
  const begun = performance.now();
  const child = spawn(command, args, {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd !== undefined && { cwd }),
  });
  let output = "";
  const hear = (chunk: Buffer): void => {
    if (output.length < 20_000) output += chunk.toString("utf8");
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  let peakBytes = Number.NaN;
  const sampling = setInterval(() => {
    const sample = peakOf(child.pid);
    if (!(sample <= peakBytes)) peakBytes = Number.isNaN(sample) ? peakBytes : sample;
  }, SAMPLE_MS);
  const patience = setTimeout(() => child.kill("SIGKILL"), MOST_SECONDS * 1000);
  try {
    const code = await new Promise<number | string | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (status, signal) => resolve(status ?? signal));
    });
    const seconds = (performance.now() - begun) / 1000;
    if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${String(code)}:\n${output}`);
    return { seconds, cpuSeconds: cpuOfEndedChildren() - cpuBefore, peakBytes };
  } finally {
    clearTimeout(patience);
    clearInterval(sampling);
  }
}

/** Runs several programs one after the other, measured as one. */
export async function measureAll(programs: readonly Program[]): Promise<Usage> {
  const usages: Usage[] = [];
  for (const program of programs) usages.push(await measure(program));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    seconds: sum(usages.map(({ seconds }) => seconds)),
    cpuSeconds: sum(usages.map(({ cpuSeconds }) => cpuSeconds)),
    peakBytes: Math.max(...usages.map(({ peakBytes }) => peakBytes)),
  };
}

/** The process whose command line has all of those parts; NaN when there is none to be seen. */
export function processThat(parts: readonly string[]): number {
  const found = readdirSync("/proc").find((name) => {
    const command = /^\d+$/.test(name) ? (read(`/proc/${name}/cmdline`) ?? "") : "";
    return parts.every((part) => command.includes(part));
  });
  return Number(found ?? Number.NaN);
}

/** The memory that a process has, in bytes: now, and at most so far. NaN where the machine does not tell. */
export function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = read(`/proc/${pid}/status`) ?? "";
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? Number.NaN);
  return { now: kilobytes("VmRSS") * 1024, peak: kilobytes("VmHWM") * 1024 };
}

function peakOf(pid: number | undefined): number {
  if (pid === undefined) return Number.NaN;
  const children = read(`/proc/${pid}/task/${pid}/children`) ?? "";
  const peaks = [pid, ...children.trim().split(" ").filter(Boolean).map(Number)]
    .map((one) => memoryOf(one).peak)
    .filter((peak) => !Number.isNaN(peak));
  return peaks.length === 0 ? Number.NaN : Math.max(...peaks);
}

/** The processor time that a process took so far, in seconds. NaN where the machine does not tell. */
export function cpuSecondsOf(pid: number): number {
  return cpuIn(`/proc/${pid}/stat`, 11);
}

function cpuOfEndedChildren(): number {
  return cpuIn("/proc/self/stat", 13);
}

// Fields of proc_pid_stat(5), counted after the name, which may hold spaces: user time and, after it, system time.
function cpuIn(file: string, field: number): number {
  const stat = read(file);
  if (stat === undefined) return Number.NaN;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[field]) + Number(fields[field + 1])) / TICKS_A_SECOND;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
