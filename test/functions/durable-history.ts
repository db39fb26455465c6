import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";
import * as df from "durable-functions";
import { orchestrator } from "../../functions/durable.ts";
import type { Story } from "../../functions/vocabulary.ts";

// The library's own executor, as the worker runs it.
const { createOrchestrator } = createRequire(import.meta.url)("durable-functions/lib/src/util/testingUtils");

/** What one turn of an orchestration came to. */
export interface Turn {
  readonly isDone: boolean;
  readonly output: unknown;
  /** What was newly asked for, such as `activity putVersion`, `timer`, `any of event x, timer`. */
  readonly scheduled: readonly string[];
  readonly cancelledTimers: number;
}

interface Action {
  readonly actionType: number;
  readonly functionName?: string;
  readonly input?: unknown;
  readonly fireAt?: string;
  readonly isCanceled?: boolean;
  readonly externalEventName?: string;
  readonly instanceId?: string;
  readonly operation?: string;
  readonly compoundActions?: readonly Action[];
}

type HistoryEvent = Record<string, unknown>;

const CALL_ACTIVITY = 0;
const CREATE_TIMER = 5;
const WAIT_FOR_EVENT = 6;
const CALL_ENTITY = 7;
const SIGNAL_ENTITY = 9;

/** An operation that was sent to an entity. */
export interface SentOperation {
  readonly entity: string;
  readonly key: string;
  readonly input: any;
}

/** A story's orchestration through the real executor, with the history that the extension would keep of it. */
export class DurableHistory {
  readonly #handler: (trigger: unknown, context: unknown) => Promise<any>;
  readonly #input: unknown;
  readonly #version: string | undefined;
  readonly #history: HistoryEvent[] = [];
  readonly #lengths: number[] = [];
  readonly #actions: string[] = [];
  #time = Date.parse("2026-01-05T10:00:00.000Z");
  #seen = 0;
  #nextId = 0;
  #openActivity: { id: number; input: unknown } | undefined;
  #openCall: (SentOperation & { id: string }) | undefined;
  #signals: SentOperation[] = [];
  #openTimer: { id: number; fireAt: number } | undefined;

  constructor(story: (input: never) => Story<unknown>, input: object = {}, version?: string) {
    this.#handler = createOrchestrator(orchestrator(story));
    this.#input = input;
    this.#version = version;
  }

  /** The first turn. */
  turn(): Promise<Turn> {
    const begun = { EventType: 0, Name: "story", Input: JSON.stringify(this.#input) };
    return this.#turn({ ...begun, ...(this.#version !== undefined && { Version: this.#version }) });
  }

  completeActivity(answer: unknown): Promise<Turn> {
    return this.#turn({
      EventType: 5,
      TaskScheduledId: this.#openActivity!.id,
      Result: JSON.stringify(answer ?? null),
    });
  }

  failActivity(message: string): Promise<Turn> {
    const reason = `Activity function failed: ${message}`;
    return this.#turn({ EventType: 6, TaskScheduledId: this.#openActivity!.id, Reason: reason, Details: "" });
  }

  /** The operation that waits for its entity's answer. */
  openCall(): SentOperation {
    return this.#openCall!;
  }

  /** The signals sent since the last look. */
  takeSignals(): SentOperation[] {
    return this.#signals.splice(0);
  }

  answerCall(answer: unknown): Promise<Turn> {
    const Input = JSON.stringify({ result: JSON.stringify(answer) });
    return this.#turn({ EventType: 15, Name: this.#openCall!.id, Input });
  }

  fireTimer(): Promise<Turn> {
    const { id, fireAt } = this.#openTimer!;
    this.#time = fireAt;
    return this.#turn({ EventType: 11, TimerId: id, FireAt: new Date(fireAt).toISOString() });
  }

  raiseEvent(name: string): Promise<Turn> {
    this.#time += 1000;
    return this.#turn({ EventType: 15, Name: name, Input: "{}" });
  }

  /** What the activity that is under way was called with. */
  lastInput(): unknown {
    return this.#openActivity!.input;
  }

