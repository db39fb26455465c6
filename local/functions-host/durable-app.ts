// The app's durable functions as the engine wants them, and the data of durable client bindings.
import type { AppFunctions } from "./app-functions.ts";
import type { DurableFunctions } from "./durable/engine-options.ts";
import { jsonData, jsonTextFrom } from "./rpc-data.ts";
import type { RpcData } from "./core-api.ts";
import type { Worker } from "./worker.ts";

/** Data for every input binding of a function but its trigger. */
export type ClientInputs = (target: {
  readonly durableClients: readonly string[];
}) => Record<string, RpcData>;

/** The app's durable functions. Entities are found whatever the case of their name is. */
export function durableFunctionsOf(
  worker: Worker,
  functions: AppFunctions,
  clientInputs: ClientInputs,
): DurableFunctions {
  const byKind = {
    orchestration: functions.orchestrationTrigger,
    activity: functions.activityTrigger,
    entity: functions.entityTrigger,
  };
  type Kind = keyof typeof byKind;
  const find = (kind: Kind, name: string) =>
    byKind[kind].find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  const call = async (
    kind: Kind,
    name: string,
    data: RpcData,
    triggerMetadata: Record<string, RpcData> = {},
  ): Promise<string | null> => {
    const target = find(kind, name);
    if (target === undefined) throw new Error(`The function '${name}' doesn't exist or is no ${kind}.`);
    const inputs = { [target.triggerBinding]: data, ...clientInputs(target) };
    return jsonTextFrom(await worker.invoke({ functionName: target.name, inputs, triggerMetadata }));
  };
  return {
    has: (kind, name) => find(kind, name) !== undefined,
    orchestrate: (name, input) => call("orchestration", name, { string: JSON.stringify(input) }),
    runActivity: (name, input, instanceId) =>
      call("activity", name, activityData(input), { instanceId: { string: instanceId } }),
    runEntity: (name, input) => call("entity", name, { string: JSON.stringify(input) }),
  };
}

function activityData(input: unknown): RpcData {
  // The SDK encodes a text once more, and decodes it again on the other side.
  return typeof input === "string" ? { string: input } : jsonData(input);
}
