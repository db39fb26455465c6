import { join } from "node:path";
import { answerFromFailure } from "../../local/functions-host/durable/actions.ts";
import { answerOf, type ScheduledActivity } from "../../local/functions-host/durable/activity.ts";
import {
  endBatch,
  entityAnswerFrom,
  type EntityTriggerInput,
  entityTriggerInput,
} from "../../local/functions-host/durable/entity-batch.ts";
import { schedulerIdOf } from "../../local/functions-host/durable/entity-messages.ts";
import { eventType, type HistoryEvent, unscheduledAt } from "../../local/functions-host/durable/history.ts";
import { apply, type Change, emptyHub, type Hub, type Step } from "../../local/functions-host/durable/hub.ts";
import { type Instance, isFinished, pendingInstance } from "../../local/functions-host/durable/instance.ts";
import {
  beginTurn,
  endTerminatedTurn,
  endTurn,
  type OrchestrationTriggerInput,
} from "../../local/functions-host/durable/turn.ts";
import { readHostSettings } from "../../local/functions-host/host-settings.ts";
import { ActionReader, type RawState } from "./action-reader.ts";
import { Actor } from "./actor.ts";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";
import type { Trouble } from "./trouble.ts";
import { TurnInputs } from "./turn-inputs.ts";

const SECOND = 1000;
/** What host.json says of the stories that begin. */
const EDITION = readHostSettings(join(import.meta.dirname, "../..")).durableTask.defaultVersion;
/** After so long the platform gives work that it heard nothing of to another machine. */
const REDELIVERY = { least: 1 * SECOND, most: 300 * SECOND };
/** What an entity was doing when its machine stopped is given to another one when its partition has moved. */
const PARTITION_MOVE = { least: 30 * SECOND, most: 90 * SECOND };

/** The app's durable functions, as one actor does them: through the SDK's own executors. */
export interface SimulatedFunctions {
  has(kind: "activity" | "entity", name: string): boolean;
  orchestrate(name: string, input: OrchestrationTriggerInput): Promise<RawState>;
  runActivity(name: string, input: unknown): Promise<string | null>;
  runEntity(name: string, input: EntityTriggerInput): Promise<string | null>;
}

export interface DurableHostOptions {
  readonly schedule: Schedule;
  readonly random: Random;
  readonly trouble: Trouble;
  /** The app's durable functions, done by that actor. */
  readonly functionsOf: (actor: Actor) => SimulatedFunctions;
  readonly maxEntityBatch: number;
  readonly trace: (line: () => string) => void;
  /** Told of each batch that is kept: its operations, the state before and after. */
  readonly onBatch: (operations: readonly string[], before: string | null, after: string | null) => void;
  /** Told of each turn that is kept. */
  readonly onTurn: (instance: Instance, state: RawState) => void;
}

/** Durable Functions on a virtual clock: any step may run at any time, crash before its commit, and run again. */
export class DurableHost {
  readonly hub: Hub = emptyHub();
  readonly counts = { turns: 0, batches: 0, activities: 0 };
  readonly #options: DurableHostOptions;
  readonly #busy = new Set<string>();
  readonly #actors = new Set<Actor>();
  readonly #reader = new ActionReader();
  readonly #inputs = new TurnInputs();

  constructor(options: DurableHostOptions) {
    this.#options = options;
  }

  /** Starts an orchestration; a running one stays, a finished one starts over. */
  start(instanceId: string, name: string, input: object): "started" | "running" {
    const present = this.hub.instances.get(instanceId);
    if (present && !isFinished(present)) return "running";
    const executionId = this.#options.random.hex(32);
    const at = this.timestamp();
    const start = { instanceId, name, executionId, input: JSON.stringify(input), at, version: EDITION };
    this.commit([{ kind: "instance-set", instance: pendingInstance(start) }]);
    return "started";
  }

  raise(instanceId: string, name: string): void {
    const event = {
      EventType: eventType.eventRaised,
      ...unscheduledAt(this.timestamp()),
      Name: name,
      Input: "{}",
    };
    this.commit([{ kind: "message-sent", instanceId, executionId: null, event }]);
  }

  /** Sends an operation that nobody waits for. */
  signal(name: string, key: string, operation: string, input: unknown): void {
    const request = {
      id: this.#options.random.hex(32),
      operation,
      input: JSON.stringify(input),
      caller: null,
    };
    this.commit([{ kind: "operation-requested", name, key, operation: request, at: this.timestamp() }]);
  }

