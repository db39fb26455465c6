// Puts the host together: loads the app, opens the journal, listens and pumps.
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { adminListener, type AdminFront } from "./admin-front.ts";
import { sortFunctions, type AppFunctions } from "./app-functions.ts";
import type { RpcData } from "./core-api.ts";
import { durableClientBinding } from "./durable/client-binding.ts";
import { DurableEngine } from "./durable/engine.ts";
import { openJournal } from "./durable/journal.ts";
import { durableFunctionsOf, type ClientInputs } from "./durable-app.ts";
import type { HostLog } from "./host-log.ts";
import { readHostSettings, type HostSettings } from "./host-settings.ts";
import { httpListener, type HttpFront } from "./http-front.ts";
import { routerFor } from "./http-routes.ts";
import { pumpQueue } from "./queue-pump.ts";
import { closeServer, listen, type ServerCertificate } from "./requests.ts";
import { fireTimer, pumpTimer } from "./timer-pump.ts";
import { loadApp, type Worker } from "./worker.ts";

/** What a host is started with. */
export type HostOptions = {
  readonly appFolder: string;
  readonly dataFolder: string;
  /** Of the public server; 0 picks a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: HostLog;
  /** App settings; the host adds its own to `process.env`. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** In real milliseconds. */
  readonly answerLimit: number;
  /** Makes the public server speak HTTPS. */
  readonly tls?: ServerCertificate | undefined;
};

/** A host that runs. */
export interface Host {
  readonly port: number;
  readonly adminPort: number;
  /** Takes nothing new, waits for what runs and closes the journal. */
  stop(): Promise<void>;
}

/** Starts a host in this process. A process can start one: the app is loaded into it. */
export async function runHost(options: HostOptions): Promise<Host> {
  const { appFolder, clock, log } = options;
  const started: { front?: HttpFront; admin?: AdminFront } = {};
  const open = await listen(
    httpListener(() => started.front),
    options.port,
    options.tls,
  );
  const admin = await listen(
    adminListener(() => started.admin),
    0,
  );
  const host = readHostSettings(appFolder);
  announceHost(appFolder, open.port);
  const worker = await loadApp(appFolder, log);
  const functions = sortFunctions(worker.functions, options.settings);
  const clientInputs = clientInputsFor(host.durableTask.hubName, admin.port);
  const invoke = invoker(worker, clientInputs);
  const engine = engineOf(options, host, durableFunctionsOf(worker, functions, clientInputs));
  const stopping = new AbortController();
  started.front = frontOf(options, host, { worker, functions, clientInputs, invoke });
  started.admin = { engine, fireTimer: timerFirer(functions, invoke, log) };
  engine.start();
  const pumps = [
    ...functions.timerTrigger.map((timer) => pumpTimer(timer, invoke, { clock, log }, stopping.signal)),
    ...(await queuePumps(options, host, functions, invoke, stopping.signal)),
  ];
  return {
    port: open.port,
    adminPort: admin.port,
    stop: async () => {
      stopping.abort();
      await Promise.all([closeServer(open.server), ...pumps]);
      await engine.stop();
      await worker.terminate();
      await closeServer(admin.server);
    },
  };
}

type Target = {
  readonly name: string;
  readonly triggerBinding: string;
  readonly durableClients: readonly string[];
};

type Invoke = (
  target: Target,
  data: RpcData,
  triggerMetadata?: Readonly<Record<string, RpcData>>,
) => Promise<unknown>;

/** What every function finds in its environment and as its working directory. */
function announceHost(appFolder: string, port: number): void {
  process.chdir(appFolder);
  Object.assign(process.env, {
    // Without it the durable client takes every address of the host for http://localhost:7071.
    WEBSITE_HOSTNAME: `127.0.0.1:${port}`,
    AZURE_FUNCTIONS_ENVIRONMENT: "Development",
    FUNCTIONS_EXTENSION_VERSION: "~4",
    FUNCTIONS_WORKER_RUNTIME: "node",
  });
}

function clientInputsFor(hubName: string, adminPort: number): ClientInputs {
  const json = JSON.stringify(durableClientBinding(hubName, `http://127.0.0.1:${adminPort}`));
  return ({ durableClients }) => Object.fromEntries(durableClients.map((name) => [name, { json }]));
}

function invoker(worker: Worker, clientInputs: ClientInputs): Invoke {
  return ({ name, triggerBinding, durableClients }, data, triggerMetadata = {}) =>
    worker.invoke({
      functionName: name,
      inputs: { [triggerBinding]: data, ...clientInputs({ durableClients }) },
      triggerMetadata,
    });
}

function engineOf(
  { dataFolder, clock, log }: HostOptions,
  { durableTask }: HostSettings,
  functions: ReturnType<typeof durableFunctionsOf>,
): DurableEngine {
  return new DurableEngine({
    ...openJournal(join(dataFolder, "journal.jsonl")),
    functions,
    clock,
    maxEntityOperationBatchSize: durableTask.maxEntityOperationBatchSize,
    maxConcurrentActivities: durableTask.maxConcurrentActivityFunctions,
    defaultVersion: durableTask.defaultVersion,
    log: (level, message) => log({ level, message }),
  });
}

function frontOf(
  { settings, log, answerLimit }: HostOptions,
  { http }: HostSettings,
  app: { worker: Worker; functions: AppFunctions; clientInputs: ClientInputs; invoke: Invoke },
): HttpFront {
  const { worker, functions, clientInputs, invoke } = app;
  return {
    worker,
    route: routerFor(functions.httpTrigger, http.routePrefix),
    inputsOf: clientInputs,
    eventGrid: {
      functions: functions.eventGridTrigger,
      invoke,
      systemKey: settings["LOCAL_EVENT_GRID_KEY"],
      log,
    },
    answerLimit,
    log,
  };
}

function timerFirer(functions: AppFunctions, invoke: Invoke, log: HostLog): AdminFront["fireTimer"] {
  return async (name) => {
    const timer = functions.timerTrigger.find((candidate) => candidate.name === name);
    if (timer !== undefined) await fireTimer(timer, invoke, { last: 0, next: 0 }, log);
    return timer !== undefined;
  };
}

async function queuePumps(
  { settings, clock, log }: HostOptions,
  { queues }: HostSettings,
  functions: AppFunctions,
  invoke: Invoke,
  signal: AbortSignal,
): Promise<Promise<void>[]> {
  if (functions.queueTrigger.length === 0) return [];
  // Loaded only where it is needed: it takes a while.
  const { QueueServiceClient } = await import("@azure/storage-queue");
  return functions.queueTrigger.map((target) => {
    const { connection } = target.trigger;
    const text = settings[connection] ?? settings[`AzureWebJobs${connection}`];
    if (text === undefined) {
      throw new Error(`${target.name}: the app setting "${connection}" must hold a connection string.`);
    }
    const service = QueueServiceClient.fromConnectionString(text);
    return pumpQueue({ service, target, settings: queues, invoke, speed: clock.speed, log }, signal);
  });
}
