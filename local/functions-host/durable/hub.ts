// The task hub: two tables whose rows change only by applying changes. Live running and recovery apply the same ones.
import * as z from "zod";
import { operationSchema, schedulerIdOf } from "./entity-messages.ts";
import { eventType, historyEventSchema } from "./history.ts";
import {
  absentEntity,
  entitySchema,
  instanceSchema,
  isFinished,
  pendingInstance,
  type Entity,
  type Instance,
} from "./instance.ts";

const execution = { instanceId: z.string(), executionId: z.string() };
const entityId = { name: z.string(), key: z.string() };

const changeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("instance-set"), instance: instanceSchema }),
  z.object({
    kind: z.literal("turn-ended"),
    ...execution,
    /** How many messages of the inbox the turn took in. */
    consumed: z.number(),
    rows: z.array(historyEventSchema),
    runtimeStatus: instanceSchema.shape.runtimeStatus,
    customStatus: z.string().nullable(),
    output: z.string().nullable(),
    at: z.string(),
  }),
  z.object({
    kind: z.literal("generation-ended"),
    ...execution,
    consumed: z.number(),
    nextExecutionId: z.string(),
    input: z.string(),
    customStatus: z.string().nullable(),
    at: z.string(),
  }),
  z.object({
    kind: z.literal("message-sent"),
    instanceId: z.string(),
    /** Only for this execution; whoever runs gets it when null. */
    executionId: z.string().nullable(),
    event: historyEventSchema,
  }),
  z.object({
    kind: z.literal("suspension-set"),
    instanceId: z.string(),
    isSuspended: z.boolean(),
    at: z.string(),
  }),
  z.object({ kind: z.literal("instance-removed"), instanceId: z.string() }),
  z.object({ kind: z.literal("entity-set"), entity: entitySchema }),
  z.object({
    kind: z.literal("operation-requested"),
    ...entityId,
    operation: operationSchema,
    at: z.string(),
  }),
  z.object({
    kind: z.literal("batch-ended"),
    ...entityId,
    consumed: z.number(),
    exists: z.boolean(),
    state: z.string().nullable(),
    at: z.string(),
  }),
]);

/** One change of one row. */
export type Change = z.infer<typeof changeSchema>;

/** Changes that happen together or not at all: a turn with all its messages, for example. */
export const stepSchema = z.array(changeSchema);

/** Changes that happen together or not at all. */
export type Step = readonly Change[];

/** Orchestrations by instance id and entities by scheduler id. Rows are replaced, never changed. */
export type Hub = { readonly instances: Map<string, Instance>; readonly entities: Map<string, Entity> };

/** A hub without a row. */
export function emptyHub(): Hub {
  return { instances: new Map(), entities: new Map() };
}

/** The step that makes an empty hub into this one. */
export function snapshotOf(hub: Hub): Step {
  return [
    ...[...hub.instances.values()].map((instance): Change => ({ kind: "instance-set", instance })),
    ...[...hub.entities.values()].map((entity): Change => ({ kind: "entity-set", entity })),
  ];
}

/** Applies a change. What is meant for an execution that has ended changes nothing. */
export function apply(hub: Hub, change: Change): void {
  switch (change.kind) {
    case "instance-set":
      hub.instances.set(change.instance.instanceId, change.instance);
      return;
    case "instance-removed":
      hub.instances.delete(change.instanceId);
      return;
    case "entity-set":
      hub.entities.set(schedulerIdOf(change.entity), change.entity);
      return;
    case "operation-requested":
    case "batch-ended": {
      const id = schedulerIdOf(change);
      const entity = hub.entities.get(id) ?? absentEntity(change.name, change.key, change.at);
      hub.entities.set(id, entityAfter(entity, change));
      return;
    }
    default: {
      const instance = hub.instances.get(change.instanceId);
      if (instance === undefined || isFinished(instance)) return;
      hub.instances.set(change.instanceId, instanceAfter(instance, change));
    }
  }
}

type ChangeOf<Kind extends Change["kind"]> = Extract<Change, { kind: Kind }>;

function entityAfter(entity: Entity, change: ChangeOf<"operation-requested" | "batch-ended">): Entity {
  if (change.kind === "operation-requested") {
    return { ...entity, queue: [...entity.queue, change.operation] };
  }
  const { exists, state, consumed, at } = change;
  return { ...entity, exists, state, lastOperationTime: at, queue: entity.queue.slice(consumed) };
}

function instanceAfter(
  instance: Instance,
  change: ChangeOf<"turn-ended" | "generation-ended" | "message-sent" | "suspension-set">,
): Instance {
  if (change.kind === "suspension-set") {
    const runtimeStatus = change.isSuspended ? "Suspended" : "Running";
    return { ...instance, isSuspended: change.isSuspended, runtimeStatus, lastUpdatedTime: change.at };
  }
  if (change.kind === "message-sent") {
    const isMeant = change.executionId === null || change.executionId === instance.executionId;
    return isMeant ? { ...instance, inbox: [...instance.inbox, change.event] } : instance;
  }
  if (change.executionId !== instance.executionId) return instance;
  const inbox = instance.inbox.slice(change.consumed);
  const { customStatus, at } = change;
  if (change.kind === "turn-ended") {
    const { output, rows } = change;
    const isHeld = instance.isSuspended && change.runtimeStatus === "Running";
    const runtimeStatus = isHeld ? "Suspended" : change.runtimeStatus;
    const history = [...instance.history, ...rows];
    return { ...instance, history, inbox, runtimeStatus, customStatus, output, lastUpdatedTime: at };
  }
  const { instanceId, name } = instance;
  const next = pendingInstance({
    ...{ instanceId, name, at },
    executionId: change.nextExecutionId,
    input: change.input,
  });
  // Answers to the generation that ended are of no use to the next one.
  const late = inbox.filter(
    ({ EventType }) => EventType === eventType.eventRaised || EventType === eventType.executionTerminated,
  );
  return { ...next, runtimeStatus: "Running", customStatus, inbox: [...next.inbox, ...late] };
}