  /** Ends an orchestration where it stands, as an operator may. */
  terminate(instanceId: string): void {
    const event = {
      EventType: eventType.executionTerminated,
      ...unscheduledAt(this.timestamp()),
      Input: '"an operator"',
    };
    this.commit([{ kind: "message-sent", instanceId, executionId: null, event }]);
  }

  /** Forgets an orchestration, running or not. */
  purge(instanceId: string): void {
    this.commit([{ kind: "instance-removed", instanceId }]);
  }

  /** Forgets the orchestrations that began before that time and have ended. */
  purgeEnded(before: string): number {
    const old = [...this.hub.instances.values()].filter(
      (instance) => isFinished(instance) && instance.createdTime < before,
    );
    for (const { instanceId } of old) this.purge(instanceId);
    return old.length;
  }

  /** Loses all that was kept, as when the task hub is deleted. */
  wipe(): void {
    for (const actor of this.#actors) actor.crash("dead");
    this.hub.instances.clear();
    this.hub.entities.clear();
  }

  /** Stops the machine: everything that is under way is lost and done again. */
  stopMachine(): void {
    for (const actor of [...this.#actors]) actor.crash("dead");
  }

  timestamp(): string {
    return new Date(this.#options.schedule.now()).toISOString();
  }

  commit(step: Step): void {
    for (const change of step) apply(this.hub, change);
    for (const change of step) this.#wakeAfter(change);
  }

  #wakeAfter(change: Change): void {
    switch (change.kind) {
      case "operation-requested":
      case "batch-ended":
        this.#wakeEntity(schedulerIdOf(change));
        return;
      case "instance-set":
        this.#wakeInstance(change.instance.instanceId);
        return;
      case "turn-ended":
        this.#takeUp(change.instanceId, change.executionId, change.rows);
        this.#wakeInstance(change.instanceId);
        return;
      case "message-sent":
      case "generation-ended":
        this.#wakeInstance(change.instanceId);
        return;
      default:
    }
  }

  /** Sets going what a turn has asked for. */
  #takeUp(instanceId: string, executionId: string, rows: readonly HistoryEvent[]): void {
    const { schedule, random } = this.#options;
    if (!this.#current(instanceId, executionId)) return;
    for (const row of rows) {
      if (row.EventType === eventType.taskScheduled) {
        const delay = random.between(0.05, 2) * SECOND;
        schedule.in(delay, () => this.#activity(instanceId, executionId, row));
      } else if (row.EventType === eventType.timerCreated) {
        const { EventId: TimerId, FireAt } = row;
        schedule.at(Date.parse(FireAt) + random.between(0, 2) * SECOND, () => {
          const fired = { EventType: eventType.timerFired, ...unscheduledAt(FireAt), TimerId, FireAt };
          this.#send(instanceId, executionId, fired);
        });
      }
    }
  }

  #send(instanceId: string, executionId: string, event: HistoryEvent): void {
    this.commit([{ kind: "message-sent", instanceId, executionId, event }]);
  }

  #current(instanceId: string, executionId: string): Instance | undefined {
    const instance = this.hub.instances.get(instanceId);
    return instance && !isFinished(instance) && instance.executionId === executionId ? instance : undefined;
  }

  #activity(instanceId: string, executionId: string, activity: ScheduledActivity): void {
    const { schedule, random, trouble, trace, functionsOf } = this.#options;
    if (!this.#current(instanceId, executionId)) return;
    const actor = new Actor("activity", activity.Name, instanceId, executionId);
    this.counts.activities += 1;
    this.#actors.add(actor);
    actor.onCrash = () => {
      this.#actors.delete(actor);
      trace(() => `${actor.label} crashed; it will run again`);
      const delay = random.between(REDELIVERY.least, REDELIVERY.most);
      schedule.in(delay, () => this.#activity(instanceId, executionId, activity));
    };
    const run = (input: unknown) => functionsOf(actor).runActivity(activity.Name, input);
    void answerOf(activity, run, () => this.timestamp()).then((answer) => {
      const crash = actor.isAlive ? trouble.crash(false) : undefined;
      if (crash) actor.crash(crash);
      if (!actor.isAlive) return;
      this.#actors.delete(actor);
      trace(() => `${actor.label} -> ${resultOf(answer)}`);
      this.#send(instanceId, executionId, answer);
    });
  }

  #wakeInstance(id: string): void {
    const instance = this.hub.instances.get(id);
    if (!instance || isFinished(instance) || instance.inbox.length === 0 || this.#busy.has(id)) return;
    this.#busy.add(id);
    this.#options.schedule.in(this.#options.random.between(0.02, 1) * SECOND, () => this.#turn(id));
  }

  #turn(id: string): void {
    const { schedule, random, trouble, trace, onTurn } = this.#options;
    const instance = this.hub.instances.get(id);
    if (!instance || isFinished(instance) || instance.inbox.length === 0) {
      this.#busy.delete(id);
      return;
    }
    const actor = new Actor("turn", instance.name, id);
    this.#actors.add(actor);
    actor.onCrash = () => {
      this.#actors.delete(actor);
      trace(() => `${actor.label} crashed; it will run again`);
      schedule.in(random.between(REDELIVERY.least, REDELIVERY.most), () => this.#turn(id));
    };
    const commit = (step: Step, returned?: RawState): void => {
      const crash = actor.isAlive ? trouble.crash(false) : undefined;
      if (crash) actor.crash(crash);
      if (!actor.isAlive) return;
      this.#actors.delete(actor);
      this.#busy.delete(id);
      if (returned) onTurn(instance, returned);
      this.commit(step);
      // What came while the turn was under way.
      this.#wakeInstance(id);
    };
    this.counts.turns += 1;
    const turn = beginTurn(instance, schedule.now());
    const input = this.#inputs.inputOf(turn);
    if (!input) {
      commit(endTerminatedTurn(turn));
      return;
    }
    const functions = this.#options.functionsOf(actor);
    void functions.orchestrate(instance.name, input).then(
      (returned) => {
        const answer = this.#reader.answerOf(instance.executionId, returned);
        const step = endTurn(turn, answer, (kind, name) => functions.has(kind, name));
        schedule.in(random.between(0, 0.3) * SECOND, () => commit(step, returned));
      },
      (failure: unknown) => {
        trace(() => `${actor.label} threw ${String(failure)}`);
        commit(endTurn(turn, answerFromFailure(failure), (kind, name) => functions.has(kind, name)));
      },
    );
  }

  #wakeEntity(id: string): void {
    if (this.#busy.has(id) || (this.hub.entities.get(id)?.queue.length ?? 0) === 0) return;
    this.#busy.add(id);
    this.#options.schedule.in(this.#options.random.between(0.02, 1) * SECOND, () => this.#batch(id));
  }

  #batch(id: string): void {
    const { schedule, random, trouble, trace, functionsOf, maxEntityBatch, onBatch } = this.#options;
    const entity = this.hub.entities.get(id);
    if (!entity || entity.queue.length === 0) {
      this.#busy.delete(id);
      return;
    }
    const actor = new Actor("batch", entity.name, id);
    this.#actors.add(actor);
    this.counts.batches += 1;
    actor.onCrash = () => {
      this.#actors.delete(actor);
      trace(() => `${actor.label} crashed; it will run again`);
      schedule.in(random.between(PARTITION_MOVE.least, PARTITION_MOVE.most), () => this.#batch(id));
    };
    const batch = entity.queue.slice(0, random.whole(1, maxEntityBatch));
    void functionsOf(actor)
      .runEntity(entity.name, entityTriggerInput(entity, batch))
      .then((returned) => {
        const crash = actor.isAlive ? trouble.crash(false) : undefined;
        if (crash) actor.crash(crash);
        if (!actor.isAlive) return;
        this.#actors.delete(actor);
        this.#busy.delete(id);
        const answer = entityAnswerFrom(returned);
        trace(
          () =>
            `${actor.label}: ${batch.map(({ operation }) => operation).join(", ")} -> ${answer.entityState}`,
        );
        const operations = batch.map(({ operation }) => operation);
        onBatch(operations, entity.state, answer.entityState ?? null);
        this.commit(endBatch(entity, batch, answer, this.timestamp()));
        this.#wakeEntity(id);
      });
  }
}

function resultOf(answer: HistoryEvent): string {
  const text =
    answer.EventType === eventType.taskCompleted ? answer.Result : JSON.stringify(answer).slice(0, 300);
  return (text ?? "nothing").slice(0, 200);
}
