import { createRequire } from "node:module";
import fc from "fast-check";
import { eventually, startFixtureHost, type FixtureHost } from "./a-fixture-host.ts";

let fixture: FixtureHost;

beforeAll(async () => {
  fixture = await startFixtureHost();
});
afterAll(() => fixture.stop());

const echo = (value: unknown) => ({ do: "echo", value });

describe("orchestrations", () => {
  it("give each activity's result to the task that asked for it", async () => {
    const all = { do: "all", values: [2, 3, 4] };
    expect(await fixture.run(echo(1), all, echo("five"))).toEqual([1, [2, 3, 4], "five"]);
  });

  it("go on counting when a timer lost against an event", async () => {
    const race = { do: "race", name: "go", milliseconds: 3_600_000 };
    const id = await fixture.start("program", { steps: [race, echo("after"), race, echo("last")] });
    await fixture.client("raiseEvent", id, "go", { number: 1 });
    await fixture.client("raiseEvent", id, "go", { number: 2 });
    const { output } = await fixture.ended(id);
    expect(output).toEqual([{ number: 1 }, "after", { number: 2 }, "last"]);
  });

  it("see a timer fire when no event comes", async () => {
    expect(await fixture.run({ do: "race", name: "go", milliseconds: 5000 }, echo(1))).toEqual(["late", 1]);
  });

  it("tell the time of the clock, not before a timer's", async () => {
    const time = { do: "time" };
    const [before, , after] = await fixture.run(time, { do: "sleep", milliseconds: 60_000 }, time);
    const passed = Date.parse(after) - Date.parse(before);
    expect(passed).toBeGreaterThanOrEqual(60_000);
    expect(passed).toBeLessThan(600_000);
  });

  it("get events that came early in their order", async () => {
    const event = { do: "event", name: "e" };
    const id = await fixture.start("program", {
      steps: [{ do: "sleep", milliseconds: 20_000 }, event, event],
    });
    for (const value of ["first", "second"]) await fixture.client("raiseEvent", id, "e", value);
    expect((await fixture.ended(id)).output).toEqual(["slept", "first", "second"]);
  });

  it("see what failed in an activity and can go on", async () => {
    const [caught, value] = await fixture.run({ do: "caught", text: "boo" }, echo(1));
    expect([caught, value]).toEqual(["Activity function 'fail' failed: boo", 1]);
  });

  it("show their custom status", async () => {
    const id = await fixture.start("program", { steps: [{ do: "status", text: "here" }] });
    expect((await fixture.ended(id)).customStatus).toEqual({ text: "here" });
  });

  it("start anew with continueAsNew and keep events that come later", async () => {
    const id = await fixture.start("generations", { count: 3 });
    for (const text of ["a", "b", "c"]) {
      await fixture.client("raiseEvent", id, "next", { text });
      await fixture.noted(`generation ${{ a: 3, b: 2, c: 1 }[text]} got ${text}`);
    }
    expect((await fixture.ended(id)).output).toBe("last");
  });

  it.each([
    ["failing", `Orchestrator function 'failing' failed: cannot go on: "quoted" {brace}`],
    ["unhandled", "Orchestrator function 'unhandled' failed: Activity function 'fail' failed: no luck"],
    ["forgetful", "Non-Deterministic workflow detected"],
    ["retrying", "CallActivityWithRetry, which this host does not support"],
    ["calling", "The function 'missing' doesn't exist"],
  ])("%s fails and says why", async (name, message) => {
    const { runtimeStatus, output } = await fixture.ended(await fixture.start(name, {}));
    expect([runtimeStatus, output]).toEqual(["Failed", expect.stringContaining(message)]);
  });

  it("write a history whose ids are those of the SDK", async () => {
    const id = await fixture.start("program", { steps: [{ do: "all", values: [1, 2] }, echo(3)] });
    await fixture.ended(id);
    const rows = fixture.rows(id).map((row) => [row.EventType, row.EventId, row.TaskScheduledId]);
    expect(rows.filter(([kind]) => kind === 4)).toEqual([4, 4, 4].map((kind, at) => [kind, at, undefined]));
    expect(
      rows
        .filter(([kind]) => kind === 5)
        .map(([, , task]) => task)
        .toSorted(),
    ).toEqual([0, 1, 2]);
    expect(rows.slice(0, 5).map(([kind]) => kind)).toEqual([12, 0, 4, 4, 13]);
    expect(rows.slice(-2).map(([kind]) => kind)).toEqual([1, 13]);
  });

  it("keep in step with the SDK whatever they do", async () => {
    const value = fc.integer({ min: 0, max: 99 });
    const milliseconds = fc.integer({ min: 0, max: 3000 });
    const step = fc.oneof(
      value.map(echo),
      fc.record({ do: fc.constant("all"), values: fc.array(value, { minLength: 1, maxLength: 4 }) }),
      fc.record({ do: fc.constant("quickest"), values: fc.array(value, { minLength: 1, maxLength: 3 }) }),
      fc.record({ do: fc.constant("sleep"), milliseconds }),
      fc.record({ do: fc.constant("race"), name: fc.constantFrom("a", "b"), milliseconds }),
      fc.record({ do: fc.constant("signal"), key: fc.constant("crowd"), amount: value }),
      fc.record({ do: fc.constant("get"), key: fc.constant("nobody") }),
      fc.record({ do: fc.constant("caught"), text: fc.constant("boo") }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        expect(await fixture.run(...steps)).toEqual(steps.map(expectedOf));
      }),
      { numRuns: 25 },
    );
  });
});

