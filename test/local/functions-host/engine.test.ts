import { setImmediate } from "node:timers/promises";
import {
  raiseEvent,
  signalEntity,
  startOrchestration,
} from "../../../local/functions-host/durable/client.ts";
import type { DurableEngine } from "../../../local/functions-host/durable/engine.ts";
import { ManualClock } from "../manual-clock.ts";
import { anEngine, sdkFunctions } from "./an-engine.ts";

const day = 86_400;

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
}

/** Lets so many days pass, a bit at a time, so that everything due happens. */
async function pass(clock: ManualClock, days: number): Promise<void> {
  await quiet();
  for (let hours = 0; hours < days * 24; hours += 12) {
    await clock.advance(day / 2);
    await quiet();
  }
}

function outcome(engine: DurableEngine, id: string): unknown[] {
  const { runtimeStatus, output } = engine.hub.instances.get(id)!;
  return [runtimeStatus, output === null ? null : JSON.parse(output)];
}

const daysLater = (context: any, days: number) =>
  new Date(Number(context.df.currentUtcDateTime) + days * day * 1000);

type Told = Generator<unknown, unknown>;

const functions = sdkFunctions({
  orchestrations: {
    *wait(context): Told {
      const { days } = context.df.getInput();
      yield context.df.createTimer(daysLater(context, days));
      return yield context.df.callActivity("echo", { value: "after" });
    },
    *race(context): Told {
      const { days, afterwards } = context.df.getInput();
      const event = context.df.waitForExternalEvent("go");
      const timer = context.df.createTimer(daysLater(context, days));
      if ((yield context.df.Task.any([event, timer])) === event) timer.cancel();
      yield context.df.createTimer(daysLater(context, afterwards));
      return yield context.df.callActivity("echo", { value: "done" });
    },
    *tour(context): Told {
      const entity = { name: "sum", key: "k" };
      const first = yield context.df.callActivity("echo", { value: 1 });
      context.df.signalEntity(entity, "add", 5);
      yield context.df.createTimer(daysLater(context, 1));
      const event = yield context.df.waitForExternalEvent("go");
      const all = yield context.df.Task.all(
        [2, 3].map((value) => context.df.callActivity("echo", { value })),
      );
      return [first, event, ...all, yield context.df.callEntity(entity, "get")];
    },
  },
  activities: { echo: async ({ value }) => value },
  entities: {
    sum: (context) => {
      const total = Number(context.df.getState(() => 0)) + Number(context.df.getInput() ?? 0);
      context.df.setState(total);
      context.df.return(total);
    },
  },
});

describe("timers", () => {
  it.each([
    [5, [5]],
    [20, [3, 6, 9, 12, 15, 20]],
  ])("of %d days fire in the SDK's steps", async (days, steps) => {
    const clock = new ManualClock();
    const began = clock.now();
    const { engine } = anEngine({ functions, clock });
    await startOrchestration(engine, "wait", "w", JSON.stringify({ days }));
    await pass(clock, days + 1);
    expect(outcome(engine, "w")).toEqual(["Completed", "after"]);
    const fired = engine.hub.instances
      .get("w")!
      .history.flatMap((row) =>
        row.EventType === 10 ? [(Date.parse(row.FireAt) - began) / day / 1000] : [],
      );
    expect(fired.map(Math.round)).toEqual(steps);
  });

  it("of more than six days that lost a race break the run when a step of theirs fires", async () => {
    const clock = new ManualClock();
    const { engine } = anEngine({ functions, clock });
    for (const [id, afterwards] of Object.entries({ before: 1, within: 5 })) {
      await startOrchestration(engine, "race", id, JSON.stringify({ days: 20, afterwards }));
    }
    await quiet();
    for (const id of ["before", "within"]) raiseEvent(engine, id, "go", "{}");
    await pass(clock, 6);
    expect(outcome(engine, "before")).toEqual(["Completed", "done"]);
    expect(outcome(engine, "within")).toEqual(["Failed", expect.stringContaining("would count apart")]);
  });
});

describe("recovery", () => {
  it("ends the same from every point at which the journal can stop", async () => {
    const expected = ["Completed", [1, "go!", 2, 3, 5]];
    const clock = new ManualClock();
    const whole = anEngine({ functions, clock });
    await startOrchestration(whole.engine, "tour", "t", "{}");
    raiseEvent(whole.engine, "t", "go", '"go!"');
    await pass(clock, 2);
    expect(outcome(whole.engine, "t")).toEqual(expected);

    for (let length = 2; length <= whole.steps.length; length += 1) {
      const later = new ManualClock(clock.now());
      const { engine } = anEngine({ functions, clock: later, steps: whole.steps.slice(0, length) });
      await pass(later, 2);
      expect(outcome(engine, "t")).toEqual(expected);
      expect(engine.hub.entities.get("@sum@k")).toMatchObject({ state: "5", queue: [] });
    }
  });
});

describe("entities", () => {
  it("run batches of limited size, one at a time, again when one breaks", async () => {
    const clock = new ManualClock();
    const batches: number[] = [];
    let running = 0;
    const { engine } = anEngine({
      clock,
      functions: {
        ...functions,
        runEntity: async (name, input) => {
          batches.push(input.batch.length);
          expect((running += 1)).toBe(1);
          await setImmediate();
          running -= 1;
          if (batches.length === 1) throw new Error("the process was in trouble");
          return functions.runEntity(name, input);
        },
      },
    });
    for (let count = 0; count < 10; count += 1) signalEntity(engine, { name: "Sum", key: "k" }, "add", "1");
    await quiet();
    await clock.advance(5);
    await quiet();
    expect(batches).toEqual([4, 4, 4, 2]);
    expect(engine.hub.entities.get("@sum@k")?.state).toBe("10");
  });
});
