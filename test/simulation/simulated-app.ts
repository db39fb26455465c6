import { createRequire } from "node:module";
import type { Drop } from "../../core/naming.ts";
import { sharedBackoff } from "../../functions/azure/shared-backoff.ts";
import type { PublishRelease } from "../../functions/orchestrators/publish-release.ts";
import type { Ports } from "../../functions/ports.ts";
import { STORY } from "../../functions/starting.ts";
import { startReconciling } from "../../functions/triggers/reconcile.ts";
import type { Stories, StoryHost } from "../../functions/vocabulary.ts";
import { jsonTextOf } from "../../local/functions-host/durable/history.ts";
import { type Instance, isFinished } from "../../local/functions-host/durable/instance.ts";
import type { RawState } from "./action-reader.ts";
import { Actor } from "./actor.ts";
import { disturbedPorts, request } from "./disturbed-ports.ts";
import type { SimulatedFunctions } from "./durable-host.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Stage } from "./stage.ts";

const require = createRequire(import.meta.url);
const { Orchestrator } = require("durable-functions/lib/src/orchestrations/Orchestrator.js");
const { Entity } = require("durable-functions/lib/src/entities/Entity.js");

const MINUTE = 60_000;
const RETENTION_HOURS = 168;

/** The function app: its stories, activities and entities as actors do them, and the timer of its reconciler. */
export class SimulatedApp {
  /** Replays that asked for something else than before. */
  readonly driftedReplays: string[] = [];
  readonly #stage: Stage;
  readonly #pipeline: Pipeline;
  readonly #isSettled: () => boolean;
  readonly #backoff;
  readonly #asked = new Map<string, readonly unknown[]>();
  readonly #drops = new Map<string, Drop>();
  #isReconciling = false;

  /** `isSettled` tells when there is nothing left for the reconciler to do. */
  constructor(stage: Stage, pipeline: Pipeline, isSettled: () => boolean) {
    this.#stage = stage;
    this.#pipeline = pipeline;
    this.#isSettled = isSettled;
    this.#backoff = sharedBackoff(() => stage.schedule.now());
  }

  functionsOf(actor: Actor): SimulatedFunctions {
    const { orchestrators, activitiesOf, entitiesOf } = this.#pipeline;
    const { ports: all, disturbance } = this.#stage;
    const ports = (): Ports => {
      const disturbed = disturbedPorts(all, actor, disturbance);
      const gallery = this.#backoff.gallery(disturbed.gallery);
      return { ...disturbed, gallery, access: this.#backoff.access(disturbed.access) };
    };
    return {
      has: () => true,
      orchestrate: (name, input) => new Orchestrator(orchestrators[name]).handle(input, {}),
      runActivity: async (name, input) =>
        jsonTextOf(await activitiesOf(ports(), this.#hostOf(actor))[name]?.(input)),
      runEntity: async (name, input) => {
        const handler = entitiesOf(ports())[name];
        return jsonTextOf(await new Entity(handler).handle(input, {}));
      },
    };
  }

  /** The stories as that actor reaches them. */
  storiesOf(actor: Actor): Stories {
    const { host, disturbance } = this.#stage;
    const ask = <Answer>(method: string, effect: () => Answer): Promise<Answer> =>
      request(actor, `stories.${method}`, "storage", [], disturbance, () => Promise.resolve().then(effect));
    return {
      status: (id) =>
        ask("status", () => {
          const instance = host.hub.instances.get(id);
          return !instance ? "absent" : isFinished(instance) ? "ended" : "running";
        }),
      start: (id, story, input) =>
        ask("start", () => {
          host.start(id, story, input);
          if (story === STORY) this.#drops.set(id, (input as PublishRelease).drop);
          this.reconcileOften();
        }),
      raise: (id, event) => ask("raise", () => host.raise(id, event)),
      purge: (before) => ask("purge", () => host.purgeEnded(before)),
    };
  }

  /** The submission whose story somebody works for, if it is one's. */
  dropOf(actor: Actor | undefined): Drop | undefined {
    return actor && this.#drops.get(actor.owner);
  }

  /** The timer of the reconciler, for as long as there is anything to do. */
  reconcileOften(): void {
    if (this.#isReconciling) return;
    this.#isReconciling = true;
    const { schedule, random, scenario } = this.#stage;
    schedule.in(random.between(0, scenario.reconcileMinutes) * MINUTE, () => this.#onTimer());
  }

  #onTimer(): void {
    if (this.#isSettled()) {
      this.#isReconciling = false;
      return;
    }
    const { schedule, scenario, trace } = this.#stage;
    schedule.in(scenario.reconcileMinutes * MINUTE, () => this.#onTimer());
    const actor = new Actor("trigger", "timer", "timer");
    const hour = new Date(schedule.now());
    void startReconciling(this.storiesOf(actor), { retentionHours: RETENTION_HOURS }, hour).catch(
      (error: unknown) => trace(() => `the timer fails: ${String(error)}`),
    );
  }

  /** A turn repeats all that was asked for before; whether it does, inputs and all, is looked at now and then. */
  compareReplay({ instanceId, executionId }: Instance, { actions: [actions = []] }: RawState): void {
    const before = this.#asked.get(executionId);
    if (before && this.#stage.random.chance(0.02)) {
      const [past, now] = [before, actions.slice(0, before.length)].map(askedText);
      if (past !== now)
        this.driftedReplays.push(`${instanceId.slice(0, 6)} asked for ${now}, before for ${past}`);
    }
    this.#asked.set(executionId, actions);
  }

  #hostOf(actor: Actor): StoryHost {
    return { stories: this.storiesOf(actor), log: (line) => this.#stage.trace(() => line) };
  }
}

// A timer that lost a race is cancelled afterwards.
function askedText(actions: readonly unknown[]): string {
  return JSON.stringify(actions, (key, value: unknown) => (key === "isCanceled" ? undefined : value));
}
