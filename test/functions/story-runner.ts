import { isDeepStrictEqual } from "node:util";
import type { Command, Story } from "../../functions/vocabulary.ts";

/** Time that passes only when a story sleeps. */
export interface VirtualClock {
  now(): number;
  pass(seconds: number): void;
}

/** A clock that starts at that moment. */
export function virtualClock(startAt = "2026-01-05T10:00:00.000Z"): VirtualClock {
  let time = Date.parse(startAt);
  return {
    now: () => time,
    pass: (seconds) => {
      time += Math.ceil(seconds) * 1000;
    },
  };
}

/** Something that happens while a story sleeps or waits: a change of the world, an event for the story, or both. */
export interface Happening {
  readonly afterSeconds: number;
  readonly event?: string;
  readonly act?: () => void;
}

/** What a story runs against. Activities are any functions of these names. */
export interface StoryWorld {
  readonly activities: object;
  readonly entities?: {
    readonly ask: (entity: string, key: string, input: object) => Promise<unknown>;
  };
  /** The id of the instance that tells the story. */
  readonly instanceId?: string;
  readonly clock?: VirtualClock;
  readonly happenings?: readonly Happening[];
}

/** How a story went: its result and one line for each command, `readSubmission` or `sleep 15`. */
export interface Told<Result> {
  readonly result: Result;
  readonly trace: readonly string[];
  /** Every command with its answer. */
  readonly commands: readonly { readonly command: Command; readonly answer: unknown }[];
  readonly seconds: number;
}

const MOST_COMMANDS = 5000;
/** Inputs and answers travel through the history of an orchestration, so they must be small JSON. */
const MOST_BYTES = 32 * 1024;

/** Tells a story in memory, with a virtual clock, and records it. Throws what the story throws. */
export async function runStory<Result>(story: Story<Result>, world: StoryWorld): Promise<Told<Result>> {
  const clock = world.clock ?? virtualClock();
  const startedAt = clock.now();
  const happenings = [...(world.happenings ?? [])].sort((a, b) => a.afterSeconds - b.afterSeconds);
  const arrived: string[] = [];
  const trace: string[] = [];
  const commands: { command: Command; answer: unknown }[] = [];

  function happenUntil(time: number): void {
    while (happenings[0] && startedAt + happenings[0].afterSeconds * 1000 <= time) {
      const { act, event } = happenings.shift()!;
      act?.();
      if (event !== undefined) arrived.push(event);
    }
  }

  function take(event: string): boolean {
    const index = arrived.indexOf(event);
    if (index >= 0) arrived.splice(index, 1);
    return index >= 0;
  }

  async function perform(command: Command): Promise<unknown> {
    switch (command.kind) {
      case "now":
        return new Date(clock.now()).toISOString();
      case "sleep":
        trace.push(`sleep ${command.seconds}`);
        clock.pass(command.seconds);
        happenUntil(clock.now());
        return undefined;
      case "wait": {
        const end = clock.now() + command.seconds * 1000;
        happenUntil(clock.now());
        while (!take(command.event)) {
          const next = Math.min(end, startedAt + (happenings[0]?.afterSeconds ?? Infinity) * 1000);
          clock.pass((next - clock.now()) / 1000);
          happenUntil(clock.now());
          if (clock.now() >= end && !arrived.includes(command.event)) {
            trace.push(`wait ${command.event} ${command.seconds}: timed-out`);
            return "timed-out";
          }
        }
        trace.push(`wait ${command.event} ${command.seconds}: arrived`);
        return "arrived";
      }
      case "call": {
        trace.push(command.activity);
        const activity = (world.activities as any)[command.activity];
        if (typeof activity !== "function") throw new Error(`no activity ${command.activity}`);
        return asJson(await activity(asJson(command.input)));
      }
      case "edition":
        return 1;
      case "self":
        return world.instanceId ?? "0123456789abcdef";
      case "ask":
      case "tell": {
        trace.push(`${command.entity} ${command.input.operation.kind}`);
        if (!world.entities) throw new Error(`no entity ${command.entity}`);
        const answer = await world.entities.ask(command.entity, command.key, asJson(command.input) as object);
        return command.kind === "ask" ? asJson(answer) : undefined;
      }
    }
  }

  let step = story.next();
  while (!step.done) {
    if (commands.length >= MOST_COMMANDS)
      throw new Error(`the story does not end: ${trace.slice(-10).join(", ")}`);
    const command = step.value;
    let answer: unknown;
    try {
      answer = await perform(command);
    } catch (error) {
      // What crosses from an activity to an orchestration is a text.
      commands.push({ command, answer: error });
      step = story.throw(new Error(error instanceof Error ? error.message : String(error)));
      continue;
    }
    commands.push({ command, answer });
    step = story.next(answer);
  }
  return { result: step.value, trace, commands, seconds: (clock.now() - startedAt) / 1000 };
}

function asJson(value: unknown): unknown {
  const text = value === undefined ? "null" : JSON.stringify(value);
  if (Buffer.byteLength(text) > MOST_BYTES) throw new Error(`too large for a history: ${text.slice(0, 200)}`);
  const copy: unknown = JSON.parse(text);
  if (value !== undefined && !isDeepStrictEqual(copy, value)) {
    throw new Error(`changes on its way through JSON: ${text.slice(0, 200)}`);
  }
  return copy;
}
