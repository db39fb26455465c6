// Loads a function app and invokes its functions through @azure/functions, as the Node worker of the real host does.
import { randomUUID } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as z from "zod";
import {
  noRegistrations,
  provideCoreApi,
  type FunctionMetadata,
  type HookContext,
  type HookName,
  type ProgrammingModel,
  type Registrations,
  type RpcData,
} from "./core-api.ts";
import type { HostLog } from "./host-log.ts";

/** One call of a function. */
export type Invocation = {
  readonly functionName: string;
  readonly invocationId?: string;
  /** Data of the trigger, then of other input bindings, by binding name. */
  readonly inputs: Readonly<Record<string, RpcData>>;
  readonly triggerMetadata?: Readonly<Record<string, RpcData>>;
};

/** An app that was loaded. */
export interface Worker {
  readonly functions: readonly FunctionMetadata[];
  /** Where HTTP requests are to be proxied to, for an app that streams. */
  readonly httpUri: string | undefined;
  /** Answers with what the function returned; rejects with what it threw. */
  invoke(invocation: Invocation): Promise<RpcData | undefined>;
  /** Runs the app's appTerminate hooks. */
  terminate(): Promise<void>;
}

/** Loads the app of a folder into this process. An app can be loaded once. */
export async function loadApp(appFolder: string, log: HostLog): Promise<Worker> {
  const registrations = noRegistrations();
  provideCoreApi(registrations, (level, message) => log({ level, message }));
  for (const file of entryFiles(appFolder)) await loadFile(appFolder, file);
  await runHooks(registrations, "appStart", {});
  registrations.isLocked = true;
  const { model } = registrations;
  if (model === undefined) throw new Error(`The app in "${appFolder}" registers no function.`);
  const capabilities = await model.getCapabilities({});
  return {
    functions: [...registrations.functions.values()].map(({ metadata }) => metadata),
    httpUri: capabilities["HttpUri"],
    invoke: (invocation) => {
      const { functionName } = invocation;
      log({ level: "information", functionName, message: `Executing 'Functions.${functionName}'` });
      return invoke(registrations, model, invocation, log);
    },
    terminate: () => runHooks(registrations, "appTerminate", {}),
  };
}

function entryFiles(appFolder: string): readonly string[] {
  const text = readFileSync(join(appFolder, "package.json"), "utf8");
  const { main } = z.object({ main: z.string() }).parse(JSON.parse(text));
  const files = existsSync(join(appFolder, main)) ? [main] : globSync(main, { cwd: appFolder });
  if (files.length === 0) throw new Error(`"main": "${main}" of ${appFolder}/package.json names no file.`);
  return files;
}

async function loadFile(appFolder: string, file: string): Promise<void> {
  const path = join(appFolder, file);
  const text = readFileSync(join(appFolder, "package.json"), "utf8");
  const isModulePackage = z.object({ type: z.string().optional() }).parse(JSON.parse(text)).type === "module";
  if (file.endsWith(".mjs") || (isModulePackage && !file.endsWith(".cjs"))) {
    await import(pathToFileURL(path).href);
  } else {
    createRequire(join(appFolder, "package.json"))(path);
  }
}

async function runHooks(registrations: Registrations, name: HookName, context: HookContext): Promise<void> {
  for (const hook of registrations.hooks[name]) await hook(context);
}

async function invoke(
  registrations: Registrations,
  model: ProgrammingModel,
  invocation: Invocation,
  log: HostLog,
): Promise<RpcData | undefined> {
  const { functionName, inputs, triggerMetadata = {}, invocationId = randomUUID() } = invocation;
  const registered = registrations.functions.get(functionName);
  if (registered === undefined) throw new Error(`There is no function "${functionName}".`);
  const core = {
    invocationId,
    request: { inputData: Object.entries(inputs).map(([name, data]) => ({ name, data })), triggerMetadata },
    metadata: registered.metadata,
    log: logThroughHooks(registrations, functionName, log),
    state: "preInvocationHooks",
  };
  const library = model.getInvocationModel(core);
  const { context, inputs: values } = await library.getArguments();
  const before = {
    invocationContext: context,
    inputs: values,
    functionCallback: registered.callback,
    hookData: {},
  };
  await runHooks(registrations, "preInvocation", before);
  core.state = "invocation";
  const after = await outcomeOf(() =>
    library.invokeFunction(context, before.inputs, before.functionCallback),
  );
  core.state = "postInvocationHooks";
  const outcome = { ...before, ...after };
  await runHooks(registrations, "postInvocation", outcome);
  if (outcome.error !== undefined && outcome.error !== null) throw asError(outcome.error);
  const response = await library.getResponse(context, outcome.result);
  return response.returnValue ?? undefined;
}

type Outcome = { result: unknown; error: unknown };

async function outcomeOf(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { result: await work(), error: undefined };
  } catch (error) {
    return { result: undefined, error: error ?? "undefined was thrown" };
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function logThroughHooks(registrations: Registrations, functionName: string, log: HostLog) {
  return (level: Parameters<HostLog>[0]["level"], category: string, message: string): void => {
    const line = { level, category, message, hookData: {} };
    for (const hook of registrations.hooks.log) hook(line);
    log({ level: line.level, functionName, message: line.message });
  };
}
