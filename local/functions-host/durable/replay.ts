// The extension learns what an orchestrator did by walking its whole list of actions again each turn: it awaits one
// action before it starts the next, and hands out sequence numbers on the way. The SDK counts the same numbers by
// itself. This walk keeps in step with both.
import type { Action, EntityAction } from "./actions.ts";
import { requestIdOf, requestText, type Execution } from "./entity-messages.ts";
import { ExternalEvents } from "./external-events.ts";
import { mismatch } from "./determinism.ts";
import { eventType, isScheduled, jsonTextOf, type HistoryEvent, type ScheduledEvent } from "./history.ts";

/** Timers further away than this are chained from steps of `longTimerStep`, by the SDK and by the extension. */
export const maximumShortTimer = { milliseconds: 6 * 86_400_000, duration: "6.00:00:00" };

/** The step of a chained timer. */
export const longTimerStep = { milliseconds: 3 * 86_400_000, duration: "3.00:00:00" };

/** What the walk found: what is new, and whether every action so far is done. */
export type Replay = {
  /** Scheduled in this turn, in the order of their ids, with the turn's timestamp. */
  readonly scheduled: readonly ScheduledEvent[];
  readonly isFinished: boolean;
  /** The next generation's input as a JSON text. */
  readonly continueAsNew?: string;
  /** Why the orchestration cannot go on. */
  readonly problem?: string;
};

/** Walks the actions along the history, whose newest turn is at its end. */
export function replayActions(
  actions: readonly Action[],
  history: readonly HistoryEvent[],
  execution: Execution,
): Replay {
  const walk = new Walk(actions, execution);
  for (const event of history) walk.receive(event);
  return walk.outcome(history);
}

type IsDone = () => boolean;
type Request = { readonly id: string; readonly text: string };
type CallActivity = Extract<Action, { kind: "call-activity" }>;

// Every turn walks all actions anew; whoever keeps them between turns need not have them written anew.
const argumentTexts = new WeakMap<CallActivity, string>();
const requests = new WeakMap<EntityAction, Request>();

function argumentsOf(action: CallActivity): string {
  const text = argumentTexts.get(action) ?? jsonTextOf([action.input]);
  argumentTexts.set(action, text);
  return text;
}

class Walk {
  readonly #actions: readonly Action[];
  readonly #execution: Execution;
  readonly #events = new ExternalEvents();
  readonly #scheduled: ScheduledEvent[] = [];
  readonly #settle = new Map<number | string, () => void>();
  #position = 0;
  #current: IsDone | undefined;
  #now = "";
  #continueAsNew: string | undefined;
  #problem: string | undefined;

  constructor(actions: readonly Action[], execution: Execution) {
    this.#actions = actions;
    this.#execution = execution;
  }

  receive(event: HistoryEvent): void {
    switch (event.EventType) {
      case eventType.orchestratorStarted:
        this.#now = event.Timestamp;
        return;
      case eventType.taskCompleted:
      case eventType.taskFailed:
        this.#settleOnce(event.TaskScheduledId);
        break;
      case eventType.timerFired:
        this.#settleOnce(event.TimerId);
        break;
      case eventType.eventRaised:
        if (!this.#settleOnce(event.Name)) this.#events.raise(event.Name);
        break;
      case eventType.executionStarted:
        break;
      default:
        return;
    }
    this.#advance();
  }

  outcome(history: readonly HistoryEvent[]): Replay {
    const problem = this.#problem ?? mismatch(history, this.#scheduled);
    const known = new Set(history.filter(isScheduled).map((event) => event.EventId));
    return {
      scheduled: this.#scheduled
        .filter((event) => !known.has(event.EventId))
        .map((event) => ({ ...event, Timestamp: this.#now })),
      isFinished: this.#position >= this.#actions.length,
      ...(this.#continueAsNew === undefined ? {} : { continueAsNew: this.#continueAsNew }),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  #advance(): void {
    for (;;) {
      const action = this.#actions[this.#position];
      if (action === undefined) return;
      this.#current ??= this.#open(action);
      if (!this.#current()) return;
      this.#current = undefined;
      this.#position += 1;
    }
  }

  #open(action: Action): IsDone {
    switch (action.kind) {
      case "call-activity": {
        // The extension keeps an activity's arguments as an array of one.
        const Input = argumentsOf(action);
        return this.#task(
          this.#schedule({
            EventType: eventType.taskScheduled,
            ...this.#head(),
            Name: action.functionName,
            Input,
          }),
        );
      }
      case "create-timer":
        return this.#openTimer(action.fireAt, action.isCanceled);
      case "wait-for-event":
        return this.#events.wait(action.name);
      case "call-entity":
        return this.#task(this.#send(action));
      case "signal-entity":
        this.#send(action);
        return () => true;
      case "when-any": {
        const parts = action.actions.map((part) => this.#open(part));
        return () => parts.some((isDone) => isDone());
      }
      case "when-all": {
        const parts = action.actions.map((part) => this.#open(part));
        return () => parts.every((isDone) => isDone());
      }
      case "continue-as-new":
        // The SDK encodes a text once more than it encodes anything else.
        this.#continueAsNew = typeof action.input === "string" ? action.input : jsonTextOf(action.input);
        return () => true;
      case "unsupported":
        this.#problem ??= `the orchestrator uses ${action.name}, which this host does not support`;
        return () => false;
    }
  }

  #openTimer(fireAt: string, isCanceled: boolean): IsDone {
    const finalTime = Date.parse(fireAt);
    let done = isCanceled;
    const openStep = (): void => {
      const now = Date.parse(this.#now);
      const isFar = finalTime - now > maximumShortTimer.milliseconds;
      const FireAt = new Date(isFar ? now + longTimerStep.milliseconds : finalTime).toISOString();
      const id = this.#schedule({ EventType: eventType.timerCreated, ...this.#head(), FireAt });
      this.#settle.set(id, () => {
        if (finalTime <= Date.parse(this.#now)) done = true;
        else if (!isCanceled) openStep();
        // The SDK opens another step for a timer that was cancelled, the extension does not.
        else this.#problem ??= "a step of a cancelled long timer fired: SDK and extension would count apart";
      });
    };
    openStep();
    return () => done;
  }

  #task(key: number | string): IsDone {
    let done = false;
    this.#settle.set(key, () => {
      done = true;
    });
    return () => done;
  }

  #settleOnce(key: number | string): boolean {
    const settle = this.#settle.get(key);
    this.#settle.delete(key);
    settle?.();
    return settle !== undefined;
  }

  #head(): { EventId: number; Timestamp: string } {
    return { EventId: this.#scheduled.length, Timestamp: this.#now };
  }

  #schedule(event: ScheduledEvent): number {
    this.#scheduled.push(event);
    return event.EventId;
  }

  /** Gives the id of the request, under which the entity answers. */
  #send(action: EntityAction): string {
    const head = this.#head();
    const request = requests.get(action) ?? this.#request(action, head.EventId);
    requests.set(action, request);
    const InstanceId = action.instanceId;
    const Input = request.text;
    this.#schedule({ EventType: eventType.eventSent, ...head, InstanceId, Name: "op", Input });
    return request.id;
  }

  #request(action: EntityAction, eventId: number): Request {
    const id = requestIdOf(this.#execution, eventId);
    return { id, text: requestText(action, this.#execution, id) };
  }
}
