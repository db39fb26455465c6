// Starts the host as a process, and kills and restarts it.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import * as z from "zod";
import { readyMark } from "./ready-mark.ts";

/** How to start a host. */
export type FunctionsHostOptions = {
  /** A deployed function app: package.json, host.json and the bundle. */
  readonly appFolder: string;
  /** Where the journal lives; a host that starts on it again goes on with it. */
  readonly dataFolder: string;
  /** App settings, beside what the process needs to run (PATH and HOME). */
  readonly env: Readonly<Record<string, string>>;
  readonly clock: { readonly speed: number; readonly epoch: number };
  /** The Node that runs host and app; this process's own when left out. */
  readonly nodePath?: string;
  /** Makes the public server speak HTTPS; PEM texts. */
  readonly certificates?: { readonly certificate: string; readonly key: string };
  /** Of the public server; free and kept over restarts when left out. */
  readonly port?: number;
};

/** A host process. */
export interface FunctionsHost {
  /** Of the app's HTTP functions and the Event Grid webhook, without a slash at the end. */
  readonly url: string;
  /** Of the durable extension and `/admin/functions/<name>`. It changes with a restart. */
  readonly adminUrl: string;
  /** Lines of the host's log since the first start. */
  readonly logs: readonly string[];
  readonly isRunning: boolean;
  /** SIGKILL: nothing is finished, nothing is flushed. */
  kill9(): Promise<void>;
  /** SIGTERM: resolves when the process has ended. */
  stop(): Promise<void>;
  /** Starts again on the same port and journal, after `stop` or `kill9` or instead of them. */
  restart(): Promise<void>;
  /** Runs a timer function now, to its end. */
  fireTimer(name: string): Promise<void>;
}

const portsSchema = z.object({ port: z.number(), adminPort: z.number() });

type Running = { readonly child: ChildProcess; readonly port: number; readonly adminPort: number };

/** Starts a host and waits until it serves. Rejects with its log when it does not come up. */
export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const logs: string[] = [];
  let running = await launch(options, options.port ?? 0, logs);
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    const { child } = running;
    if (hasEnded(child)) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  return {
    url: `${options.certificates === undefined ? "http" : "https"}://127.0.0.1:${running.port}`,
    get adminUrl() {
      return `http://127.0.0.1:${running.adminPort}`;
    },
    get isRunning() {
      return !hasEnded(running.child);
    },
    logs,
    kill9: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    restart: async () => {
      await end("SIGTERM");
      running = await launch(options, running.port, logs);
    },
    fireTimer: async (name) => {
      const url = `http://127.0.0.1:${running.adminPort}/admin/functions/${name}`;
      const { status } = await fetch(url, { method: "POST" });
      if (status !== 202) throw new Error(`firing the timer "${name}" was answered with ${status}`);
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function launch(options: FunctionsHostOptions, port: number, logs: string[]): Promise<Running> {
  const { appFolder, dataFolder, clock, env, certificates } = options;
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const flags = ["--disable-warning=ExperimentalWarning"];
  const places = ["--app", appFolder, "--data", dataFolder, "--port", String(port)];
  const child = spawn(options.nodePath ?? process.execPath, [...flags, main, ...places], {
    env: {
      ...machineEnvironment(),
      ...env,
      LOCAL_CLOCK_EPOCH: String(clock.epoch),
      LOCAL_CLOCK_SPEED: String(clock.speed),
      ...(certificates === undefined
        ? {}
        : { LOCAL_TLS_CERTIFICATE: certificates.certificate, LOCAL_TLS_KEY: certificates.key }),
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  createInterface({ input: child.stderr }).on("line", (line) => void logs.push(line));
  const ports = await readyPorts(child, logs);
  if (ports === undefined) {
    child.kill("SIGKILL");
    throw new Error(`The functions host did not start:\n${logs.join("\n")}`);
  }
  return { child, ...ports };
}

function readyPorts(child: ChildProcess, logs: string[]): Promise<z.infer<typeof portsSchema> | undefined> {
  return new Promise((resolve) => {
    const patience = setTimeout(() => resolve(undefined), 30_000);
    child.once("exit", () => {
      clearTimeout(patience);
      resolve(undefined);
    });
    if (child.stdout === null) {
      resolve(undefined);
      return;
    }
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (!line.startsWith(readyMark)) return void logs.push(line);
      clearTimeout(patience);
      resolve(portsSchema.parse(JSON.parse(line.slice(readyMark.length))));
    });
  });
}

function machineEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", "NODE_EXTRA_CA_CERTS"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