function expectedOf(step: any): unknown {
  const results: Record<string, unknown> = {
    ...{ quickest: "one came", sleep: "slept", race: "late", signal: "signalled", get: 0 },
    caught: "Activity function 'fail' failed: boo",
  };
  return results[step.do] ?? step.value ?? step.values;
}

describe("entities", () => {
  it("run calls and signals one after the other", async () => {
    const signal = { do: "signal", key: "one", amount: 2 };
    expect(await fixture.run(signal, { do: "add", key: "one", amount: 3 })).toEqual(["signalled", 5]);
    const { entityState } = await fixture.client("readEntityState", { entity: "counter", key: "one" });
    expect(entityState).toEqual({ total: 5, seen: [2, 3] });
  });

  it("lose nothing when many speak to one at once", async () => {
    const add = { do: "slowAdd", key: "busy", amount: 1 };
    const ids = await Promise.all([1, 2, 3, 4, 5, 6].map(() => fixture.start("program", { steps: [add] })));
    const totals = await Promise.all(ids.map(async (id) => (await fixture.ended(id)).output[0]));
    expect(totals.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("are signalled by clients and by each other, and go when they destroy themselves", async () => {
    const read = async (key: string) => fixture.client("readEntityState", { entity: "Counter", key });
    const forward = { key: "to", amount: 7 };
    await fixture.client("signalEntity", { entity: "Counter", key: "from" }, "forward", forward);
    await eventually(async () => (await read("to")).entityState?.total === 7 || undefined);
    await fixture.client("signalEntity", { entity: "Counter", key: "to" }, "reset");
    await eventually(async () => !(await read("to")).entityExists || undefined);
    expect(await fixture.run({ do: "get", key: "to" })).toEqual([0]);
  });

  it("hand their failures to the caller as the SDK does", async () => {
    const { output } = await fixture.ended(await fixture.start("broken", {}));
    expect(output).toBe("caught [object Object]");
  });
});

describe("the durable client", () => {
  const forever = { steps: [{ do: "event", name: "never" }] };

  it("is refused a second start of a running id, and may restart a finished one", async () => {
    await fixture.start("program", forever, "same");
    await expect(fixture.start("program", forever, "same")).rejects.toThrow("already exists");
    await fixture.client("terminate", "same", "enough");
    expect(await fixture.ended("same")).toMatchObject({ runtimeStatus: "Terminated", output: "enough" });
    await fixture.start("program", { steps: [echo("again")] }, "same");
    expect(await fixture.ended("same")).toMatchObject({ output: ["again"] });
  });

  it("is told that both of two starts at once went well, though one runs", async () => {
    const starts = [1, 2, 3].map((value) => fixture.start("program", { steps: [echo(value)] }, "twin"));
    const outcomes = await Promise.allSettled(starts);
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
    expect((await fixture.ended("twin")).output).toHaveLength(1);
  });

  it.each([["@at"], ["a".repeat(101)]])("is refused the instance id %s", async (id) => {
    await expect(fixture.start("program", forever, id)).rejects.toThrow("Instance IDs must not");
  });

  it("gets the status of one, of none, and of those that a filter finds", async () => {
    const id = await fixture.start("program", { steps: [echo(1)] });
    await fixture.ended(id);
    expect(await fixture.client("getStatus", id)).toMatchObject({
      instanceId: id,
      input: { steps: [echo(1)] },
    });
    await expect(fixture.client("getStatus", "nobody")).rejects.toThrow("HTTP 404");
    const failed = await fixture.client("getStatusBy", { runtimeStatus: ["Failed"], showHistory: true });
    expect(new Set(failed.map(({ runtimeStatus }: any) => runtimeStatus))).toEqual(new Set(["Failed"]));
    expect(failed[0].historyEvents[0]).toMatchObject({ EventType: "ExecutionStarted" });
  });

  it("raises no event to who is not there, and none that counts to who has ended", async () => {
    const id = await fixture.start("program", { steps: [] });
    await fixture.ended(id);
    await expect(fixture.client("raiseEvent", id, "late", {})).resolves.toBeNull();
    await expect(fixture.client("raiseEvent", "nobody", "late", {})).rejects.toThrow("No instance");
  });

  it("purges what has ended, by id or by age", async () => {
    const id = await fixture.start("program", { steps: [] });
    await fixture.ended(id);
    const running = await fixture.start("program", forever);
    expect(await fixture.client("purgeInstanceHistory", id)).toEqual({ instancesDeleted: 1 });
    expect(await fixture.client("purgeInstanceHistory", running)).toEqual({ instancesDeleted: 0 });
    await fixture.ended(await fixture.start("program", { steps: [] }));
    const createdTimeFrom = { date: "2020-01-01" };
    const purged = await fixture.client("purgeInstanceHistoryBy", {
      createdTimeFrom,
      runtimeStatus: ["Completed"],
    });
    expect(purged.instancesDeleted).toBeGreaterThan(0);
    await expect(fixture.client("purgeInstanceHistoryBy", {})).rejects.toThrow("createdTimeFrom");
    expect(await fixture.status(running)).toMatchObject({ runtimeStatus: "Running" });
  });

  it("can hold an orchestration and let it go on", async () => {
    const id = await fixture.start("program", { steps: [{ do: "event", name: "go" }] });
    await fixture.client("suspend", id, "wait");
    await fixture.client("raiseEvent", id, "go", 1);
    expect(await fixture.status(id)).toMatchObject({ runtimeStatus: "Suspended" });
    await fixture.client("resume", id, "go on");
    expect((await fixture.ended(id)).output).toEqual([1]);
  });
});

describe("on Node 22", () => {
  it("works as on the development runtime", async () => {
    const nodePath = createRequire(import.meta.url).resolve(
      "../../runtimes/node-22/node_modules/node/bin/node",
    );
    const older = await startFixtureHost({ nodePath });
    try {
      const settings = await fetch(`${older.host.url}/api/settings`);
      expect(((await settings.json()) as any).node).toMatch(/^v22\./);
      expect(await older.run(echo(1), { do: "sleep", milliseconds: 1000 }, echo(2))).toEqual([1, "slept", 2]);
    } finally {
      await older.stop();
    }
  });
});
