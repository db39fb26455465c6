/** How unlike a perfect line the relay is. Shares are between 0 and 1. */
export type Disturbance = {
  readonly seed: number;
  /** Share of events that are delivered a second time. */
  readonly repeated?: number;
  /** Share of events that are never delivered. */
  readonly lost?: number;
  /** Each delivery waits up to this long on the clock, so events overtake each other. */
  readonly delayMilliseconds?: number;
};

/** What happens to one event on its way to one subscription: a wait before each of its deliveries. */
export type Fate = { readonly delays: readonly number[] };

/** Decides fates, the same ones for the same seed and order of questions. */
export function fatesFrom({ seed, repeated = 0, lost = 0, delayMilliseconds = 0 }: Disturbance): () => Fate {
  const random = randomFrom(seed);
  return () => {
    const isLost = random() < lost;
    const isRepeated = random() < repeated;
    const delays = [random() * delayMilliseconds, random() * delayMilliseconds];
    return { delays: isLost ? [] : delays.slice(0, isRepeated ? 2 : 1) };
  };
}

/** Numbers in [0, 1) by the mulberry32 generator. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
