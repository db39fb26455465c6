// The module "@azure/functions-core" exists nowhere on disk: the worker of the Functions host makes it up when
// @azure/functions asks for it. This is the part of it that @azure/functions and durable-functions use.
import Module from "node:module";
import type { LogLevel } from "./host-log.ts";

/** Data on its way between host and function; one member is set. */
export type RpcData = {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly int?: number;
  readonly double?: number;
  readonly http?: RpcHttp;
};

/** An HTTP request, or the answer to one. */
export type RpcHttp = {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: RpcData;
  readonly statusCode?: string;
};

/** A binding as the library registers it. */
export type RpcBinding = Readonly<Record<string, unknown>> & {
  readonly type: string;
  readonly direction: string;
};

/** A function as the library registers it. */
export type FunctionMetadata = {
  readonly name: string;
  readonly bindings: Readonly<Record<string, RpcBinding>>;
  readonly retryOptions?: unknown;
};

/** The app's own code behind a function. */
export type FunctionCallback = (...inputs: unknown[]) => unknown;

/** What the library needs to know of one invocation. */
export type CoreInvocationContext = {
  readonly invocationId: string;
  readonly request: {
    readonly inputData: readonly { readonly name: string; readonly data: RpcData }[];
    readonly triggerMetadata: Readonly<Record<string, RpcData>>;
  };
  readonly metadata: FunctionMetadata;
  readonly log: (level: LogLevel, category: string, message: string) => void;
  state?: string;
};

/** The library's side of one invocation. */
export interface InvocationModel {
  getArguments(): Promise<{ context: object; inputs: unknown[] }>;
  invokeFunction(context: object, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: object, result: unknown): Promise<{ returnValue?: RpcData | null }>;
}

/** The library. */
export interface ProgrammingModel {
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

/** What a hook of the app is called with, and may change. */
export type HookContext = Record<string, unknown>;

type Hook = (context: HookContext) => unknown;

const hookNames = ["appStart", "appTerminate", "preInvocation", "postInvocation", "log"] as const;

/** The moments that an app may hook into. */
export type HookName = (typeof hookNames)[number];

/** What an app has registered. */
export type Registrations = {
  readonly functions: Map<
    string,
    { readonly metadata: FunctionMetadata; readonly callback: FunctionCallback }
  >;
  readonly hooks: Readonly<Record<HookName, Set<Hook>>>;
  model: ProgrammingModel | undefined;
  isLocked: boolean;
};

/** Nothing registered yet. */
export function noRegistrations(): Registrations {
  const hooks = {
    ...{ appStart: new Set<Hook>(), appTerminate: new Set<Hook>(), preInvocation: new Set<Hook>() },
    ...{ postInvocation: new Set<Hook>(), log: new Set<Hook>() },
  };
  return { functions: new Map(), hooks, model: undefined, isLocked: false };
}

class Disposable {
  readonly dispose: () => void;

  constructor(dispose: () => void) {
    this.dispose = dispose;
  }
}

/** Lets `require("@azure/functions-core")` give an object that registers into `registrations`, as the worker does. */
export function provideCoreApi(
  registrations: Registrations,
  log: (level: LogLevel, message: string) => void,
): void {
  const core = coreApi(registrations, log);
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the module that requires, below
  const original = Module.prototype.require;
  Module.prototype.require = function (id: string): unknown {
    return id === "@azure/functions-core" ? core : Reflect.apply(original, this, [id]);
  };
}

function coreApi(
  registrations: Registrations,
  log: (level: LogLevel, message: string) => void,
): Record<string, unknown> {
  return {
    version: "3.14.1",
    hostVersion: "4.1052.100",
    Disposable,
    log: (level: LogLevel, _category: string, message: string) => log(level, message),
    getProgrammingModel: () => registrations.model,
    setProgrammingModel: (model: ProgrammingModel) => {
      registrations.model = model;
    },
    registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) => {
      const { name } = metadata;
      if (registrations.isLocked) throw systemError("A function can only be registered during app startup.");
      if (registrations.functions.has(name)) throw systemError(`Function "${name}" is registered twice.`);
      registrations.functions.set(name, { metadata, callback });
      return new Disposable(() => registrations.functions.delete(name));
    },
    registerHook: (name: string, hook: Hook) => {
      const known = hookNames.find((candidate) => candidate === name);
      if (known === undefined) throw systemError(`Unrecognized hook "${name}"`, RangeError);
      registrations.hooks[known].add(hook);
      return new Disposable(() => registrations.hooks[known].delete(hook));
    },
  };
}

/** An error that the library recognizes as the host's own. */
function systemError(message: string, kind: ErrorConstructor | RangeErrorConstructor = Error): Error {
  return Object.assign(new kind(message), { isAzureFunctionsSystemError: true });
}
