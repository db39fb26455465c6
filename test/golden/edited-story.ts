import type { Command, Story } from "../../functions/vocabulary.ts";

/** How an edit of a story's text changes what it asks for. `index` counts its commands. */
export interface Edit {
  /** Another command in place of this one, or undefined: it is not asked at all, and answered with nothing. */
  readonly change?: (command: Command, index: number) => Command | undefined;
  /** A command that is asked before this one. */
  readonly insert?: (command: Command, index: number) => Command | undefined;
  readonly result?: (result: unknown) => unknown;
}

/** The story as that edit would leave it. */
export function edited<Input>(story: (input: Input) => Story<unknown>, edit: Edit) {
  return function* (input: Input): Story<unknown> {
    const telling = story(input);
    let step = telling.next();
    for (let index = 0; !step.done; index += 1) {
      const before = edit.insert?.(step.value, index);
      if (before) yield before;
      const command = edit.change ? edit.change(step.value, index) : step.value;
      let answer: unknown;
      try {
        answer = command && (yield command);
      } catch (error) {
        step = telling.throw(error);
        continue;
      }
      step = telling.next(answer);
    }
    return edit.result ? edit.result(step.value) : step.value;
  };
}

function isCall(command: Command, activity: string): boolean {
  return command.kind === "call" && command.activity === activity;
}

/** Edits that would break every story under way, each of which looks harmless in a review. */
export const breakingEdits: Readonly<Record<string, Edit>> = {
  "saves one report less": {
    change: (command) => (isCall(command, "saveReport") ? undefined : command),
  },
  "reads the replication once more before it waits": {
    insert: (command) =>
      command.kind === "wait"
        ? { kind: "call", activity: "readReplication", input: { release: {}, regions: [] } }
        : undefined,
  },
  "calls an activity by another name": {
    change: (command) =>
      isCall(command, "verifyIntoVault") ? ({ ...command, activity: "hashFile" } as Command) : command,
  },
  "waits a second longer": {
    change: (command) => (command.kind === "wait" ? { ...command, seconds: command.seconds + 1 } : command),
  },
  "passes one more field to an activity": {
    change: (command) =>
      isCall(command, "putVersion") && command.kind === "call"
        ? { ...command, input: { ...command.input, attempt: 1 } }
        : command,
  },
  "asks for access before it saves the step": {
    insert: (command) =>
      isCall(command, "verifyIntoVault")
        ? { kind: "call", activity: "findLessee", input: { place: "vault" } }
        : undefined,
  },
  "returns something else": { result: (result) => ({ outcome: result }) },
};
