import { metricsOf, otlpMetric } from "../../core/metric.ts";
import type { Telemetry } from "../../core/telemetry.ts";

const release = { operation: "0", application: "flooperapp", version: "1.0.0" };
const submission = {
  event: "submission",
  ...release,
  submission: "run-1",
  step: "",
  seconds: 1,
  reason: "",
} as const;
const region = { event: "region", ...release, region: "eastus2", state: "Completed" } as const;

describe("metricsOf()", () => {
  it.each<[Telemetry, string[]]>([
    [{ ...submission, outcome: "publishing", ended: false }, []],
    [{ ...submission, outcome: "refused", ended: true }, ["vm_application.submissions 1 flooperapp refused"]],
    [{ ...region, seconds: 260 }, ["vm_application.replication.duration 260 flooperapp eastus2 Completed"]],
    [{ ...region, seconds: null }, []],
    [
      { event: "reconciled", unfinished: 3, lost: 1 },
      ["vm_application.lost_events 1", "vm_application.unfinished 3"],
    ],
  ])("of %j are %j", (told, expected) => {
    const metrics = metricsOf(told).map(({ name, value, attributes }) =>
      [name, value, ...Object.values(attributes)].join(" "),
    );
    expect(metrics).toEqual(expected);
  });
});

describe("otlpMetric()", () => {
  it("is a sum of what was added, or a gauge, in OTLP's JSON", () => {
    const [lost, unfinished] = metricsOf({ event: "reconciled", unfinished: 3, lost: 1 });
    const at = { timeUnixNano: "2000000000", attributes: [] };
    expect(otlpMetric(lost!, 2000)).toEqual({
      ...{ name: "vm_application.lost_events", unit: "1" },
      sum: {
        ...{ aggregationTemporality: 1, isMonotonic: true },
        dataPoints: [{ asInt: "1", startTimeUnixNano: "1999000000", ...at }],
      },
    });
    expect(otlpMetric(unfinished!, 2000)).toEqual({
      ...{ name: "vm_application.unfinished", unit: "{submission}" },
      gauge: { dataPoints: [{ asInt: "3", ...at }] },
    });
  });
});
