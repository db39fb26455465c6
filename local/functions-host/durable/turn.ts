// One turn of an orchestration: which rows it adds, what the orchestrator is asked, and what its answer changes.
import { createHash } from "node:crypto";
import type { OrchestratorAnswer } from "./actions.ts";
import { entityIdFrom, operationFrom } from "./entity-messages.ts";
import { eventType, jsonTextOf, unscheduledAt, type HistoryEvent } from "./history.ts";
import type { Change, Step } from "./hub.ts";
import type { Instance } from "./instance.ts";
import { longTimerStep, maximumShortTimer, replayActions } from "./replay.ts";

/** A turn that has begun: the rows that it adds before the orchestrator answers. */
export type Turn = {
  readonly instance: Instance;
  readonly at: string;
  readonly rows: readonly HistoryEvent[];
};

/** What the orchestration trigger hands to the SDK. */
export type OrchestrationTriggerInput = {
  readonly history: readonly (HistoryEvent & { readonly IsPlayed: boolean })[];
  readonly input: unknown;
  readonly instanceId: string;
  readonly isReplaying: boolean;
  readonly parentInstanceId: null;
  readonly upperSchemaVersion: 1;
  readonly upperSchemaVersionNew: 2;
  readonly longRunningTimerIntervalDuration: string;
  readonly maximumShortTimerDuration: string;
  readonly defaultHttpAsyncRequestSleepTimeMillseconds: number;
};

/** Begins a turn with every message that waits. Time never runs backwards in a history. */
export function beginTurn(instance: Instance, now: number): Turn {
  const at = new Date(Math.max(now, Date.parse(instance.lastUpdatedTime))).toISOString();
  return {
    instance,
    at,
    rows: [{ EventType: eventType.orchestratorStarted, ...unscheduledAt(at) }, ...instance.inbox],
  };
}

/** What the SDK is asked in this turn, or undefined when the orchestration was terminated. */
export function triggerInputOf(turn: Turn): OrchestrationTriggerInput | undefined {
  if (terminationIn(turn) !== undefined) return undefined;
  const { instance } = turn;
  return {
    history: [
      ...instance.history.map((event) => ({ ...event, IsPlayed: true })),
      ...turn.rows.map((event) => ({ ...event, IsPlayed: false })),
    ],
    input: JSON.parse(instance.input),
    instanceId: instance.instanceId,
    isReplaying: instance.history.length > 0,
    parentInstanceId: null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 2,
    longRunningTimerIntervalDuration: longTimerStep.duration,
    maximumShortTimerDuration: maximumShortTimer.duration,
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  };
}

/** Ends a turn that terminates its orchestration. */
export function endTerminatedTurn(turn: Turn): Step {
  return [ended(turn, [], { runtimeStatus: "Terminated", output: terminationIn(turn) ?? null })];
}

/** Whether the app has a function of this kind and name. */
export type HasFunction = (kind: "activity" | "entity", name: string) => boolean;

/** Ends a turn with the orchestrator's answer: the rows, and every message that leaves with them. */
export function endTurn(turn: Turn, answer: OrchestratorAnswer, has: HasFunction): Step {
  const { instance } = turn;
  if (answer.kind === "unreadable") return failed(turn, answer.reason);
  const { state } = answer;
  const customStatus = state.customStatus === undefined ? null : jsonTextOf(state.customStatus);
  const [actions, ...more] = state.actions;
  if (actions === undefined || more.length > 0) {
    return failed(turn, `expected one list of actions, got ${state.actions.length}`);
  }
  const replay = replayActions(actions, [...instance.history, ...turn.rows], instance);
  if (replay.problem !== undefined) {
    const because = state.error === undefined ? "" : `; the orchestrator says: ${state.error}`;
    return failed(turn, replay.problem + because);
  }
  const missing = missingFunction(replay.scheduled, has);
  if (missing !== undefined) return failed(turn, missing);
  const messages = messagesOf(replay.scheduled, turn.at);
  const hasEnded = replay.isFinished && (state.isDone || state.error !== undefined);
  if (!hasEnded) {
    return [
      ended(turn, replay.scheduled, { runtimeStatus: "Running", customStatus, output: null }),
      ...messages,
    ];
  }
  if (state.error !== undefined) {
    return [...failed(turn, state.error, replay.scheduled, customStatus), ...messages];
  }
  if (replay.continueAsNew !== undefined) {
    return [nextGeneration(turn, replay.continueAsNew, customStatus), ...messages];
  }
  const output = jsonTextOf(state.output);
  return [ended(turn, replay.scheduled, { runtimeStatus: "Completed", customStatus, output }), ...messages];
}

function terminationIn(turn: Turn): string | undefined {
  const event = turn.rows.find(({ EventType }) => EventType === eventType.executionTerminated);
  return event?.EventType === eventType.executionTerminated ? (event.Input ?? "null") : undefined;
}

function missingFunction(rows: readonly HistoryEvent[], has: HasFunction): string | undefined {
  for (const row of rows) {
    if (row.EventType === eventType.taskScheduled && !has("activity", row.Name)) {
      return `The function '${row.Name}' doesn't exist or is not an activity function.`;
    }
    if (row.EventType === eventType.eventSent && !has("entity", entityIdFrom(row.InstanceId).name)) {
      return `The function '${entityIdFrom(row.InstanceId).name}' doesn't exist or is not an entity function.`;
    }
  }
  return undefined;
}

function messagesOf(rows: readonly HistoryEvent[], at: string): Step {
  return rows.flatMap((row): Change[] => {
    if (row.EventType !== eventType.eventSent || row.Input === null) return [];
    const operation = operationFrom(row.Input);
    return [{ kind: "operation-requested", ...entityIdFrom(row.InstanceId), operation, at }];
  });
}

function failed(
  turn: Turn,
  reason: string,
  scheduled: readonly HistoryEvent[] = [],
  customStatus: string | null = null,
): Step {
  const output = JSON.stringify(`Orchestrator function '${turn.instance.name}' failed: ${reason}`);
  return [ended(turn, scheduled, { runtimeStatus: "Failed", customStatus, output })];
}

type Ending = Pick<Instance, "runtimeStatus" | "output"> & { readonly customStatus?: string | null };

function ended(turn: Turn, scheduled: readonly HistoryEvent[], ending: Ending): Change {
  const { instance, at } = turn;
  const { runtimeStatus, output, customStatus = null } = ending;
  const head = unscheduledAt(at);
  const completed: HistoryEvent = {
    ...{ EventType: eventType.executionCompleted, ...head },
    OrchestrationStatus: runtimeStatus,
    Result: output,
  };
  return {
    kind: "turn-ended",
    instanceId: instance.instanceId,
    executionId: instance.executionId,
    consumed: instance.inbox.length,
    rows: [
      ...turn.rows,
      ...scheduled,
      ...(runtimeStatus === "Running" ? [] : [completed]),
      { EventType: eventType.orchestratorCompleted, ...head },
    ],
    ...{ runtimeStatus, customStatus, output, at },
  };
}

function nextGeneration(turn: Turn, input: string, customStatus: string | null): Change {
  const { instanceId, executionId, inbox } = turn.instance;
  return {
    kind: "generation-ended",
    ...{ instanceId, executionId, input, customStatus, at: turn.at },
    consumed: inbox.length,
    nextExecutionId: createHash("sha256").update(`${executionId}:next`).digest("hex").slice(0, 32),
  };
}
