import { withTurn } from "../../../functions/orchestrators/one-at-a-time.ts";
import { now, type Story } from "../../../functions/vocabulary.ts";
import { aWorld } from "../a-world.ts";
import { runStory } from "../story-runner.ts";

/** How many minutes a story waits for its turn at the same application, spelt otherwise, when that status is all that is known of another one that has it. */
async function minutesBehind(status: "running" | "ended" | "absent"): Promise<number> {
  const { activities, entities, clock, stories } = aWorld();
  const begun = clock.now();
  const at = new Date(begun).toISOString();
  await entities.ask("applicationGate", "flooperapp", { operation: { kind: "take-turn", id: "other", at } });
  stories.statuses.set("other", status);

  const { result } = await runStory(
    withTurn("FlooperApp", function* (): Story<string> {
      return yield* now();
    }),
    { activities, entities, clock },
  );
  return (Date.parse(result) - begun) / 60_000;
}

describe("withTurn", () => {
  it.each(["ended", "absent"] as const)(
    "takes the turn of a story that is %s once its request can no longer be on its way",
    async (status) => {
      const minutes = await minutesBehind(status);

      expect(minutes).toBeGreaterThanOrEqual(5);
      expect(minutes).toBeLessThan(7);
    },
  );

  it("waits longer for a story that runs, whose machines may have stopped, but not for ever", async () => {
    const minutes = await minutesBehind("running");

    expect(minutes).toBeGreaterThanOrEqual(30);
    expect(minutes).toBeLessThan(32);
  });
});
