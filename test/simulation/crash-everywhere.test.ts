import { crashEverywhere } from "./crash-everywhere.ts";
import type { Submitted } from "../../functions/story-values.ts";
import type { InMemoryPackages } from "../functions/in-memory-ports.ts";
import { type Pipeline, thePipeline } from "./pipeline.ts";
import { calmScenario, crashScenarios, plainSubmission } from "./scenario.ts";

// All moments, by a command: CRASH_EVERY=1 npm test -- crash-everywhere
const every = Number(process.env["CRASH_EVERY"] ?? 24);
const published = plainSubmission({});
describe("a machine that stops", () => {
  it.each([...crashScenarios])(
    `changes nothing about what comes of it: %s, at every ${every}th moment, 1 to 3 times`,
    async (_, scenario) => {
      const { moments, different } = await crashEverywhere(scenario, 3, { every });

      expect(moments).toBeGreaterThan(100);
      expect(different).toEqual([]);
    },
    300_000,
  );

  it("is noticed when a step is not safe to run twice", async () => {
    const pipeline = thePipeline();
    const careless: Pipeline = {
      ...pipeline,
      activitiesOf: (ports, host) => ({
        ...pipeline.activitiesOf(ports, host),
        // Takes the manifest out of the drop box, so that whoever runs it again finds none.
        examineRelease: async (input: Submitted) => {
          const examined = await pipeline.activitiesOf(ports, host)["examineRelease"]?.(input);
          const { dropped } = ports.packages as unknown as Pick<InMemoryPackages, "dropped">;
          dropped.delete(input.manifest?.path ?? "");
          return examined;
        },
      }),
    };

    const { different } = await crashEverywhere(calmScenario([published]), 1, {
      pipeline: careless,
      stopsAtFirst: true,
    });

    expect(different).not.toEqual([]);
  }, 300_000);
});
