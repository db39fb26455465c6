// Runs what the hub's rows ask for. All state is in the hub; after a crash the same rows ask for the same work again.
import { answerFrom, answerFromFailure, type OrchestratorAnswer } from "./actions.ts";
import { answerOf, type ScheduledActivity } from "./activity.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import type { DurableFunctions, EngineOptions } from "./engine-options.ts";
import { endBatch, entityAnswerFrom, entityTriggerInput } from "./entity-batch.ts";
import { schedulerIdOf } from "./entity-messages.ts";
import { eventType, pendingActivities, pendingTimers, unscheduledAt, type HistoryEvent } from "./history.ts";
import { apply, type Change, type Hub, type Step } from "./hub.ts";
import { isFinished, knownHistory, type Instance } from "./instance.ts";
import { Sleepers, type Wait } from "./sleepers.ts";
import {
  beginTurn,
  endTerminatedTurn,
  endTurn,
  triggerInputOf,
  type OrchestrationTriggerInput,
} from "./turn.ts";

const pauseAfterBrokenBatch = 5_000;

/** Runs orchestrations, activities, timers and entities from a journalled hub. */
export class DurableEngine {
  readonly #options: EngineOptions;
  readonly #activityLimit: ConcurrencyLimit;
  readonly #timers: Sleepers;
  readonly #running = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  #isClosed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#activityLimit = new ConcurrencyLimit(options.maxConcurrentActivities);
    this.#timers = new Sleepers(options.clock);
  }

  /** The rows as they stand. */
  get hub(): Hub {
    return this.#options.hub;
  }

  /** The functions that the engine runs. */
  get functions(): DurableFunctions {
    return this.#options.functions;
  }

  /** The version that orchestrations begin under. */
  get defaultVersion(): string | undefined {
    return this.#options.defaultVersion;
  }

  /** The engine's time, as the rows write it. */
  timestamp(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }

  #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Takes up all work that the rows ask for. */
  start(): void {
    for (const id of this.hub.instances.keys()) this.#wakeInstance(id);
    for (const id of this.hub.entities.keys()) this.#wakeEntity(id);
  }

  /** Takes up no more work and forgets timers; resolves when what runs has ended and its results are kept. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#timers.clear();
    await Promise.all(this.#running.values());
    this.#isClosed = true;
    this.#options.journal.close();
  }

  /** Makes a step happen: on disk, in the rows, and in what runs. */
  commit(step: Step): void {
    if (this.#isClosed) return;
    this.#options.journal.append(step);
    for (const change of step) apply(this.hub, change);
    for (const change of step) this.#wakeAfter(change);
  }

  #wakeAfter(change: Change): void {
    if (change.kind === "operation-requested" || change.kind === "batch-ended") {
      this.#wakeEntity(schedulerIdOf(change));
    } else if (change.kind === "instance-set") {
      this.#wakeInstance(change.instance.instanceId);
    } else if (change.kind !== "entity-set") {
      this.#wakeInstance(change.instanceId);
    }
  }

  #wakeInstance(id: string): void {
    if (this.#isStopped()) return;
    const instance = this.hub.instances.get(id);
    if (instance === undefined || isFinished(instance)) {
      this.#timers.keep(id, []);
      return;
    }
    const known = knownHistory(instance);
    this.#timers.keep(
      id,
      timersOf(instance, known, (event) => this.#send(instance, event)),
    );
    for (const activity of pendingActivities(known)) {
      const key = `${id}/${instance.executionId}/${activity.EventId}`;
      this.#run(key, () => this.#activityLimit.run(() => this.#activity(instance, activity)));
    }
    const isTerminated = instance.inbox.some(({ EventType }) => EventType === eventType.executionTerminated);
    if (instance.inbox.length === 0 || (instance.isSuspended && !isTerminated)) return;
    this.#run(
      id,
      () => this.#turn(instance),
      () => this.#wakeInstance(id),
    );
  }

  #wakeEntity(id: string): void {
    if (this.#isStopped() || (this.hub.entities.get(id)?.queue.length ?? 0) === 0) return;
    this.#run(
      id,
      () => this.#batch(id),
      () => this.#wakeEntity(id),
    );
  }

  #run(key: string, work: () => Promise<void>, andThen?: () => void): void {
    if (this.#running.has(key)) return;
    const running = Promise.resolve()
      .then(() => (this.#isStopped() ? undefined : work()))
      .catch((failure: unknown) => this.#options.log("error", `${key}: ${String(failure)}`))
      .finally(() => {
        this.#running.delete(key);
        andThen?.();
      });
    this.#running.set(key, running);
  }

  async #turn({ instanceId }: Instance): Promise<void> {
    const instance = this.hub.instances.get(instanceId);
    if (instance === undefined || isFinished(instance)) return;
    const turn = beginTurn(instance, this.#options.clock.now());
    const input = triggerInputOf(turn);
    if (input === undefined) {
      this.commit(endTerminatedTurn(turn));
      return;
    }
    const answer = await this.#orchestrate(instance.name, input);
    const step = endTurn(turn, answer, (kind, name) => this.functions.has(kind, name));
    for (const change of step) {
      if (change.kind !== "turn-ended" || change.runtimeStatus !== "Failed") continue;
      this.#options.log("error", `orchestration ${instanceId}: ${change.output ?? ""}`);
    }
    this.commit(step);
  }

  async #orchestrate(name: string, input: OrchestrationTriggerInput): Promise<OrchestratorAnswer> {
    try {
      return answerFrom(await this.functions.orchestrate(name, input));
    } catch (failure) {
      return answerFromFailure(failure);
    }
  }

  async #activity(instance: Instance, activity: ScheduledActivity): Promise<void> {
    if (this.#isStopped()) return;
    const run = (input: unknown): Promise<string | null> =>
      this.functions.runActivity(activity.Name, input, instance.instanceId);
    const answer = await answerOf(activity, run, () => this.timestamp());
    if (answer.EventType === eventType.taskFailed) this.#options.log("error", answer.Reason);
    this.#send(instance, answer);
  }

  async #batch(id: string): Promise<void> {
    const entity = this.hub.entities.get(id);
    if (entity === undefined) return;
    const batch = entity.queue.slice(0, this.#options.maxEntityOperationBatchSize);
    try {
      const returned = await this.functions.runEntity(entity.name, entityTriggerInput(entity, batch));
      this.commit(endBatch(entity, batch, entityAnswerFrom(returned), this.timestamp()));
    } catch (failure) {
      this.#options.log("error", `a batch of entity ${id} broke and is tried again: ${String(failure)}`);
      await this.#options.clock.sleep(pauseAfterBrokenBatch, this.#stopping.signal).catch(() => undefined);
    }
  }

  #send({ instanceId, executionId }: Instance, event: HistoryEvent): void {
    this.commit([{ kind: "message-sent", instanceId, executionId, event }]);
  }
}

function timersOf(
  instance: Instance,
  known: readonly HistoryEvent[],
  send: (event: HistoryEvent) => void,
): Wait[] {
  return pendingTimers(known).map(({ EventId: TimerId, FireAt }) => ({
    key: `${instance.executionId}/${TimerId}`,
    until: Date.parse(FireAt),
    onDue: () => send({ EventType: eventType.timerFired, ...unscheduledAt(FireAt), TimerId, FireAt }),
  }));
}
