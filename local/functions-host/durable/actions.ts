// What the SDK answers to the orchestration trigger: its state with every action since the generation began.
import * as z from "zod";

/** An action of an orchestrator, as the SDK numbers them; those that this host does not know are `unsupported`. */
export type Action =
  | { readonly kind: "call-activity"; readonly functionName: string; readonly input?: unknown }
  | { readonly kind: "continue-as-new"; readonly input?: unknown }
  | { readonly kind: "create-timer"; readonly fireAt: string; readonly isCanceled: boolean }
  | { readonly kind: "wait-for-event"; readonly name: string }
  | EntityAction
  | { readonly kind: "when-any" | "when-all"; readonly actions: readonly Action[] }
  | { readonly kind: "unsupported"; readonly name: string };

/** An action that sends an operation to an entity. */
export type EntityAction = {
  readonly kind: "call-entity" | "signal-entity";
  readonly instanceId: string;
  readonly operation: string;
  readonly input?: unknown;
};

const unsupportedNames: Readonly<Record<number, string>> = {
  1: "CallActivityWithRetry",
  2: "CallSubOrchestrator",
  3: "CallSubOrchestratorWithRetry",
  8: "CallHttp",
  10: "ScheduledSignalEntity",
  13: "LockEntities",
  14: "ReleaseEntities",
};

const entityFields = { instanceId: z.string(), operation: z.string(), input: z.unknown().optional() };

const knownActionSchema = z.discriminatedUnion("actionType", [
  z
    .object({ actionType: z.literal(0), functionName: z.string(), input: z.unknown().optional() })
    .transform(({ functionName, input }): Action => ({ kind: "call-activity", functionName, input })),
  z
    .object({ actionType: z.literal(4), input: z.unknown().optional() })
    .transform(({ input }): Action => ({ kind: "continue-as-new", input })),
  z
    .object({ actionType: z.literal(5), fireAt: z.string(), isCanceled: z.boolean() })
    .transform(({ fireAt, isCanceled }): Action => ({ kind: "create-timer", fireAt, isCanceled })),
  z
    .object({ actionType: z.literal(6), externalEventName: z.string() })
    .transform(({ externalEventName }): Action => ({ kind: "wait-for-event", name: externalEventName })),
  z
    .object({ actionType: z.literal(7), ...entityFields })
    .transform(({ actionType: _, ...fields }): Action => ({ kind: "call-entity", ...fields })),
  z
    .object({ actionType: z.literal(9), ...entityFields })
    .transform(({ actionType: _, ...fields }): Action => ({ kind: "signal-entity", ...fields })),
]);

const compoundSchema = z.object({
  actionType: z.union([z.literal(11), z.literal(12)]),
  compoundActions: z.array(z.unknown()),
});

const numberedSchema = z.object({ actionType: z.number() });

function actionFrom(value: unknown): Action {
  const { actionType } = numberedSchema.parse(value);
  if (actionType === 11 || actionType === 12) {
    const { compoundActions } = compoundSchema.parse(value);
    return { kind: actionType === 11 ? "when-any" : "when-all", actions: compoundActions.map(actionFrom) };
  }
  return [0, 4, 5, 6, 7, 9].includes(actionType)
    ? knownActionSchema.parse(value)
    : { kind: "unsupported", name: unsupportedNames[actionType] ?? `action type ${actionType}` };
}

const stateSchema = z.object({
  isDone: z.boolean(),
  actions: z.array(z.array(z.unknown().transform(actionFrom))),
  output: z.unknown().optional(),
  error: z.string().optional(),
  customStatus: z.unknown().optional(),
  schemaVersion: z.number(),
});

/** The SDK's answer to one turn. */
export type OrchestratorState = z.infer<typeof stateSchema>;

/** What came of invoking an orchestrator: a state (which may carry an error), or nothing that could be read. */
export type OrchestratorAnswer =
  | { readonly kind: "state"; readonly state: OrchestratorState }
  | { readonly kind: "unreadable"; readonly reason: string };

// The SDK reports failures as an exception whose message ends with the state.
const stateLabel = "$OutOfProcData$:";

/** Reads what an orchestrator returned: the JSON text of its state. */
export function answerFrom(returned: string | null): OrchestratorAnswer {
  if (returned === null) {
    return { kind: "unreadable", reason: "the orchestrator returned nothing" };
  }
  try {
    return { kind: "state", state: stateSchema.parse(JSON.parse(returned)) };
  } catch (cause) {
    return {
      kind: "unreadable",
      reason: `the orchestrator's state is not what schema V3 says: ${messageOf(cause)}`,
    };
  }
}

/** Reads what an orchestrator threw, by cutting the state out of the message. */
export function answerFromFailure(failure: unknown): OrchestratorAnswer {
  const message = messageOf(failure);
  const at = message.indexOf(stateLabel);
  return at < 0 ? { kind: "unreadable", reason: message } : answerFrom(message.slice(at + stateLabel.length));
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
