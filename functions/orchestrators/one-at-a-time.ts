import { isSettled, type Turn, type UnfinishedOperation, type Work } from "../../core/application-gate.ts";
import { jittered } from "../../core/jitter.ts";
import type { Release } from "../../core/naming.ts";
import { ask, call, now, self, sleep, type Story, tell } from "../vocabulary.ts";

/** Whether an operation may begin on a version; `occupied` names the one that has not ended. */
export type Entry =
  { readonly state: "entered" } | { readonly state: "occupied"; readonly by: UnfinishedOperation };

/** The same for a publication, which may be one too many in an hour. After these seconds its place is reserved. */
export type PublicationEntry = Entry | { readonly state: "later"; readonly seconds: number };

/** The pause before another look at an operation in the way: growing, so that hours of it stay a short history. */
export function pauseWhileOccupied(looks: number): number {
  return Math.min(60 * (looks + 1), 900);
}

// Azure does not tell upper from lower case in names.
function gateOf(application: string): string {
  return application.toLowerCase();
}

/**
 * Begins an operation on a version, unless another one has not ended. One whose story has ended or is gone without a
 * word is put out of the way. Safe to repeat; end it with {@link leaveVersion}.
 */
export function enterVersion(release: Release, work: Exclude<Work, "publish">): Story<Entry>;
export function enterVersion(release: Release, work: "publish", isReserved: boolean): Story<PublicationEntry>;
export function* enterVersion(
  { application, version }: Release,
  work: Work,
  isReserved = false,
): Story<PublicationEntry> {
  for (let attempt = 0; ; attempt++) {
    const [id, at] = [yield* self(), yield* now()];
    const answer = yield* ask("applicationGate", gateOf(application), {
      operation: { kind: "enter", id, at, version, work, ...(isReserved && { isReserved }) },
    });
    if (answer.state === "later") return answer;
    if (answer.state !== "occupied") return { state: "entered" };
    const status = yield* call("readStoryStatus", { instanceId: answer.by.id });
    if (status === "running" || attempt >= 5) return { state: "occupied", by: answer.by };
    yield* leave(application, answer.by);
  }
}

/** Ends this story's operation on the version. Safe to repeat. */
export function* leaveVersion({ application, version }: Release): Story<void> {
  yield* leave(application, { id: yield* self(), version });
}

function* leave(application: string, { id, version }: { id: string; version: string }): Story<void> {
  const at = yield* now();
  // Messages from one story reach an entity in their order, so nobody has to wait for this one.
  yield* tell("applicationGate", gateOf(application), { operation: { kind: "leave", id, at, version } });
}

/** Tells `request` when no other write request of the application is on its way to Azure; one at a time. */
export function* withTurn<Result>(application: string, request: () => Story<Result>): Story<Result> {
  const id = yield* self();
  for (let attempt = 0; ; attempt++) {
    const at = yield* now();
    const answer = yield* ask("applicationGate", gateOf(application), {
      operation: { kind: "take-turn", id, at },
    });
    // A turn that its holder never ended is over after half an hour, so this loop is.
    if (answer.state !== "taken") break;
    if (yield* isAbandoned(answer.by, at)) {
      const operation = { kind: "end-turn", ...answer.by, at } as const;
      yield* ask("applicationGate", gateOf(application), { operation });
      continue;
    }
    yield* sleep(jittered(Math.min(5 + 5 * attempt, 60), `${id} turn ${attempt}`));
  }
  try {
    return yield* request();
  } finally {
    const at = yield* now();
    yield* tell("applicationGate", gateOf(application), { operation: { kind: "end-turn", id, at } });
  }
}

function* isAbandoned(turn: Turn, at: string): Story<boolean> {
  return isSettled(turn, at) && (yield* call("readStoryStatus", { instanceId: turn.id })) !== "running";
}
