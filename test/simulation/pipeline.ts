import { leaseStep } from "../../core/lease.ts";
import { createActivities } from "../../functions/activities.ts";
import { entity, orchestrator } from "../../functions/durable.ts";
import { accessLease } from "../../functions/entities/access-lease.ts";
import { applicationGate } from "../../functions/entities/application-gate.ts";
import type { ChannelSettings } from "../../functions/notifications/channels.ts";
import { announcing, NOTIFY, type NotificationActivities } from "../../functions/notify.ts";
import { notify } from "../../functions/orchestrators/notify.ts";
import { publishRelease } from "../../functions/orchestrators/publish-release.ts";
import { reconcile } from "../../functions/orchestrators/reconcile.ts";
import { updateVersion } from "../../functions/orchestrators/update-version.ts";
import type { Ports } from "../../functions/ports.ts";
import { createStoryActivities } from "../../functions/story-activities.ts";
import { STORY, UPDATE_STORY } from "../../functions/starting.ts";
import { RECONCILE } from "../../functions/triggers/reconcile.ts";
import { createVersionUpdates } from "../../functions/version-updates.ts";
import type { StoryHost } from "../../functions/vocabulary.ts";
import { eventType, type HistoryEvent } from "../../local/functions-host/durable/history.ts";

type Handlers = Readonly<Record<string, (context: any) => unknown>>;

/** The function app under test, without its triggers: what is registered, on given ports. */
export interface Pipeline {
  readonly orchestrators: Readonly<Record<string, unknown>>;
  readonly activitiesOf: (ports: Ports, host: StoryHost) => Handlers;
  /** By their names in lower case, as the extension has them. */
  readonly entitiesOf: (ports: Ports) => Handlers;
}

/** What a mutant changes of the pipeline. */
export interface Mutation {
  readonly leaseStep?: typeof leaseStep;
  /** Which of a lease's holders the sweeper takes for dead. */
  readonly findDeadHolders?: FindDeadHolders;
}

/** Who is told of endings, and what becomes of it; nobody when nothing is said. */
export interface Told extends NotificationActivities {
  readonly channels: readonly ChannelSettings[];
}

type FindDeadHolders = ReturnType<typeof createStoryActivities>["findDeadHolders"];

const NAMES = { galleryRole: "Storage Blob Data Reader", galleryScope: "/the/scope" };
export const GRACE_SECONDS = 600;

/** The pipeline as it is, or as a mutant has it. */
export function thePipeline(mutation: Mutation = {}, told?: Told): Pipeline {
  const rules = { graceSeconds: GRACE_SECONDS };
  const { leaseStep: decide = leaseStep, ...storyMutations } = mutation;
  return {
    orchestrators: {
      [STORY]: orchestrator(publishRelease),
      [RECONCILE]: orchestrator(reconcile),
      [UPDATE_STORY]: orchestrator(updateVersion),
      [NOTIFY]: orchestrator(notify),
    },
    activitiesOf: (ports, host) => ({
      ...tellingOf(
        createActivities(ports, NAMES, { access: "leased", functionAppId: "the-app" }),
        host,
        told,
      ),
      ...(createVersionUpdates(ports, NAMES) as object),
      ...bound({ ...createStoryActivities(ports, NAMES), ...storyMutations }, host),
    }),
    entitiesOf: (ports) => ({
      accesslease: entity(accessLease(ports, rules, NAMES, decide)),
      applicationgate: entity(applicationGate),
    }),
  };
}

function tellingOf(activities: ReturnType<typeof createActivities>, host: StoryHost, told?: Told): object {
  if (!told) return activities;
  const { channels, deliverNotification } = told;
  const { saveReport } = bound({ saveReport: announcing(activities.saveReport, channels) }, host);
  return { ...activities, saveReport, deliverNotification };
}

function bound(activities: object, host: StoryHost): Handlers {
  return Object.fromEntries(
    Object.entries(activities).map(([name, act]) => [name, (input: unknown) => act(input, host)]),
  );
}

/** Whether a story with that history was told that it holds the lease. */
export function wasToldOfAccess(history: readonly HistoryEvent[]): boolean {
  return history.some(
    (event) => event.EventType === eventType.eventRaised && event.Input?.includes('\\"state\\":\\"held\\"'),
  );
}

/** Whether a story with that history holds the lease under that token. */
export function holdsUnder(token: number, history: readonly HistoryEvent[]): boolean {
  const told = history.findLast(
    (event) => event.EventType === eventType.eventRaised && event.Input?.includes('\\"token\\":'),
  );
  const isReleased = history.some(
    (event) =>
      event.EventType === eventType.eventSent &&
      event.Input?.includes('"op":"release"') === true &&
      event.Input.includes(`\\"token\\":${token}`),
  );
  const isHeld = told?.EventType === eventType.eventRaised && told.Input?.includes(`\\"token\\":${token},`);
  return isHeld === true && !isReleased;
}
