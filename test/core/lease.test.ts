import {
  type Holder,
  type Lease,
  type LeaseOperation,
  leaseStep,
  type LeaseStep,
  MOST_HOLDERS,
  type Told,
} from "../../core/lease.ts";

const START = Date.parse("2026-01-05T10:00:00.000Z") / 1000;
const RULES = { graceSeconds: 600 };
const release = { application: "flooperapp", version: "1.2.0" };
const DOWN: Told = {
  state: "unavailable",
  refusal: { kind: "transient", reason: { code: "azure-unavailable", message: "down", nextStep: "wait" } },
};

function after(seconds: number): string {
  return new Date((START + seconds) * 1000).toISOString();
}

function aHolder(fields: Partial<Holder> = {}): Holder {
  return { id: "a", token: 7, ...release, at: START, beat: START, ...fields };
}

function aLease(fields: Partial<Lease> = {}): Lease {
  return {
    role: "present",
    checkedAt: START,
    lastToken: 7,
    emptySince: null,
    holders: [aHolder()],
    seenAt: START,
    ...fields,
  };
}

const empty = { holders: [], emptySince: START };
const acquire = (id: string, seconds = 0, doubt = false): LeaseOperation => ({
  ...{ kind: "acquire", id, doubt, at: after(seconds), ...release },
});
const beat = (id: string, token: number, seconds = 0): LeaseOperation => ({
  ...{ kind: "beat", id, token, at: after(seconds), ...release },
});
const giveBack = (id: string, token: number, seconds = 0): LeaseOperation => ({
  ...{ kind: "release", id, token, at: after(seconds) },
});
const sweep = (
  seconds: number,
  dead: [string, number][] = [],
  ours: boolean | null = null,
): LeaseOperation => ({
  ...{ kind: "sweep", at: after(seconds), ours, dead: dead.map(([id, token]) => ({ id, token })) },
});

function step(lease: Lease | undefined, operation: LeaseOperation): LeaseStep {
  return leaseStep(lease, operation, RULES);
}

/** What an operation comes to that asks Azure, when Azure tells so. */
function told(lease: Lease | undefined, operation: LeaseOperation, answer: Told) {
  const first = step(lease, operation);
  if (!("call" in first)) throw new Error("it asked nothing");
  return { call: first.call, ...first.resume(answer) };
}

/** What an operation comes to that asks nothing. */
function alone(lease: Lease | undefined, operation: LeaseOperation) {
  const first = step(lease, operation);
  if ("call" in first) throw new Error(`it asked to ${first.call}`);
  return first;
}

describe("leaseStep, acquire", () => {
  it("grants for the first holder", () => {
    const { call, lease, answer } = told(undefined, acquire("a"), { state: "granted" });

    expect(call).toBe("grant");
    expect(answer).toEqual({ state: "held", token: START, role: "present" });
    expect(lease).toMatchObject({ role: "present", emptySince: null, holders: [{ id: "a", token: START }] });
  });

  it("asks Azure once for a burst, and again a minute later or in doubt", () => {
    expect(alone(aLease(), acquire("b", 59)).answer).toMatchObject({ state: "held", role: "present" });
    expect(step(aLease(), acquire("b", 60))).toMatchObject({ call: "grant" });
    expect(step(aLease(), acquire("b", 1, true))).toMatchObject({ call: "grant" });
  });

  it("gives tokens that only grow, even when the state was lost in between", () => {
    const { lease } = alone(aLease(), acquire("b"));
    const { lease: later } = alone(lease, acquire("c"));
    const anew = told(undefined, acquire("d", 1), { state: "granted" });

    expect(lease.lastToken).toBeGreaterThan(7);
    expect(later.lastToken).toBeGreaterThan(lease.lastToken);
    expect(anew.lease.lastToken).toBeGreaterThan(lease.lastToken);
  });

  it("keeps one place for an instance that asks again", () => {
    const { lease } = alone(aLease(), acquire("a", 30));

    expect(lease.holders).toEqual([aHolder({ token: lease.lastToken, at: START + 30, beat: START + 30 })]);
  });

  it("holds nothing and believes nothing when Azure does not answer", () => {
    const { lease, answer } = told(undefined, acquire("a"), DOWN);

    expect(answer).toBe(DOWN);
    expect(lease).toMatchObject({ role: "unknown", holders: [], emptySince: START });
  });

  it("keeps the others when Azure does not answer", () => {
    const { lease } = told(aLease(), acquire("b", 0, true), DOWN);

    expect(lease).toMatchObject({ role: "unknown", holders: [{ id: "a" }], emptySince: null });
  });

  it("uses what somebody else assigned", () => {
    const { answer } = told(undefined, acquire("a"), { state: "foreign" });

    expect(answer).toMatchObject({ state: "held", role: "foreign" });
  });

  it("is full at a number of holders that fits into 16 KiB, however long their names are", () => {
    const id = "f".repeat(64);
    const names = { application: "a".repeat(80), version: "2147483647.2147483647.2147483647" };
    const holders = Array.from({ length: MOST_HOLDERS }, (_, at) =>
      aHolder({ ...names, id: `${at}`.padStart(64, "0"), token: START + at }),
    );
    const lease = aLease({ holders });

    expect(alone(lease, { ...acquire(id), ...names }).answer).toEqual({ state: "full" });
    expect(JSON.stringify(lease).length).toBeLessThan(16 * 1024);
  });
});

