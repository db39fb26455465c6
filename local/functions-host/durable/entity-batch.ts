// A batch of operations on one entity: what the SDK is asked, and what its answer changes.
import * as z from "zod";
import { responseText, type Operation } from "./entity-messages.ts";
import { eventType, unscheduledAt } from "./history.ts";
import type { Change, Step } from "./hub.ts";
import type { Entity } from "./instance.ts";

/** What the entity trigger hands to the SDK. */
export type EntityTriggerInput = {
  readonly self: { readonly name: string; readonly key: string };
  readonly exists: boolean;
  readonly state: string | null;
  readonly batch: readonly {
    readonly name: string;
    readonly input: string | null;
    readonly isSignal: boolean;
    readonly id: string;
  }[];
};

const answerSchema = z.object({
  entityExists: z.boolean(),
  entityState: z.string().nullish(),
  results: z.array(z.object({ isError: z.boolean(), result: z.string().nullish() })),
  signals: z.array(
    z.object({
      target: z.object({ name: z.string(), key: z.string() }),
      name: z.string(),
      input: z.string(),
    }),
  ),
});

/** What an entity function answers to a batch. */
export type EntityAnswer = z.infer<typeof answerSchema>;

/** Reads the JSON text that an entity function returned. */
export function entityAnswerFrom(returned: string | null): EntityAnswer {
  return answerSchema.parse(JSON.parse(returned ?? "null"));
}

/** The batch that the SDK is asked to run: the head of the queue. */
export function entityTriggerInput(entity: Entity, batch: readonly Operation[]): EntityTriggerInput {
  const { name, key, exists, state } = entity;
  return {
    self: { name, key },
    exists,
    state,
    batch: batch.map(({ id, operation, input, caller }) => ({
      ...{ name: operation, input, isSignal: caller === null, id },
    })),
  };
}

/** Ends a batch: the new state, an answer to every caller and the signals that the entity sent. */
export function endBatch(
  entity: Entity,
  batch: readonly Operation[],
  answer: EntityAnswer,
  at: string,
): Step {
  const { name, key } = entity;
  return [
    {
      kind: "batch-ended",
      ...{ name, key, at, consumed: batch.length },
      exists: answer.entityExists,
      state: answer.entityState ?? null,
    },
    ...batch.flatMap((operation, index) => responsesTo(operation, answer.results[index], at)),
    ...answer.signals.map((signal, index): Change => ({
      kind: "operation-requested",
      name: signal.target.name.toLowerCase(),
      key: signal.target.key,
      operation: {
        id: `${batch[0]?.id ?? ""}-signal-${index}`,
        operation: signal.name,
        input: signal.input === "" ? null : signal.input,
        caller: null,
      },
      at,
    })),
  ];
}

function responsesTo(
  operation: Operation,
  result: EntityAnswer["results"][number] | undefined,
  at: string,
): Change[] {
  if (operation.caller === null) return [];
  const Input = responseText(
    result === undefined
      ? { isError: true, result: '"the entity gave no result for this operation"' }
      : { isError: result.isError, result: result.result ?? null },
  );
  return [
    {
      kind: "message-sent",
      ...operation.caller,
      event: { EventType: eventType.eventRaised, ...unscheduledAt(at), Name: operation.id, Input },
    },
  ];
}
