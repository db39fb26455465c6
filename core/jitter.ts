import { sha256 } from "./naming.ts";

/** The pause made longer by up to a half, differently for each `seed` and always the same for one. */
export function jittered(seconds: number, seed: string): number {
  const share = Number.parseInt(sha256(seed).slice(0, 8), 16) / 0xffff_ffff;
  return Math.round(seconds * (1 + share / 2));
}
