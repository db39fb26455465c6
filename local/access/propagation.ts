import type { RoleAssignment } from "../world.ts";

/** How long a change of a role assignment takes until it is felt, in milliseconds of the clock. */
export type Propagation = (change: "grant" | "revocation", assignment: RoleAssignment) => number;

/** The same delay for every change. */
export function steadyPropagation(milliseconds: number): Propagation {
  return () => milliseconds;
}

/** Delays between 0 and `most`, always the same ones for a seed. */
export function seededPropagation(seed: number, most: number): Propagation {
  let state = seed >>> 0;
  return () => {
    // mulberry32: small, and good enough to spread delays.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * most;
  };
}
