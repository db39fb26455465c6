import { metricsOf, otlpMetric } from "../core/metric.ts";
import type { Report } from "../core/report.ts";
import { telemetryLine, telemetryOf, type Telemetry } from "../core/telemetry.ts";
import type { createActivities } from "./activities.ts";
import { collect } from "./collector.ts";
import { operationScope } from "./operation-scope.ts";
import { traceStory } from "./tracing.ts";
import type { createStoryActivities } from "./story-activities.ts";

type Activities = ReturnType<typeof createActivities>;
type StoryActivities = ReturnType<typeof createStoryActivities>;

/** Tells whoever watches of a report that is saved. */
export function tellSaved(report: Report): void {
  const operation = operationScope()?.operation ?? "";
  tell(...telemetryOf(report, operation));
  traceStory(operation, report);
}

/** The same activities, which also tell whoever watches what they did. */
export function observed(activities: Activities): Activities {
  return {
    ...activities,
    findLeases: async (input) => {
      const leases = await activities.findLeases(input);
      if (Array.isArray(leases)) {
        const lines = leases.map(({ principalId: principal, place, ours: lent }) => ({
          principal,
          place,
          lent,
        }));
        tell(...lines.map((line) => ({ event: "access" as const, ...line })));
      }
      return leases;
    },
  };
}

/** The same activities, which also tell whoever watches what they did. */
export function observedStories(activities: StoryActivities): StoryActivities {
  return {
    ...activities,
    startUnfinished: async (input, host) => {
      const restarted = await activities.startUnfinished(input, host);
      if ("unfinished" in restarted) {
        tell({ event: "reconciled", unfinished: restarted.unfinished, lost: restarted.started });
      }
      return restarted;
    },
  };
}

function tell(...told: readonly Telemetry[]): void {
  for (const each of told) {
    operationScope()?.log(telemetryLine(each));
    for (const metric of metricsOf(each)) collect("metrics", otlpMetric(metric, Date.now()));
  }
}
