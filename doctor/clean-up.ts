import { Problem } from "../core/problem.ts";

/** Something that a probe makes, and how it is taken away; both may be asked for when it was never made. */
export interface Made {
  /** A command that takes it away by hand. */
  readonly byHand: string;
  /** Whether it is gone; it may take several tries. */
  readonly remove: () => Promise<boolean>;
}

// A version is gone after a minute or two, and its application counts it for a while longer.
const TRIES = 40;
const PAUSE_SECONDS = 15;

/** Makes something that is noted first, so that an end at any moment leaves nothing; what Azure refused is not noted. */
export async function making<Result>(
  made: Made[],
  thing: Made,
  make: () => Promise<Result>,
): Promise<Result> {
  made.push(thing);
  try {
    return await make();
  } catch (error) {
    if (error instanceof Problem && error.code === "probe-not-allowed") made.splice(made.indexOf(thing), 1);
    throw error;
  }
}

/** Takes away what was made, the last first. Gives the commands for what could not be. */
export async function cleanUp(
  made: readonly Made[],
  wait: (seconds: number) => Promise<void>,
): Promise<readonly string[]> {
  const left: string[] = [];
  for (const each of made.toReversed()) {
    if (!(await isRemoved(each, wait))) left.push(each.byHand);
  }
  return left;
}

async function isRemoved({ remove }: Made, wait: (seconds: number) => Promise<void>): Promise<boolean> {
  for (let tries = 1; tries <= TRIES; tries++) {
    // Whatever went wrong may pass, and else the command by hand is told.
    if (await remove().catch(() => false)) return true;
    if (tries < TRIES) await wait(PAUSE_SECONDS);
  }
  return false;
}
