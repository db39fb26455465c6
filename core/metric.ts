import { type Attributes, otlpAttributes, otlpTime } from "./otlp.ts";
import type { Telemetry } from "./telemetry.ts";

/** A number for whoever watches: added to what was told before, or as it stands now. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly kind: "sum" | "gauge";
  readonly value: number;
  readonly attributes: Attributes;
}

/** The numbers in a line of telemetry: how submissions end, how long regions take, what waits and what was lost. */
export function metricsOf(told: Telemetry): readonly Metric[] {
  switch (told.event) {
    case "submission": {
      const { application, outcome } = told;
      return told.ended ? [counted("vm_application.submissions", 1, { application, outcome })] : [];
    }
    case "region": {
      const { application, region, state, seconds: value } = told;
      const attributes = { application, region, state };
      const metric = { name: "vm_application.replication.duration", unit: "s", kind: "gauge" } as const;
      return value === null ? [] : [{ ...metric, value, attributes }];
    }
    case "reconciled":
      return [
        counted("vm_application.lost_events", told.lost, {}),
        {
          ...{ name: "vm_application.unfinished", unit: "{submission}", kind: "gauge" },
          ...{ value: told.unfinished, attributes: {} },
        },
      ];
    case "access":
    case "notification":
      return [];
  }
}

function counted(name: string, value: number, attributes: Attributes): Metric {
  return { name, unit: "1", kind: "sum", value, attributes };
}

const DELTA = 1;

/** A number in the JSON of OTLP, as it was at that time. Sums are what was added since a moment before. */
export function otlpMetric({ name, unit, kind, value, attributes }: Metric, at: number): object {
  const point = { asInt: String(value), timeUnixNano: otlpTime(at), attributes: otlpAttributes(attributes) };
  if (kind === "gauge") return { name, unit, gauge: { dataPoints: [point] } };
  const dataPoints = [{ ...point, startTimeUnixNano: otlpTime(at - 1) }];
  return { name, unit, sum: { aggregationTemporality: DELTA, isMonotonic: true, dataPoints } };
}
