import type { Notification } from "../../../core/notification.ts";
import { newReport, type Report } from "../../../core/report.ts";
import { announcing, createNotifications } from "../../../functions/notify.ts";
import { notify } from "../../../functions/orchestrators/notify.ts";
import type { ChannelSettings } from "../../../functions/notifications/channels.ts";
import { InMemoryStories } from "../in-memory-stories.ts";
import { runStory } from "../story-runner.ts";

const AT = "2026-01-05T10:00:00.000Z";
const release = { application: "flooperapp", version: "1.2.0", submission: "run-1-1-00000000" };
const endedReport: Report = { ...newReport(release, AT), outcome: "published", endedAt: AT };
const webhook: ChannelSettings = {
  kind: "webhook",
  url: "https://x.example",
  secretUrl: "https://v.example",
};
const notification: Notification = {
  ...{ ...release, schema: 1, event: "release-ended", outcome: "published", reason: null },
  ...{ versionId: null, regions: [], startedAt: AT, endedAt: AT },
};

describe("notify()", () => {
  const story = (answers: ("delivered" | "again" | "given up" | Error)[]) =>
    runStory(notify({ notification, channels: [0] }), {
      activities: {
        deliverNotification: async () => {
          const answer = answers.shift() ?? "delivered";
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
    });

  it("tries again with growing pauses, whatever goes wrong", async () => {
    const told = await story(["again", new Error("host went away"), "again"]);
    expect(told.result).toBe("delivered");
    expect(told.trace.filter((line) => line.startsWith("sleep"))).toEqual([
      "sleep 10",
      "sleep 60",
      "sleep 300",
    ]);
  });

  it("ends when the receiver never will, and after most of a day", async () => {
    expect((await story(["given up"])).trace).toHaveLength(1);
    const told = await story(Array.from({ length: 20 }, () => "again" as const));
    expect(told.result).toBe("again");
    expect(told.seconds).toBeGreaterThan(80_000);
  });
});

describe("announcing()", () => {
  const setting = (channels: readonly ChannelSettings[]) => {
    const stories = new InMemoryStories();
    const lines: string[] = [];
    const save = announcing(async () => "saved" as const, channels);
    const host = { stories, log: (line: string) => void lines.push(line) };
    return { stories, lines, host, save: (report: Report) => save({ report }, host) };
  };

  it("starts one story for an ending, however often it is saved", async () => {
    const { stories, save } = setting([webhook]);
    expect(await save(endedReport)).toBe("saved");
    expect(await save(endedReport)).toBe("saved");
    expect(stories.log).toHaveLength(1);
  });

  it("tells nothing of what goes on, and nobody where nobody wants to know", async () => {
    const { stories, save } = setting([webhook]);
    await save({ ...endedReport, outcome: "publishing", endedAt: null });
    const silent = setting([]);
    await silent.save(endedReport);
    expect([...stories.log, ...silent.stories.log]).toEqual([]);
  });

  it("saves the report even when the story cannot be started", async () => {
    const { lines, host } = setting([webhook]);
    const broken = { ...host, stories: { status: () => Promise.reject(new Error("down")) } };
    const save = announcing(async () => "saved" as const, [webhook]);
    expect(await save({ report: endedReport }, broken as never)).toBe("saved");
    expect(lines).toEqual(["an ending could not be told: down"]);
  });
});

describe("deliverNotification", () => {
  const vault = { secret: () => Promise.reject(new Error("Key Vault answered 403")), signed: async () => "" };

  it("gives up on its last attempt, and where the setting is gone", async () => {
    const { deliverNotification } = createNotifications([webhook], vault);
    expect(await deliverNotification({ notification, channel: 0, isLast: false })).toBe("again");
    expect(await deliverNotification({ notification, channel: 0, isLast: true })).toBe("given up");
    expect(await deliverNotification({ notification, channel: 1, isLast: false })).toBe("given up");
  });
});
