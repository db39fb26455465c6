import { createRequire } from "node:module";
import type { Clock } from "../../../local/clock.ts";
import { DurableEngine } from "../../../local/functions-host/durable/engine.ts";
import type { DurableFunctions } from "../../../local/functions-host/durable/engine-options.ts";
import { apply, emptyHub, type Step } from "../../../local/functions-host/durable/hub.ts";
import { jsonTextOf } from "../../../local/functions-host/durable/history.ts";

const require = createRequire(import.meta.url);
const { Orchestrator } = require("durable-functions/lib/src/orchestrations/Orchestrator.js");
const { Entity } = require("durable-functions/lib/src/entities/Entity.js");

type Code = Readonly<Record<string, (context: any) => any>>;

/** Durable functions that the real SDK replays, without a host around them. */
export function sdkFunctions(code: {
  orchestrations?: Code;
  activities?: Code;
  entities?: Code;
}): DurableFunctions {
  const { orchestrations = {}, activities = {}, entities = {} } = code;
  const parsed = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const byKind = { orchestration: orchestrations, activity: activities, entity: entities };
  return {
    has: (kind, name) => name in byKind[kind],
    orchestrate: async (name, input) =>
      jsonTextOf(await new Orchestrator(orchestrations[name]).handle(parsed(input), {})),
    runActivity: async (name, input) => jsonTextOf(await activities[name]?.(input)),
    runEntity: async (name, input) => jsonTextOf(await new Entity(entities[name]).handle(parsed(input), {})),
  };
}

/** An engine in memory, with the steps that it has journalled. It takes up what `steps` tell. */
export function anEngine(options: { functions: DurableFunctions; clock: Clock; steps?: readonly Step[] }) {
  const hub = emptyHub();
  const steps: Step[] = [...(options.steps ?? [])];
  for (const change of steps.flat()) apply(hub, change);
  const engine = new DurableEngine({
    functions: options.functions,
    clock: options.clock,
    hub,
    journal: { append: (step) => void steps.push(structuredClone(step)), close: () => undefined },
    maxEntityOperationBatchSize: 4,
    maxConcurrentActivities: 10,
    log: () => undefined,
  });
  engine.start();
  return { engine, steps };
}
