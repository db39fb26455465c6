import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { startFixtureHost, type FixtureHost } from "./a-fixture-host.ts";

let fixture: FixtureHost;

beforeAll(async () => {
  fixture = await startFixtureHost();
});
afterAll(() => fixture.stop());

async function crash(): Promise<void> {
  await fixture.host.kill9();
  await fixture.host.restart();
}

describe("after kill -9", () => {
  it("everything that was under way goes on", async () => {
    const held = { do: "held", name: "once", file: join(fixture.folder, "let-go") };
    const activity = await fixture.start("program", { steps: [{ do: "echo", value: 1 }, held] });
    const timer = await fixture.start("program", { steps: [{ do: "sleep", milliseconds: 300_000 }] });
    const event = await fixture.start("program", {
      steps: [
        { do: "event", name: "e" },
        { do: "event", name: "e" },
      ],
    });
    await fixture.client("raiseEvent", event, "e", "before");
    const entity = await fixture.start("program", { steps: [{ do: "slowAdd", key: "k", amount: 5 }] });
    await fixture.noted("held once");
    await fixture.noted("slowAdd 5");

    await crash();
    fixture.release("let-go");
    await fixture.client("raiseEvent", event, "e", "after");

    expect((await fixture.ended(activity)).output).toEqual([1, "once"]);
    expect((await fixture.ended(event)).output).toEqual(["before", "after"]);
    expect((await fixture.ended(entity)).output).toEqual([5]);
    const { createdTime, lastUpdatedTime } = await fixture.ended(timer);
    expect(Date.parse(lastUpdatedTime) - Date.parse(createdTime)).toBeGreaterThanOrEqual(300_000);
  });

  it("an activity that had not answered runs again, one that had does not", async () => {
    const slow = { do: "slow", name: "answered", milliseconds: 0 };
    const held = { do: "held", name: "unanswered", file: join(fixture.folder, "let-go-2") };
    const id = await fixture.start("program", { steps: [slow, held] });
    await fixture.noted("held unanswered");
    await crash();
    await fixture.noted("held unanswered", 2);
    fixture.release("let-go-2");
    expect((await fixture.ended(id)).output).toEqual(["answered", "unanswered"]);
    expect(fixture.notes().filter((note) => note === "slow answered")).toHaveLength(1);
  });

  it("a torn last line of the journal never happened", async () => {
    const id = await fixture.start("program", { steps: [{ do: "event", name: "e" }] });
    await fixture.host.kill9();
    appendFileSync(join(fixture.folder, "hub/journal.jsonl"), '[{"kind":"message-sent","instanceId":"');
    await fixture.host.restart();
    await fixture.client("raiseEvent", id, "e", "whole");
    expect((await fixture.ended(id)).output).toEqual(["whole"]);
  });

  it("the host answers at the same address, and what had ended is still known", async () => {
    const { url } = fixture.host;
    const id = await fixture.start("program", { steps: [{ do: "echo", value: 1 }] });
    await fixture.ended(id);
    await crash();
    expect(fixture.host.url).toBe(url);
    expect(await fixture.status(id)).toMatchObject({ runtimeStatus: "Completed", output: [1] });
  });
});

describe("stop", () => {
  it("keeps what running work comes to, and tells the app", async () => {
    const id = await fixture.start("program", {
      steps: [{ do: "slow", name: "leaving", milliseconds: 300 }],
    });
    await fixture.noted("slow leaving");
    await fixture.host.stop();
    expect(fixture.notes().at(-1)).toBe("terminated");
    await fixture.host.restart();
    expect((await fixture.ended(id)).output).toEqual(["leaving"]);
    expect(fixture.notes().filter((note) => note === "slow leaving")).toHaveLength(1);
  });
});
