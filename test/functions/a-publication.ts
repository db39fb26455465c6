import type { PublishRelease } from "../../functions/orchestrators/publish-release.ts";
import { publishRelease } from "../../functions/orchestrators/publish-release.ts";
import { aDrop, aWorld } from "./a-world.ts";
import { DurableHistory } from "./durable-history.ts";

/** What one publication came to, from its first turn to its last. */
export interface Publication {
  readonly outcome: unknown;
  readonly history: DurableHistory;
  /** Invocations of functions: turns of the story, activities, operations of entities, and the trigger. */
  readonly executions: number;
  /** Those of the readings of the replication, with the pauses before them and the beats of the lease. */
  readonly pollExecutions: number;
  readonly polls: number;
  readonly activities: number;
  readonly entityOperations: number;
  readonly turns: number;
  /** Calls of each port's methods, such as `gallery.readVersion`. */
  readonly calls: Readonly<Record<string, number>>;
  /** Requests to Resource Manager that these calls make. */
  readonly armRequests: number;
  readonly virtualSeconds: number;
}

// What the adapters send for one call; to grant and to revoke is to look as well.
const ARM_REQUESTS: Readonly<Record<string, number>> = {
  "gallery.versionId": 0,
  "access.grant": 2,
  "access.revoke": 3,
};

const ENTITIES: Readonly<Record<string, "accessLease" | "applicationGate">> = {
  accesslease: "accessLease",
  applicationgate: "applicationGate",
};

/** Publishes to that many regions, whose replication takes that long, through the real executor of orchestrations. */
export async function aPublication(regionCount: number, replicationMinutes: number): Promise<Publication> {
  const world = aWorld();
  world.gallery.replicationSeconds = replicationMinutes * 60;
  const names = Array.from({ length: regionCount }, (_, index) => `region${index + 1}`);
  world.gallery.location = "region1";
  world.gallery.regionList = names.map((name) => ({ name, displayName: name.replace("region", "Region ") }));
  world.submit({ targetRegions: names });
  const calls: Record<string, number> = {};
  for (const port of ["gallery", "access", "packages", "reports"] as const) count(world[port], port, calls);

  const input: PublishRelease = { drop: aDrop(), generation: 0 };
  const history = new DurableHistory(publishRelease, input);
  const begun = world.clock.now();
  const steps: string[] = [];
  let turn = await history.turn();
  let turns = 1;
  while (!turn.isDone) {
    if (turns > 3000) throw new Error(`the story does not end: ${steps.slice(-5).join(", ")}`);
    const next = turn.scheduled.at(-1)!;
    for (const { entity, key, input: sent } of history.takeSignals()) {
      steps.push(`signal ${sent.operation.kind}`);
      await world.entities.ask(ENTITIES[entity]!, key, sent);
    }
    steps.push(next);
    if (next.endsWith("timer")) {
      world.clock.pass(history.secondsUntilTimer());
      turn = await history.fireTimer();
    } else if (next.startsWith("entity ")) {
      const { entity, key, input: asked } = history.openCall();
      turn = await history.answerCall(await world.entities.ask(ENTITIES[entity]!, key, asked));
    } else {
      const name = next.replace("activity ", "") as keyof typeof world.activities;
      turn = await history.completeActivity(await world.activities[name](history.lastInput() as never));
    }
    turns++;
  }
  const isPoll = (step: string): boolean => step === "activity readReplication";
  const polling = steps.filter((step) => isPoll(step) || step.endsWith("timer") || step === "signal beat");
  const activities = steps.filter((step) => step.startsWith("activity ")).length;
  const entityOperations = steps.filter((step) => /^(entity|signal) /.test(step)).length;
  return {
    ...{ outcome: turn.output, history, activities, entityOperations, turns, calls },
    executions: 1 + turns + activities + entityOperations,
    // A step and the turn that follows it; a timer is none of its own, and a signal wakes nobody.
    pollExecutions: polling.reduce((sum, step) => sum + (/timer$|^signal/.test(step) ? 1 : 2), 0),
    polls: steps.filter(isPoll).length,
    armRequests: armRequestsOf(calls),
    virtualSeconds: (world.clock.now() - begun) / 1000,
  };
}

function armRequestsOf(calls: Readonly<Record<string, number>>): number {
  return Object.entries(calls)
    .filter(([name]) => /^(gallery|access)\./.test(name))
    .reduce((sum, [name, times]) => sum + times * (ARM_REQUESTS[name] ?? 1), 0);
}

function count(port: object, name: string, calls: Record<string, number>): void {
  for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(port))) {
    const original: unknown = Reflect.get(port, method);
    if (method === "constructor" || typeof original !== "function") continue;
    const value = (...args: unknown[]): unknown => {
      calls[`${name}.${method}`] = (calls[`${name}.${method}`] ?? 0) + 1;
      return Reflect.apply(original, port, args);
    };
    Object.defineProperty(port, method, { value, configurable: true, writable: true });
  }
}
