import type { HistoryEvent } from "../../local/functions-host/durable/history.ts";
import {
  type OrchestrationTriggerInput,
  triggerInputOf,
  type Turn,
} from "../../local/functions-host/durable/turn.ts";

type PlayedEvent = HistoryEvent & { readonly IsPlayed: boolean };

/**
 * What the SDK is given for a turn, as the host gives it, but with the rows of earlier turns copied only once: a
 * simulation has thousands of turns, and copies would take most of its time. The SDK only makes dates of timestamps.
 */
export class TurnInputs {
  readonly #played = new Map<string, PlayedEvent[]>();

  /** The input, or undefined when the orchestration was terminated. */
  inputOf(turn: Turn): OrchestrationTriggerInput | undefined {
    const { instance } = turn;
    const input = triggerInputOf({ ...turn, instance: { ...instance, history: [] } });
    if (!input) return undefined;
    const played = this.#played.get(instance.executionId) ?? [];
    this.#played.set(instance.executionId, played);
    for (const event of instance.history.slice(played.length)) played.push({ ...event, IsPlayed: true });
    return { ...input, history: [...played, ...input.history], isReplaying: played.length > 0 };
  }
}
