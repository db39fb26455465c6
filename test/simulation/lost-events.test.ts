import { parseReport } from "../../core/report.ts";
import { thePipeline } from "./pipeline.ts";
import { Random } from "./random.ts";
import { calmScenario, plainSubmission, type Scenario } from "./scenario.ts";
import { SimulatedWorld } from "./simulated-world.ts";
import { PEACE, Trouble } from "./trouble.ts";

const MINUTE = 60_000;

/** A submission every ten minutes, for six hours, none of which any event announces. */
const submissions = Array.from({ length: 36 }, (_, index) => ({
  ...plainSubmission({ application: `app-${index}`, at: index * 10 * MINUTE }),
  events: [],
}));

async function runCalmly(scenario: Scenario): Promise<SimulatedWorld> {
  const random = new Random(1);
  const world = new SimulatedWorld({
    ...{ random, scenario, pipeline: thePipeline(), traces: false },
    trouble: (now) => new Trouble(random, now, PEACE),
  });
  await world.run();
  return world;
}

describe("events that are lost for six hours", () => {
  it("delay no publication by more than an interval of the reconciler", async () => {
    const world = await runCalmly({ ...calmScenario(submissions), peaceFrom: 0 });

    const reports = submissions.map((submission) => ({
      at: submission.at,
      report: parseReport(world.reports.blobs.get(world.reportPathOf(submission))?.text ?? ""),
    }));
    const delays = reports.map(({ at, report }) => Date.parse(report.startedAt) - world.begin - at);

    expect(world.violations).toEqual([]);
    expect(reports.filter(({ report }) => report.outcome !== "published")).toEqual([]);
    // What came in the last three minutes may still have its event.
    expect(Math.max(...delays)).toBeLessThanOrEqual((world.scenario.reconcileMinutes + 4) * MINUTE);
  });
});
