import {
  answerFrom,
  type Action,
  type OrchestratorAnswer,
} from "../../local/functions-host/durable/actions.ts";

interface Read {
  readonly raw: readonly RawAction[];
  readonly actions: readonly Action[];
}

interface RawAction {
  readonly actionType?: number;
  readonly functionName?: string;
  readonly instanceId?: string;
  readonly isCanceled?: boolean;
  readonly compoundActions?: unknown;
}

/** What the SDK returns for a turn. */
export interface RawState {
  readonly actions: readonly (readonly RawAction[])[];
}

/**
 * Reads what the SDK returns, as the host does, but each action only once: a turn repeats those of all turns before,
 * and to read them again and again would take most of a simulation's time.
 */
export class ActionReader {
  readonly #read = new Map<string, Read>();

  answerOf(executionId: string, state: RawState): OrchestratorAnswer {
    const [all = [], ...more] = state.actions;
    if (more.length > 0) return answerFrom(JSON.stringify(state));
    const known = this.#read.get(executionId);
    const isKnown = all.map((action, index) => isSame(known?.raw[index], action));
    const news = all.filter((_, index) => !isKnown[index]);
    const answer = answerFrom(JSON.stringify({ ...state, actions: [news] }));
    if (answer.kind !== "state") return answer;
    const read = [...(answer.state.actions[0] ?? [])];
    const actions = isKnown.flatMap((is, index) => (is ? known?.actions[index] : read.shift()) ?? []);
    this.#read.set(executionId, { raw: all, actions });
    return { kind: "state", state: { ...answer.state, actions: [actions] } };
  }

  forget(executionId: string): void {
    this.#read.delete(executionId);
  }
}

// Timers inside a compound are cancelled later, so those are read anew.
function isSame(a: RawAction | undefined, b: RawAction): boolean {
  return (
    a !== undefined &&
    a.actionType === b.actionType &&
    a.functionName === b.functionName &&
    a.instanceId === b.instanceId &&
    a.isCanceled === b.isCanceled &&
    a.compoundActions === undefined &&
    b.compoundActions === undefined
  );
}
