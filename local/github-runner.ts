import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A step that uses the Action, and the job around it. */
export interface ActionStep {
  /** The bundle, e.g. `dist/action/main.js`. */
  readonly main: string;
  /** Inputs by the names of `action.yml`. */
  readonly with: Readonly<Record<string, string>>;
  readonly workspace: string;
  /** What the job has beside what GitHub sets: trusted authorities, OIDC, a cloud's endpoints. */
  readonly env: Readonly<Record<string, string>>;
  /** GitHub's event that started the workflow. */
  readonly event?: object;
  /** Called for each line that the step prints. */
  readonly onLine?: (line: string) => void;
  /** Ends the step; `killSignal` tells how. */
  readonly signal?: AbortSignal;
  /** Default: SIGKILL, as when a runner dies. A cancelled job gets SIGINT first. */
  readonly killSignal?: NodeJS.Signals;
}

/** What a step leaves behind. */
export interface StepResult {
  readonly exitCode: number | null;
  readonly lines: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
  /** The job summary, Markdown. */
  readonly summary: string;
}

/** Runs the Action's bundle as a GitHub runner does: a process of its own, told everything by variables and files. */
export async function runActionStep(step: ActionStep): Promise<StepResult> {
  const folder = await mkdtemp(join(tmpdir(), "runner-"));
  const files = {
    GITHUB_OUTPUT: join(folder, "output"),
    GITHUB_STEP_SUMMARY: join(folder, "summary"),
    GITHUB_STATE: join(folder, "state"),
    GITHUB_EVENT_PATH: join(folder, "event.json"),
  };
  try {
    await Promise.all(Object.values(files).map((file) => writeFile(file, "")));
    await writeFile(files.GITHUB_EVENT_PATH, JSON.stringify(step.event ?? {}));
    const { exitCode, lines } = await runProcess(step, files);
    const [outputs, summary] = await Promise.all([
      readFile(files.GITHUB_OUTPUT, "utf8"),
      readFile(files.GITHUB_STEP_SUMMARY, "utf8"),
    ]);
    return { exitCode, lines, outputs: outputsIn(outputs), summary };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A printed line as the log on GitHub shows it: commands to the runner are carried out, not shown. */
export function shownByRunner(line: string): string | undefined {
  const [, command = "", text = ""] = /^::([a-z-]+)(?: [^:]*)?::(.*)$/.exec(line) ?? [];
  if (command === "") return line;
  if (!["error", "warning", "notice"].includes(command)) return undefined;
  const plain = text.replaceAll("%0A", "\n").replaceAll("%0D", "").replaceAll("%25", "%");
  return `${command.charAt(0).toUpperCase()}${command.slice(1)}: ${plain}`;
}

function runProcess(step: ActionStep, files: Readonly<Record<string, string>>) {
  const inputs = Object.entries(step.with).map(
    ([name, value]) => [`INPUT_${name.replaceAll(" ", "_").toUpperCase()}`, value] as const,
  );
  const child = spawn(process.execPath, [step.main], {
    cwd: step.workspace,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_WORKSPACE: step.workspace,
      GITHUB_RUN_ID: "4711",
      GITHUB_RUN_ATTEMPT: "1",
      GITHUB_REPOSITORY: "contoso/flooper",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_ACTOR: "octocat",
      GITHUB_SHA: "0".repeat(40),
      GITHUB_REF: "refs/heads/main",
      ...step.env,
      ...files,
      ...Object.fromEntries(inputs),
    },
    stdio: ["ignore", "pipe", "pipe"],
    ...(step.signal && { signal: step.signal, killSignal: step.killSignal ?? "SIGKILL" }),
  });
  const lines: string[] = [];
  const hear = (line: string): void => {
    lines.push(line);
    step.onLine?.(line);
  };
  createInterface({ input: child.stdout }).on("line", hear);
  createInterface({ input: child.stderr }).on("line", hear);
  return new Promise<{ exitCode: number | null; lines: readonly string[] }>((resolve, reject) => {
    // An abort is told as an error at once; what the process still says comes before it closes.
    child.on("error", (error) => {
      if (!step.signal?.aborted) reject(error);
      else if (child.pid === undefined) resolve({ exitCode: null, lines });
    });
    child.on("close", (exitCode) => resolve({ exitCode, lines }));
  });
}

// `name<<delimiter`, the value's lines, `delimiter`: the form that @actions/core writes.
function outputsIn(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const [, name, delimiter] = /^([^=]+?)<<(.+)$/.exec(lines[at] ?? "") ?? [];
    if (name === undefined || delimiter === undefined) continue;
    const end = lines.indexOf(delimiter, at + 1);
    outputs[name] = lines.slice(at + 1, end).join("\n");
    at = end;
  }
  return outputs;
}
