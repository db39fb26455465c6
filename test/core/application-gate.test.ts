import {
  type Gate,
  type GateOperation,
  gateStep,
  MOST_AN_HOUR,
  MOST_OPERATIONS,
  TURN_SECONDS,
} from "../../core/application-gate.ts";

const START = Date.parse("2026-01-05T10:00:00.000Z");

function at(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString();
}

/** The answers to some operations, one after the other. */
function answers(...operations: GateOperation[]) {
  let gate: Gate | undefined;
  return operations.map((operation) => {
    const step = gateStep(gate, operation);
    gate = step.gate;
    return step.answer;
  });
}

function aFullHour(): number[] {
  return Array.from({ length: MOST_AN_HOUR }, (_, second) => START / 1000 + second);
}

const enter = (id: string, version = "1.0.0"): GateOperation => ({
  ...{ kind: "enter", id, version, work: "publish", at: at(0) },
});
const leave = (id: string, version = "1.0.0"): GateOperation => ({ kind: "leave", id, version, at: at(0) });
const takeTurn = (id: string, seconds = 0): GateOperation => ({ kind: "take-turn", id, at: at(seconds) });
const endTurn = (id: string): GateOperation => ({ kind: "end-turn", id, at: at(0) });

describe("gateStep", () => {
  it("lets one operation on a version begin, and names it to the next", () => {
    expect(answers(enter("a"), enter("b"))).toEqual([
      { state: "entered" },
      { state: "occupied", by: { version: "1.0.0", id: "a", work: "publish", since: START / 1000 } },
    ]);
  });

  it("lets the same operation begin again, and others on other versions", () => {
    expect(answers(enter("a"), enter("a"), enter("b", "2.0.0")).map(({ state }) => state)).toEqual([
      "entered",
      "entered",
      "entered",
    ]);
  });

  it("lets the next one begin when the first has ended, and only that one's word counts", () => {
    expect(
      answers(enter("a"), leave("b"), enter("b"), leave("a"), enter("b")).map(({ state }) => state),
    ).toEqual(["entered", "left", "occupied", "left", "entered"]);
  });

  it("gives one turn at a time", () => {
    expect(
      answers(
        takeTurn("a"),
        takeTurn("b"),
        takeTurn("a"),
        endTurn("b"),
        takeTurn("b"),
        endTurn("a"),
        takeTurn("b"),
      ),
    ).toEqual([
      { state: "yours" },
      { state: "taken", by: { id: "a", since: START / 1000 } },
      { state: "yours" },
      { state: "over" },
      { state: "taken", by: { id: "a", since: START / 1000 } },
      { state: "over" },
      { state: "yours" },
    ]);
  });

  it("ends for others only the turn that they saw", () => {
    const end = (seconds: number): GateOperation => ({
      ...{ kind: "end-turn", id: "a", since: START / 1000 + seconds, at: at(400) },
    });

    expect(
      answers(takeTurn("a", 0), takeTurn("a", 60), end(0), takeTurn("b", 61), end(60), takeTurn("b", 62)),
    ).toMatchObject([
      ...[{ state: "yours" }, { state: "yours" }, { state: "over" }, { state: "taken" }],
      ...[{ state: "over" }, { state: "yours" }],
    ]);
  });

  it("ends a turn by itself that nobody ended", () => {
    expect(answers(takeTurn("a"), takeTurn("b", TURN_SECONDS - 1), takeTurn("b", TURN_SECONDS))).toEqual([
      { state: "yours" },
      { state: "taken", by: { id: "a", since: START / 1000 } },
      { state: "yours" },
    ]);
  });

  it("lets so many publications begin within any hour, and reserves places for the others in their order", () => {
    const times: number[] = [];
    let gate: Gate | undefined;
    for (let index = 0; index < 3 * MOST_AN_HOUR; index++) {
      const id = `story ${index}`;
      const enterAt = (seconds: number, isReserved: boolean): GateOperation => ({
        ...{ kind: "enter", id, version: `1.0.${index}`, work: "publish", at: at(seconds), isReserved },
      });
      const first = gateStep(gate, enterAt(index, false));
      const later = first.answer.state === "later" ? first.answer.seconds : 0;
      const second = gateStep({ ...first.gate, seenAt: 0 }, enterAt(index + later, later > 0));
      expect(second.answer).toEqual({ state: "entered" });
      gate = { ...second.gate, operations: [], seenAt: 0 };
      times.push(index + later);
    }

    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.slice(0, MOST_AN_HOUR).at(-1)).toBe(MOST_AN_HOUR - 1);
    const hours = times.slice(MOST_AN_HOUR).map((time, index) => time - times[index]!);
    expect(Math.min(...hours)).toBe(3600);
  });

  it("lets any number of other operations begin", () => {
    const operations = Array.from({ length: 3 * MOST_AN_HOUR }, (_, index): GateOperation[] => [
      { kind: "enter", id: "a", version: `1.0.${index}`, work: "expand", at: at(0) },
      leave("a", `1.0.${index}`),
    ]);

    expect(new Set(answers(...operations.flat()).map(({ state }) => state))).toEqual(
      new Set(["entered", "left"]),
    );
  });

  it("has room for a number of operations that fits into 16 KiB", () => {
    let gate: Gate | undefined = { turn: null, operations: [], seenAt: 0, begun: aFullHour() };
    for (let patch = 0; patch < MOST_OPERATIONS; patch++) {
      const id = String(patch).padStart(64, "0");
      const version = `2147483647.2147483647.${2_147_483_000 + patch}`;
      ({ gate } = gateStep(gate, { ...enter(id, version), isReserved: true } as GateOperation));
    }

    const late = { ...enter("b", "9.0.0"), isReserved: true } as GateOperation;
    expect(gateStep(gate, late).answer).toMatchObject({ state: "occupied" });
    // Whoever waits for room alone would be given up after some hours.
    expect(gateStep(gate, enter("b", "9.0.0")).answer).toMatchObject({ state: "later" });
    expect(JSON.stringify(gate).length).toBeLessThan(16 * 1024);
  });
});
