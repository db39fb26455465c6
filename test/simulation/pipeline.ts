import { leaseStep } from "../../core/lease.ts";
import { createActivities } from "../../functions/activities.ts";
import { entity, orchestrator } from "../../functions/durable.ts";
import { accessLease } from "../../functions/entities/access-lease.ts";
import { applicationGate } from "../../functions/entities/application-gate.ts";
import { publishRelease } from "../../functions/orchestrators/publish-release.ts";
import type { Ports } from "../../functions/ports.ts";
import { createStoryActivities } from "../../functions/story-activities.ts";
import type { Stories } from "../../functions/vocabulary.ts";
import { eventType, type HistoryEvent } from "../../local/functions-host/durable/history.ts";

type Handlers = Readonly<Record<string, (context: any) => unknown>>;

/** The function app under test, without its triggers: what is registered, on given ports. */
export interface Pipeline {
  readonly orchestrators: Readonly<Record<string, unknown>>;
  readonly activitiesOf: (ports: Ports, stories: Stories) => Handlers;
  /** By their names in lower case, as the extension has them. */
  readonly entitiesOf: (ports: Ports) => Handlers;
}

/** What a mutant changes of the pipeline. */
export interface Mutation {
  readonly leaseStep?: typeof leaseStep;
}

const NAMES = { galleryRole: "Storage Blob Data Reader", galleryScope: "/the/scope" };
export const GRACE_SECONDS = 600;

/** The pipeline as it is, or as a mutant has it. */
export function thePipeline(mutation: Mutation = {}): Pipeline {
  const rules = { graceSeconds: GRACE_SECONDS };
  return {
    orchestrators: { publishRelease: orchestrator(publishRelease) },
    activitiesOf: (ports, stories) => ({
      ...(createActivities(ports, NAMES, { access: "leased" }) as object),
      ...bound(createStoryActivities(), stories),
    }),
    entitiesOf: (ports) => ({
      accesslease: entity(accessLease(ports, rules, NAMES, mutation.leaseStep ?? leaseStep)),
      applicationgate: entity(applicationGate),
    }),
  };
}

function bound(
  activities: Readonly<Record<string, (input: never, stories: Stories) => unknown>>,
  stories: Stories,
) {
  return Object.fromEntries(
    Object.entries(activities).map(([name, act]) => [name, (input: any) => act(input as never, stories)]),
  );
}

/** Whether a story with that history was told that it holds the lease. */
export function wasToldOfAccess(history: readonly HistoryEvent[]): boolean {
  return history.some(
    (event) => event.EventType === eventType.eventRaised && event.Input?.includes('\\"state\\":\\"held\\"'),
  );
}
