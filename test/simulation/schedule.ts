import { setImmediate } from "node:timers/promises";
import type { Random } from "./random.ts";

interface Item {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A virtual clock and what is to happen on it. Of what is due at one moment, the seed says which goes first. */
export class Schedule {
  #now: number;
  #heap: Item[] = [];
  readonly #random: Random;

  constructor(startAt: number, random: Random) {
    this.#now = startAt;
    this.#random = random;
  }

  now(): number {
    return this.#now;
  }

  /** How much is still to happen. */
  get size(): number {
    return this.#heap.length;
  }

  at(time: number, run: () => void): void {
    const item = { at: Math.max(Math.ceil(time), this.#now), order: this.#random.next(), run };
    const heap = this.#heap;
    let index = heap.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(item, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = item;
  }

  in(milliseconds: number, run: () => void): void {
    this.at(this.#now + milliseconds, run);
  }

  /** Lets time pass until that much, until nothing is left to happen, or until `isOver`. */
  async run(until: number, isOver: () => boolean): Promise<void> {
    while (this.#heap.length > 0 && this.#heap[0]!.at <= until && !isOver()) {
      const { at, run } = this.#pop();
      this.#now = at;
      run();
      // Whatever the step has set going goes on until it waits for another step.
      await setImmediate();
    }
  }

  #pop(): Item {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) {
      let index = 0;
      for (;;) {
        let child = 2 * index + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
        if (!isBefore(heap[child]!, last)) break;
        heap[index] = heap[child]!;
        index = child;
      }
      heap[index] = last;
    }
    return first;
  }
}

function isBefore(a: Item, b: Item): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
