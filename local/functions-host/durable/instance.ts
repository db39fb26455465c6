import * as z from "zod";
import { operationSchema } from "./entity-messages.ts";
import { eventType, historyEventSchema, unscheduledAt, type HistoryEvent } from "./history.ts";

const runtimeStatusSchema = z.enum(["Pending", "Running", "Suspended", "Completed", "Failed", "Terminated"]);

/** The states of an orchestration, in the extension's words. */
export type RuntimeStatus = z.infer<typeof runtimeStatusSchema>;

/** An orchestration as it stands on disk. `input`, `output` and `customStatus` are JSON texts. */
export const instanceSchema = z.object({
  instanceId: z.string(),
  name: z.string(),
  executionId: z.string(),
  input: z.string(),
  createdTime: z.string(),
  lastUpdatedTime: z.string(),
  runtimeStatus: runtimeStatusSchema,
  customStatus: z.string().nullable(),
  output: z.string().nullable(),
  isSuspended: z.boolean(),
  /** Rows of finished turns. */
  history: z.array(historyEventSchema),
  /** Messages that wait for the next turn. */
  inbox: z.array(historyEventSchema),
});

/** An orchestration as it stands on disk. */
export type Instance = Readonly<z.infer<typeof instanceSchema>>;

/** An entity as it stands on disk. `state` is a JSON text. */
export const entitySchema = z.object({
  name: z.string(),
  key: z.string(),
  exists: z.boolean(),
  state: z.string().nullable(),
  lastOperationTime: z.string(),
  queue: z.array(operationSchema),
});

/** An entity as it stands on disk. */
export type Entity = Readonly<z.infer<typeof entitySchema>>;

/** A new orchestration whose first turn is still to come. */
export function pendingInstance(start: {
  readonly instanceId: string;
  readonly name: string;
  readonly executionId: string;
  readonly input: string;
  readonly at: string;
  readonly version?: string | undefined;
}): Instance {
  const { instanceId, name, executionId, input, at, version } = start;
  const told = { Name: name, Input: input, ...(version !== undefined && { Version: version }) };
  return {
    ...{ instanceId, name, executionId, input, createdTime: at, lastUpdatedTime: at },
    runtimeStatus: "Pending",
    customStatus: null,
    output: null,
    isSuspended: false,
    history: [],
    inbox: [{ EventType: eventType.executionStarted, ...unscheduledAt(at), ...told }],
  };
}

/** Whether nothing more will happen to the orchestration. */
export function isFinished(instance: Instance): boolean {
  return ["Completed", "Failed", "Terminated"].includes(instance.runtimeStatus);
}

/** Everything that has happened to the orchestration, also what its next turn has yet to take in. */
export function knownHistory(instance: Instance): readonly HistoryEvent[] {
  return [...instance.history, ...instance.inbox];
}

/** An entity that nobody has spoken to. */
export function absentEntity(name: string, key: string, at: string): Entity {
  return { name, key, exists: false, state: null, lastOperationTime: at, queue: [] };
}
