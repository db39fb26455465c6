import { createActivities } from "../../functions/activities.ts";
import { orchestrator } from "../../functions/durable.ts";
import { publishRelease } from "../../functions/orchestrators/publish-release.ts";
import type { Ports } from "../../functions/ports.ts";
import { eventType, type HistoryEvent } from "../../local/functions-host/durable/history.ts";

/** All ports that the simulated Azure has. */
export type SimulatedPorts = Ports;

type Handlers = Readonly<Record<string, (context: any) => unknown>>;

/** The function app under test, without its triggers: what is registered, on given ports. */
export interface Pipeline {
  readonly hasLease: boolean;
  readonly orchestrators: Readonly<Record<string, unknown>>;
  readonly activitiesOf: (ports: SimulatedPorts) => Handlers;
  readonly entitiesOf: (ports: SimulatedPorts, now: () => number) => Handlers;
  /** Whether a story with that history was told that it has access. */
  readonly hasAccess: (history: readonly HistoryEvent[]) => boolean;
}

const NAMES = { galleryRole: "Storage Blob Data Reader", galleryScope: "/the/scope" };

/** The pipeline as it is. */
export function thePipeline(): Pipeline {
  return {
    hasLease: false,
    orchestrators: { publishRelease: orchestrator(publishRelease) },
    activitiesOf: (ports) => createActivities(ports, NAMES) as unknown as Handlers,
    entitiesOf: () => ({}),
    hasAccess: (history) => {
      const grants = new Set(
        history.flatMap((event) =>
          event.EventType === eventType.taskScheduled && event.Name === "grantAccess" ? [event.EventId] : [],
        ),
      );
      return history.some(
        (event) =>
          event.EventType === eventType.taskCompleted &&
          grants.has(event.TaskScheduledId) &&
          event.Result?.includes('"principalId"'),
      );
    },
  };
}
