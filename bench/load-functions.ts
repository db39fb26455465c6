// Loads a function app's entry file, argument 1, as the Functions worker does, and prints how many milliseconds it took,
// how many of them the processor worked, and which files were loaded.
// Nothing but Node is imported here, so that the app alone is measured.
import Module, { createRequire } from "node:module";

const [entry = ""] = process.argv.slice(2);
const disposable = { dispose: () => undefined };
const core = {
  version: "1.0.0",
  hostVersion: "4.0.0",
  workerVersion: "3.0.0",
  setProgrammingModel: () => undefined,
  registerFunction: () => disposable,
  registerHook: () => disposable,
  log: () => undefined,
  Disposable: Object,
};
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own object below
const original = Module.prototype.require;
Module.prototype.require = function (id: string): unknown {
  return id === "@azure/functions-core" ? core : Reflect.apply(original, this, [id]);
};
const load = createRequire(import.meta.url);
const begun = performance.now();
const cpuBegun = process.cpuUsage();
load(entry);
const { user, system } = process.cpuUsage(cpuBegun);
const milliseconds = performance.now() - begun;
const files = Object.keys(load.cache);
process.stdout.write(JSON.stringify({ milliseconds, cpuMilliseconds: (user + system) / 1000, files }));
