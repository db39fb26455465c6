// What a durable client may ask of the engine. The answers carry the extension's HTTP status codes, which the SDK reads.
import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { DurableEngine } from "./engine.ts";
import { eventType, unscheduledAt, type HistoryEvent } from "./history.ts";
import { instanceIdProblem } from "./instance-id.ts";
import { isFinished, pendingInstance, type Instance } from "./instance.ts";

/** What the extension answers: a status code and, where there is one, a message for people. */
export type ClientAnswer = {
  readonly status: 200 | 202 | 400 | 404 | 409 | 410;
  readonly message?: string;
};

/** Starts an orchestration. A running id is refused, a finished one starts over. `input` is a JSON text. */
export async function startOrchestration(
  engine: DurableEngine,
  name: string,
  instanceId: string,
  input: string,
): Promise<ClientAnswer> {
  const problem = instanceIdProblem(instanceId);
  if (problem !== undefined) return { status: 400, message: problem };
  if (!engine.functions.has("orchestration", name)) {
    return {
      status: 400,
      message: `The function '${name}' doesn't exist or is not an orchestrator function.`,
    };
  }
  const existing = engine.hub.instances.get(instanceId);
  if (existing !== undefined && !isFinished(existing)) {
    const message = `An Orchestration instance with the status ${existing.runtimeStatus} already exists.`;
    return { status: 409, message };
  }
  // Azure looks at a table and then writes to a queue: of two starts at the same moment both report success.
  await setImmediate();
  const winner = engine.hub.instances.get(instanceId);
  if (winner === undefined || isFinished(winner)) {
    const executionId = randomUUID().replaceAll("-", "");
    const at = engine.timestamp();
    const start = { instanceId, name, executionId, input, at, version: engine.defaultVersion };
    engine.commit([{ kind: "instance-set", instance: pendingInstance(start) }]);
  }
  return { status: 202 };
}

/** An id for an orchestration that was started without one. */
export function newInstanceId(): string {
  return randomUUID().replaceAll("-", "");
}

/** Sends an external event. `input` is a JSON text. */
export function raiseEvent(
  engine: DurableEngine,
  instanceId: string,
  name: string,
  input: string | null,
): ClientAnswer {
  return sendTo(engine, instanceId, (at) => ({
    EventType: eventType.eventRaised,
    ...unscheduledAt(at),
    Name: name,
    Input: input,
  }));
}

/** Ends an orchestration where it stands. Activities that run go on, and nobody hears of them. */
export function terminate(engine: DurableEngine, instanceId: string, reason: string): ClientAnswer {
  return sendTo(engine, instanceId, (at) => ({
    EventType: eventType.executionTerminated,
    ...unscheduledAt(at),
    Input: JSON.stringify(reason),
  }));
}

/** Holds an orchestration back, or lets it go on. */
export function setSuspended(engine: DurableEngine, instanceId: string, isSuspended: boolean): ClientAnswer {
  const refusal = refusalFor(engine, instanceId);
  if (refusal !== undefined) return refusal;
  engine.commit([{ kind: "suspension-set", instanceId, isSuspended, at: engine.timestamp() }]);
  return { status: 202 };
}

/** Sends an operation that nobody waits for. `input` is a JSON text. */
export function signalEntity(
  engine: DurableEngine,
  entity: { readonly name: string; readonly key: string },
  operation: string,
  input: string | null,
): ClientAnswer {
  const name = entity.name.toLowerCase();
  if (!engine.functions.has("entity", name)) {
    return { status: 400, message: `The function '${name}' doesn't exist or is not an entity function.` };
  }
  const at = engine.timestamp();
  const request = { id: randomUUID(), operation, input, caller: null };
  engine.commit([{ kind: "operation-requested", name, key: entity.key, operation: request, at }]);
  return { status: 202 };
}

/** Which orchestrations a question is about. */
export type InstanceFilter = {
  readonly createdTimeFrom?: number;
  readonly createdTimeTo?: number;
  readonly runtimeStatus?: readonly string[];
  readonly instanceIdPrefix?: string;
};

/** The orchestrations that a filter lets through, oldest first. */
export function findInstances(engine: DurableEngine, filter: InstanceFilter): readonly Instance[] {
  const statuses = filter.runtimeStatus;
  return [...engine.hub.instances.values()].filter((instance) => {
    const created = Date.parse(instance.createdTime);
    return (
      created >= (filter.createdTimeFrom ?? -Infinity) &&
      created <= (filter.createdTimeTo ?? Infinity) &&
      (statuses === undefined || statuses.includes(instance.runtimeStatus)) &&
      instance.instanceId.startsWith(filter.instanceIdPrefix ?? "")
    );
  });
}

/** Forgets finished orchestrations; tells how many. */
export function purge(engine: DurableEngine, instances: readonly Instance[]): number {
  const finished = instances.filter(isFinished);
  if (finished.length > 0) {
    engine.commit(finished.map(({ instanceId }) => ({ kind: "instance-removed", instanceId })));
  }
  return finished.length;
}

function sendTo(
  engine: DurableEngine,
  instanceId: string,
  eventAt: (timestamp: string) => HistoryEvent,
): ClientAnswer {
  const refusal = refusalFor(engine, instanceId);
  if (refusal !== undefined) return refusal;
  const event = eventAt(engine.timestamp());
  engine.commit([{ kind: "message-sent", instanceId, executionId: null, event }]);
  return { status: 202 };
}

function refusalFor(engine: DurableEngine, instanceId: string): ClientAnswer | undefined {
  const instance = engine.hub.instances.get(instanceId);
  if (instance === undefined) {
    return { status: 404, message: `No instance with ID '${instanceId}' found.` };
  }
  return isFinished(instance)
    ? { status: 410, message: `The instance '${instanceId}' is ${instance.runtimeStatus}.` }
    : undefined;
}
