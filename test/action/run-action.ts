import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export interface ActionRun {
  readonly inputs: Readonly<Record<string, string>>;
  /** The checked-out repository. */
  readonly workspace: string;
  /** The payload of the event that started the workflow. */
  readonly event?: unknown;
  /** Further variables, e.g. ACTIONS_ID_TOKEN_REQUEST_URL or NODE_EXTRA_CA_CERTS. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Another bundle than the one in `dist/`. */
  readonly bundle?: string;
}

export interface ActionResult {
  readonly exitCode: number | null;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Standard output, where the runner looks for commands. */
  readonly log: string;
  readonly stderr: string;
  /** Texts of `::error::` commands, unescaped. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

const bundleOfProject = join(import.meta.dirname, "../../dist/action/main.js");

/** Runs the bundled Action in a process of its own, as a runner does, and reads back what it left in the runner's files. */
export async function runAction(run: ActionRun): Promise<ActionResult> {
  const folder = mkdtempSync(join(tmpdir(), "action-"));
  const file = (name: string, content = ""): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const outputFile = file("output");
  const summaryFile = file("summary");
  const eventFile = file("event.json", JSON.stringify(run.event ?? {}));
  const home = join(folder, "home");
  mkdirSync(home);
  try {
    const child = spawn(process.execPath, [run.bundle ?? bundleOfProject], {
      cwd: run.workspace,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        HOME: home,
        CI: "true",
        GITHUB_ACTIONS: "true",
        GITHUB_WORKSPACE: run.workspace,
        GITHUB_OUTPUT: outputFile,
        GITHUB_STEP_SUMMARY: summaryFile,
        GITHUB_EVENT_PATH: eventFile,
        GITHUB_REPOSITORY: "contoso/flooper",
        GITHUB_RUN_ID: "4711",
        GITHUB_RUN_ATTEMPT: "1",
        GITHUB_REF: "refs/heads/main",
        GITHUB_SHA: "0123456789abcdef0123456789abcdef01234567",
        GITHUB_SERVER_URL: "https://github.com",
        GITHUB_ACTOR: "octocat",
        ...inputVariables(run.inputs),
        ...run.environment,
      },
    });
    const [log, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return {
      exitCode: child.exitCode,
      outputs: parseOutputs(readFileSync(outputFile, "utf8")),
      summary: readFileSync(summaryFile, "utf8"),
      log,
      stderr,
      errors: commands(log, "error"),
      warnings: commands(log, "warning"),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// GitHub keeps dashes in the names of inputs' variables.
function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      `INPUT_${name.replaceAll(" ", "_").toUpperCase()}`,
      value,
    ]),
  );
}

function parseOutputs(content: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [, name, , value] of content.matchAll(/^(.+?)<<(.+)\r?\n([\s\S]*?)\r?\n?\2\r?\n/gm)) {
    if (name !== undefined) outputs[name] = value ?? "";
  }
  return outputs;
}

function commands(log: string, name: string): string[] {
  return [...log.matchAll(new RegExp(`^::${name}(?: [^:]*)?::(.*)$`, "gm"))].map(([, data]) =>
    (data ?? "").replaceAll("%0A", "\n").replaceAll("%0D", "\r").replaceAll("%25", "%"),
  );
}
