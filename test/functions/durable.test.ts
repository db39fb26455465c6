import type * as df from "durable-functions";
import { orchestrator } from "../../functions/durable.ts";
import { call, now, sleep, type Story, storyEdition, waitForEvent } from "../../functions/vocabulary.ts";
import { aDrop, aWorld } from "./a-world.ts";
import { publishRelease } from "../../functions/orchestrators/publish-release.ts";
import { DurableHistory, type Turn } from "./durable-history.ts";

const release = { application: "flooperapp", version: "1.2.0" };

function* waiting(): Story<string> {
  const first = yield* waitForEvent("blob-arrived", 300);
  const second = yield* waitForEvent("blob-arrived", 300);
  return `${first} ${second}`;
}

function* retrying(): Story<unknown> {
  try {
    return yield* call("ensureApplication", release);
  } catch (error) {
    yield* sleep(5);
    return error instanceof Error ? error.message : error;
  }
}

function* telling(): Story<string[]> {
  const before = yield* now();
  yield* sleep(90);
  return [before, yield* now()];
}

/** A story that was changed in its second edition, as CONTRIBUTING.md has it. */
function* inEditions(): Story<unknown> {
  if ((yield* storyEdition()) < 2) return yield* call("ensureApplication", release);
  yield* sleep(60);
  return "slowly";
}

describe("orchestrator", () => {
  it.each([
    [undefined, "activity ensureApplication"],
    ["1", "activity ensureApplication"],
    ["2", "timer"],
    ["10", "timer"],
  ])("goes on with the branch of the edition that the story began under: %p", async (version, asked) => {
    expect((await new DurableHistory(inEditions, {}, version).turn()).scheduled).toEqual([asked]);
  });

  it("tells a story's time by the orchestration, not by the machine", async () => {
    const history = new DurableHistory(telling);

    await history.turn();
    const turn = await history.fireTimer();

    expect(turn.output).toEqual(["2026-01-05T10:00:00.000Z", "2026-01-05T10:01:30.000Z"]);
  });

  it("gives what an activity answers", async () => {
    const history = new DurableHistory(retrying);

    expect((await history.turn()).scheduled).toEqual(["activity ensureApplication"]);
    expect((await history.completeActivity("created")).output).toBe("created");
  });

  it("throws into the story what an activity throws", async () => {
    const history = new DurableHistory(retrying);

    await history.turn();
    expect((await history.failActivity("out of memory")).scheduled).toEqual(["timer"]);
    expect((await history.fireTimer()).output).toContain("out of memory");
  });

  it("takes an event that arrives before the time is over, and cancels the timer", async () => {
    const history = new DurableHistory(waiting);

    expect((await history.turn()).scheduled).toEqual(["any of event blob-arrived, timer"]);
    expect((await history.raiseEvent("blob-arrived")).cancelledTimers).toBe(1);
    expect((await history.raiseEvent("blob-arrived")).output).toBe("arrived arrived");
  });

  it("goes on when the time is over, and hears the next event", async () => {
    const history = new DurableHistory(waiting);

    await history.turn();
    expect((await history.fireTimer()).cancelledTimers).toBe(0);
    expect((await history.raiseEvent("blob-arrived")).output).toBe("timed-out arrived");
  });

  it("keeps an event that arrives early", async () => {
    const history = new DurableHistory(function* (): Story<string> {
      yield* sleep(10);
      return yield* waitForEvent("blob-arrived", 300);
    });

    await history.turn();
    await history.raiseEvent("blob-arrived");

    expect((await history.fireTimer()).output).toBe("arrived");
  });

  it("fails the orchestration with what the story throws", async () => {
    const history = new DurableHistory(function* (): Story<void> {
      yield* sleep(1);
      throw new TypeError("a bug");
    });

    await history.turn();

    await expect(history.fireTimer()).rejects.toThrow("a bug");
  });

  it("replays the main story the same from every prefix of its history", async () => {
    const world = aWorld();
    world.submit();
    const history = new DurableHistory(publishRelease, { drop: aDrop(), generation: 0 });

    let turn: Turn = await history.turn();
    const order: string[] = [];
    while (!turn.isDone && order.length < 200) {
      const next = turn.scheduled.at(-1)!;
      order.push(next);
      const entities = { accesslease: "accessLease", applicationgate: "applicationGate" } as any;
      for (const { entity, key, input } of history.takeSignals()) {
        order.splice(-1, 0, `signal ${input.operation.kind}`);
        await world.entities.ask(entities[entity], key, input);
      }
      if (next.endsWith("timer")) {
        world.clock.pass(history.secondsUntilTimer());
        turn = await history.fireTimer();
      } else if (next.startsWith("entity ")) {
        const { entity, key, input } = history.openCall();
        turn = await history.answerCall(await world.entities.ask(entities[entity], key, input));
      } else {
        const name = next.replace("activity ", "") as keyof typeof world.activities;
        turn = await history.completeActivity(await world.activities[name](history.lastInput() as never));
      }
    }

    expect(turn.output).toBe("published");
    expect(order.filter((step) => !/saveReport|readReplication|timer/.test(step))).toEqual([
      "activity readSubmission",
      "activity examineRelease",
      "entity enter",
      "activity verifyIntoVault",
      "activity findLessee",
      "entity acquire",
      "entity take-turn",
      "activity putVersion",
      "signal end-turn",
      "entity acquire",
      "entity take-turn",
      "activity includeInLatest",
      "signal end-turn",
      "signal release",
      "signal leave",
    ]);
    await expect(history.replaysSameFromEveryPrefix()).resolves.toBe(true);
  });

  it("is what durable-functions takes as a handler", () => {
    const handler: df.OrchestrationHandler = orchestrator(publishRelease);

    expect(handler.constructor.name).toBe("GeneratorFunction");
  });
});
