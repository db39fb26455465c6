// What orchestrations and entities say to each other, as JSON texts inside history rows.
import { createHash } from "node:crypto";
import * as z from "zod";
import type { EntityAction } from "./actions.ts";

/** The execution that a message comes from and an answer goes to. */
export type Execution = { readonly instanceId: string; readonly executionId: string };

/** An operation that waits in an entity's queue. `input` is a JSON text. */
export const operationSchema = z.object({
  id: z.string(),
  operation: z.string(),
  input: z.string().nullable(),
  /** Who waits for the answer; nobody does for a signal. */
  caller: z.object({ instanceId: z.string(), executionId: z.string() }).nullable(),
});

/** An operation that waits in an entity's queue. */
export type Operation = z.infer<typeof operationSchema>;

const requestSchema = z.object({
  op: z.string(),
  signal: z.boolean().optional(),
  input: z.string().optional(),
  id: z.string(),
  parent: z.string(),
  parentExecution: z.string(),
});

/** The id under which an entity answers, the same in every replay. */
export function requestIdOf(execution: Execution, eventId: number): string {
  const digest = createHash("sha256").update(`${execution.executionId}:${eventId}`).digest("hex");
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
}

/** The text of an `EventSent` row that calls or signals an entity. */
export function requestText(action: EntityAction, execution: Execution, id: string): string {
  return JSON.stringify({
    op: action.operation,
    signal: action.kind === "signal-entity" ? true : undefined,
    input: action.input === undefined ? undefined : JSON.stringify(action.input),
    id,
    parent: execution.instanceId,
    parentExecution: execution.executionId,
  });
}

/** The operation that an `EventSent` row asks for. */
export function operationFrom(text: string): Operation {
  const request = requestSchema.parse(JSON.parse(text));
  const caller = { instanceId: request.parent, executionId: request.parentExecution };
  return {
    id: request.id,
    operation: request.op,
    input: request.input ?? null,
    caller: request.signal === true ? null : caller,
  };
}

/** The text of the `EventRaised` row that answers a call. */
export function responseText(result: { readonly isError: boolean; readonly result: string | null }): string {
  return JSON.stringify({
    result: result.result,
    exceptionType: result.isError ? "EntityOperationError" : undefined,
  });
}

/** An entity's name and key. */
export type EntityId = { readonly name: string; readonly key: string };

/** `@name@key`, the name in lower case as the extension has it. */
export function schedulerIdOf({ name, key }: EntityId): string {
  return `@${name.toLowerCase()}@${key}`;
}

/** The entity that `@name@key` names. */
export function entityIdFrom(schedulerId: string): EntityId {
  const at = schedulerId.indexOf("@", 1);
  return { name: schedulerId.slice(1, at).toLowerCase(), key: schedulerId.slice(at + 1) };
}
