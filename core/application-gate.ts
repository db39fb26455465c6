/** What an operation on a version does. */
export type Work = "publish" | "expand" | "feature";

/** An operation that has begun on a version and not ended. `since` is in seconds since 1970. */
export interface UnfinishedOperation {
  readonly version: string;
  /** The instance of the story. */
  readonly id: string;
  readonly work: Work;
  readonly since: number;
}

/** Whose turn it is to send a write request. `since` is in seconds since 1970. */
export interface Turn {
  readonly id: string;
  readonly since: number;
}

/** An application's gate: one write request at a time, and one unfinished operation for each version. */
export interface Gate {
  readonly turn: Turn | null;
  readonly operations: readonly UnfinishedOperation[];
  /** When the last publications began, or are to begin, in seconds since 1970. Absent in a gate of old. */
  readonly begun?: readonly number[];
  /** The latest time that any operation told. */
  readonly seenAt: number;
}

/** What the gate can be asked. `at` is the asking story's own time, ISO 8601. */
export type GateOperation = { readonly id: string; readonly at: string } &
  /** `isReserved`: the gate has named the time at which this publication is to begin, and it has come. */
  (
    | {
        readonly kind: "enter";
        readonly version: string;
        readonly work: Work;
        readonly isReserved?: boolean;
      }
    | { readonly kind: "leave"; readonly version: string }
    | { readonly kind: "take-turn" }
    /** With `since` only the turn that began then: its holder may have taken another one. */
    | { readonly kind: "end-turn"; readonly since?: number }
  );

/**
 * What the gate answers. `occupied` and `taken` name who is in the way: somebody who may have died. `later`: too many
 * publications have begun within an hour; this one's place is kept for it.
 */
export type GateAnswer =
  | { readonly state: "entered" | "left" | "yours" | "over" }
  | { readonly state: "occupied"; readonly by: UnfinishedOperation }
  | { readonly state: "later"; readonly seconds: number }
  | { readonly state: "taken"; readonly by: Turn };

/** After so long, a story that has ended has no request on its way any more. */
const SETTLED_SECONDS = 300;
/** A turn lasts no longer, whoever lives: the machines that were to send its request stopped again and again. */
export const TURN_SECONDS = 1800;
/** More operations than this wait for one another: the state must stay below 16 KiB. */
export const MOST_OPERATIONS = 80;
/** More publications of an application than this do not begin within an hour; the others queue. */
export const MOST_AN_HOUR = 100;
const HOUR_SECONDS = 3600;

/** Whether a turn began so long ago that others may end it, if its holder's story has ended. */
export function isSettled({ since }: Turn, at: string): boolean {
  return Math.floor(Date.parse(at) / 1000) - since >= SETTLED_SECONDS;
}

/** What an operation makes of a gate. */
export function gateStep(
  present: Gate | undefined,
  operation: GateOperation,
): { readonly gate: Gate; readonly answer: GateAnswer } {
  const before: Gate = present ?? { turn: null, operations: [], seenAt: 0 };
  const now = Math.max(before.seenAt, Math.floor(Date.parse(operation.at) / 1000));
  const gate = { ...before, seenAt: now };
  const { id } = operation;
  switch (operation.kind) {
    case "enter": {
      const { version, work, isReserved = false } = operation;
      return enter(gate, { version, id, work, since: now }, isReserved);
    }
    case "leave": {
      const { version } = operation;
      const operations = gate.operations.filter((other) => other.id !== id || other.version !== version);
      return { gate: { ...gate, operations }, answer: { state: "left" } };
    }
    case "take-turn": {
      const { turn } = gate;
      const isTaken = turn !== null && turn.id !== id && now - turn.since < TURN_SECONDS;
      if (isTaken) return { gate, answer: { state: "taken", by: turn } };
      return { gate: { ...gate, turn: { id, since: now } }, answer: { state: "yours" } };
    }
    case "end-turn": {
      const { since = gate.turn?.since } = operation;
      const turn = gate.turn?.id === id && gate.turn.since === since ? null : gate.turn;
      return { gate: { ...gate, turn }, answer: { state: "over" } };
    }
  }
}

function enter(
  gate: Gate,
  wanted: UnfinishedOperation,
  isReserved: boolean,
): { gate: Gate; answer: GateAnswer } {
  const present = gate.operations.find(({ version }) => version === wanted.version);
  if (present?.id === wanted.id) return { gate, answer: { state: "entered" } };
  if (present) return { gate, answer: { state: "occupied", by: present } };
  const { begun = [] } = gate;
  const isCounted = wanted.work === "publish" && !isReserved;
  const at = isCounted ? nextBegin(begun, wanted.since) : wanted.since;
  const counted = isCounted ? { ...gate, begun: [...begun, at].slice(-MOST_AN_HOUR) } : gate;
  // Whoever has to wait for an hour waits in the queue, and for room only afterwards.
  if (at > wanted.since) return { gate: counted, answer: { state: "later", seconds: at - wanted.since } };
  const [oldest] = gate.operations;
  if (oldest && gate.operations.length >= MOST_OPERATIONS)
    return { gate, answer: { state: "occupied", by: oldest } };
  return { gate: { ...counted, operations: [...gate.operations, wanted] }, answer: { state: "entered" } };
}

/** When one more publication may begin, so that no hour ever sees too many. Those who come first begin first. */
function nextBegin(begun: readonly number[], now: number): number {
  const hourBefore = begun[begun.length - MOST_AN_HOUR];
  return hourBefore === undefined ? now : Math.max(now, hourBefore + HOUR_SECONDS);
}