  secondsUntilTimer(): number {
    return (this.#openTimer!.fireAt - this.#time) / 1000;
  }

  /** How many events the history has. */
  get length(): number {
    return this.#history.length;
  }

  /** Tells the whole story again, as each turn does. */
  async replay(): Promise<void> {
    await this.#execute(this.#history);
  }

  /** Whether each prefix of turns asks for the same again, in a process that knows nothing. */
  async replaysSameFromEveryPrefix(): Promise<boolean> {
    for (const [turn, length] of this.#lengths.entries()) {
      const state = await this.#execute(this.#history.slice(0, length));
      if (!isDeepStrictEqual(JSON.stringify(state.actions), this.#actions[turn])) return false;
    }
    return true;
  }

  async #turn(message: HistoryEvent): Promise<Turn> {
    for (const event of this.#history) event["IsPlayed"] = true;
    this.#add({ EventType: 12 });
    this.#add(message);
    this.#lengths.push(this.#history.length);
    const state = await this.#execute(this.#history);
    const actions: Action[] = JSON.parse(JSON.stringify(state.actions[0]));
    this.#actions.push(JSON.stringify(state.actions));
    const news = actions.slice(this.#seen);
    this.#seen = actions.length;
    for (const action of news.flatMap((item) => item.compoundActions ?? [item])) this.#schedule(action);
    this.#add({ EventType: 13 });
    return {
      isDone: state.isDone,
      output: state.output,
      scheduled: news.map(nameOf),
      cancelledTimers: actions
        .flatMap((item) => item.compoundActions ?? [item])
        .filter((action) => action.isCanceled).length,
    };
  }

  #schedule(action: Action): void {
    if (action.actionType === CALL_ACTIVITY) {
      this.#openActivity = { id: this.#nextId, input: action.input };
      this.#add({
        EventType: 4,
        EventId: this.#nextId++,
        Name: action.functionName,
        Input: JSON.stringify(action.input),
      });
    } else if (action.actionType === CREATE_TIMER) {
      this.#openTimer = { id: this.#nextId, fireAt: Date.parse(action.fireAt!) };
      this.#add({ EventType: 10, EventId: this.#nextId++, FireAt: action.fireAt });
    } else if (action.actionType === CALL_ENTITY || action.actionType === SIGNAL_ENTITY) {
      this.#send(action);
    }
  }

  #send({ actionType, instanceId = "", operation, input }: Action): void {
    const [, entity = "", key = ""] = instanceId.split("@");
    const id = `call-${this.#nextId}`;
    const signal = actionType === SIGNAL_ENTITY;
    if (signal) this.#signals.push({ entity, key, input });
    else this.#openCall = { entity, key, input, id };
    const Input = JSON.stringify({ op: operation, signal, input: JSON.stringify(input), id, parent: "p" });
    this.#add({ EventType: 14, EventId: this.#nextId++, InstanceId: instanceId, Name: "op", Input });
  }

  #add(event: HistoryEvent): void {
    this.#history.push({
      EventId: -1,
      IsPlayed: false,
      Timestamp: new Date(this.#time).toISOString(),
      ...event,
    });
  }

  #execute(history: readonly HistoryEvent[]): Promise<any> {
    const context = new df.DummyOrchestrationContext("story", "invocation", () => undefined);
    return this.#handler(
      structuredClone({
        history,
        input: this.#input,
        instanceId: "0123456789abcdef",
        isReplaying: false,
        parentInstanceId: null,
        upperSchemaVersion: 1,
        upperSchemaVersionNew: 2,
        longRunningTimerIntervalDuration: "3.00:00:00",
        maximumShortTimerDuration: "6.00:00:00",
        defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
      }),
      context,
    );
  }
}

function nameOf(action: Action): string {
  if (action.compoundActions) return `any of ${action.compoundActions.map(nameOf).join(", ")}`;
  if (action.actionType === CALL_ACTIVITY) return `activity ${action.functionName}`;
  if (action.actionType === WAIT_FOR_EVENT) return `event ${action.externalEventName}`;
  if (action.actionType === CALL_ENTITY) return `entity ${action.operation}`;
  if (action.actionType === SIGNAL_ENTITY) return `signal ${action.operation}`;
  return action.actionType === CREATE_TIMER ? "timer" : `action ${action.actionType}`;
}
