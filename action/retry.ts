import { durationText } from "../core/duration.ts";
import { Problem } from "../core/problem.ts";
import { type AzureRefusal, passesByItself } from "./azure-refusal.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./console.ts";

// Two minutes in all: longer than a connection's usual break, shorter than anyone's patience with a step.
const PAUSES_SECONDS = [1, 2, 4, 8, 15, 30, 60];
const LONGEST_PAUSE_SECONDS = 120;

/**
 * What `attempt` gives, asked again with growing pauses as long as the refusal passes by itself; Azure's own Retry-After
 * goes before. `attempt` is told its number, from 1.
 */
export async function retrying<Value>(
  what: string,
  attempt: (number: number) => Promise<Value>,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<Value> {
  for (let number = 1; ; number++) {
    try {
      return await attempt(number);
    } catch (error) {
      if (!passesByItself(error)) throw error;
      const usual = PAUSES_SECONDS[number - 1];
      if (usual === undefined) throw usedUp(error, number);
      const pause = Math.min(Math.max(usual, error.retryAfterSeconds ?? 0), LONGEST_PAUSE_SECONDS);
      log.info(`${what}: ${error.message}; trying again in ${durationText(pause)}`);
      await clock.sleep(pause);
    }
  }
}

function usedUp(error: AzureRefusal, attempts: number): Problem {
  const nextStep =
    error.code === "unknown-account"
      ? error.nextStep
      : "Nothing was published. Run the job again once Azure answers (azure.status.microsoft tells of incidents).";
  return new Problem(error.code, `${error.message} (${attempts} attempts)`, nextStep, { cause: error });
}