describe("leaseStep, beat", () => {
  it("says that a holder lives", () => {
    expect(alone(aLease(), beat("a", 7, 120)).lease.holders).toEqual([aHolder({ beat: START + 120 })]);
  });

  it("has the assignment looked up every five minutes, or when it is not believed in", () => {
    expect(step(aLease(), beat("a", 7, 299))).not.toHaveProperty("call");
    expect(step(aLease(), beat("a", 7, 300))).toMatchObject({ call: "grant" });
    expect(step(aLease({ role: "unknown" }), beat("a", 7))).toMatchObject({ call: "grant" });
  });

  it("makes a holder known again whose place was lost", () => {
    const { lease } = told(undefined, beat("a", 7), { state: "granted" });

    expect(lease).toMatchObject({ emptySince: null, holders: [{ id: "a", token: 7 }] });
    expect(lease.lastToken).toBe(7);
  });

  it("does nothing for an instance that holds a newer token", () => {
    const lease = aLease({ holders: [aHolder({ token: 8 })] });

    expect(alone(lease, beat("a", 7, 100)).lease.holders).toEqual(lease.holders);
  });
});

describe("leaseStep, release", () => {
  it("keeps the assignment for the time of grace", () => {
    const { lease } = alone(aLease(), giveBack("a", 7, 60));

    expect(lease).toMatchObject({ role: "present", holders: [], emptySince: START + 60 });
  });

  it("does nothing with an old token", () => {
    expect(alone(aLease(), giveBack("a", 6)).lease.holders).toHaveLength(1);
  });

  it("does not begin the grace anew when it is repeated", () => {
    expect(alone(aLease(empty), giveBack("a", 7, 300)).lease.emptySince).toBe(START);
  });

  it("revokes at once where there is no grace", () => {
    const first = leaseStep(aLease(), giveBack("a", 7), { graceSeconds: 0 });

    expect(first).toMatchObject({ call: "revoke" });
  });
});

describe("leaseStep, sweep", () => {
  it.each<[string, Partial<Lease>, LeaseOperation, "grant" | "revoke" | undefined]>([
    ["within the grace", empty, sweep(599), undefined],
    ["after the grace", empty, sweep(600), "revoke"],
    ["after the grace, not knowing whether it is there", { ...empty, role: "unknown" }, sweep(600), "revoke"],
    [
      "after the grace, when somebody else assigned it",
      { ...empty, role: "foreign" },
      sweep(6000),
      undefined,
    ],
    ["when it is gone already", { ...empty, role: "absent" }, sweep(6000), undefined],
    ["while somebody holds it", {}, sweep(200), undefined],
    ["while somebody holds it, and Azure was not asked for long", {}, sweep(300), "grant"],
    ["while somebody holds it, and Azure lacks it", {}, sweep(1, [], false), "grant"],
    ["while somebody holds it, and nobody knows", { role: "unknown" }, sweep(1), "grant"],
  ])("%s asks Azure as it should", (_, fields, operation, call) => {
    const first = step(aLease(fields), operation);

    expect("call" in first ? first.call : undefined).toBe(call);
  });

  it("removes exactly the dead ones", () => {
    const holders = [aHolder(), aHolder({ id: "b", token: 8 }), aHolder({ id: "c", token: 9 })];
    const { lease, answer } = alone(
      aLease({ holders }),
      sweep(10, [
        ["a", 7],
        ["b", 5],
        ["d", 1],
      ]),
    );

    expect(lease.holders.map(({ id }) => id)).toEqual(["b", "c"]);
    expect(answer).toMatchObject({ state: "swept", holders: 2 });
  });

  it("counts the grace from a dead holder's last beat", () => {
    const holders = [aHolder({ beat: START + 60 })];

    expect(step(aLease({ holders }), sweep(659, [["a", 7]]))).not.toHaveProperty("call");
    expect(step(aLease({ holders }), sweep(660, [["a", 7]]))).toMatchObject({ call: "revoke" });
  });

  it("takes an assignment of ours that it knows nothing of for overdue only after the grace", () => {
    const { lease } = alone(
      aLease({ ...empty, role: "absent", emptySince: START + 500 }),
      sweep(600, [], true),
    );

    expect(lease.role).toBe("unknown");
    expect(step(lease, sweep(1100))).toMatchObject({ call: "revoke" });
  });

  it("begins the grace when nothing is known at all", () => {
    const { lease } = alone(undefined, sweep(0));

    expect(lease).toMatchObject({ role: "unknown", emptySince: START });
  });

  it("tells for how long the revocation is overdue, and tries again", () => {
    const { lease, answer } = told(aLease(empty), sweep(4200), DOWN);

    expect(answer).toMatchObject({ state: "swept", role: "unknown", overdueSeconds: 3600 });
    expect(step(lease, sweep(4500))).toMatchObject({ call: "revoke" });
  });

  it("believes in nothing that was revoked", () => {
    const { lease } = told(aLease(empty), sweep(600), { state: "revoked" });

    expect(lease.role).toBe("absent");
    expect(step(lease, acquire("b", 601))).toMatchObject({ call: "grant" });
  });
});

describe("leaseStep, time", () => {
  it("never goes back, whatever operations say", () => {
    const { lease } = alone(aLease({ seenAt: START + 300 }), giveBack("a", 7, 0));

    expect(lease.emptySince).toBe(START + 300);
  });
});
