import type { Command, Story } from "../../functions/vocabulary.ts";
import type { VirtualClock } from "./story-runner.ts";

/** Numbers from 0 to 1, always the same for a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

type Perform = (command: Command, instanceId: string) => Promise<unknown>;

/** Tells several stories at once: between any two calls of a port, chance decides who goes on. */
export class Interleaver {
  readonly #random: () => number;
  readonly #clock: VirtualClock;
  readonly #waiting: (() => void)[] = [];
  #sleepers: { readonly until: number; readonly wake: () => void }[] = [];

  constructor(seed: number, clock: VirtualClock) {
    this.#random = seededRandom(seed);
    this.#clock = clock;
  }

  /** The port, whose calls wait until chance lets them. */
  interleaved<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (
          typeof value !== "function" ||
          name === "vaultPathOf" ||
          name === "vaultUrl" ||
          name === "versionId"
        ) {
          return typeof value === "function" ? value.bind(target) : value;
        }
        return async (...args: unknown[]) => {
          await this.#turn();
          return value.apply(target, args);
        };
      },
    });
  }

  /** Tells all stories to their ends. */
  async tellAll<Result>(stories: ReadonlyMap<string, Story<Result>>, perform: Perform): Promise<Result[]> {
    let open = stories.size;
    const told = [...stories].map(([id, story]) => this.#tell(id, story, perform).finally(() => (open -= 1)));
    while (open > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#step();
    }
    return Promise.all(told);
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #step(): void {
    const [next] = this.#waiting.splice(Math.floor(this.#random() * this.#waiting.length), 1);
    if (next) {
      next();
      return;
    }
    this.#sleepers.sort((a, b) => a.until - b.until);
    const first = this.#sleepers.shift();
    if (!first) return;
    this.#clock.pass(Math.max(0, first.until - this.#clock.now()) / 1000);
    first.wake();
  }

  async #tell<Result>(id: string, story: Story<Result>, perform: Perform): Promise<Result> {
    let step = story.next();
    while (!step.done) {
      try {
        const answer = await this.#answer(step.value, id, perform);
        step = story.next(answer);
      } catch (error) {
        // What crosses from an activity to an orchestration is a text.
        step = story.throw(new Error(String(error)));
      }
    }
    return step.value;
  }

  async #answer(command: Command, id: string, perform: Perform): Promise<unknown> {
    if (command.kind === "now") return new Date(this.#clock.now()).toISOString();
    if (command.kind === "self") return id;
    if (command.kind !== "sleep" && command.kind !== "wait") return perform(command, id);
    const until = this.#clock.now() + command.seconds * 1000;
    await new Promise<void>((wake) => this.#sleepers.push({ until, wake }));
    // Nobody sends events here.
    return command.kind === "wait" ? "timed-out" : undefined;
  }
}
