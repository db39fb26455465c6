// The history of an orchestration as the Durable extension writes it and hands it to the SDK. Names, casing and
// numbers are the extension's.
import * as z from "zod";

/** The numbers that the extension gives to kinds of history events. */
export const eventType = {
  executionStarted: 0,
  executionCompleted: 1,
  executionTerminated: 3,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventSent: 14,
  eventRaised: 15,
} as const;

const kinds = eventType;
const head = { EventId: z.number(), Timestamp: z.string() };
const jsonText = z.string().nullable();

/** One row of an orchestration's history. `Input` and `Result` are JSON texts. */
export const historyEventSchema = z.discriminatedUnion("EventType", [
  z.object({
    EventType: z.literal(kinds.executionStarted),
    ...head,
    Name: z.string(),
    Input: jsonText,
    /** The `defaultVersion` of host.json when it began. */
    Version: z.string().optional(),
  }),
  z.object({
    EventType: z.literal(kinds.executionCompleted),
    ...head,
    OrchestrationStatus: z.string(),
    Result: jsonText,
  }),
  z.object({ EventType: z.literal(kinds.executionTerminated), ...head, Input: jsonText }),
  z.object({ EventType: z.literal(kinds.taskScheduled), ...head, Name: z.string(), Input: jsonText }),
  z.object({
    EventType: z.literal(kinds.taskCompleted),
    ...head,
    TaskScheduledId: z.number(),
    Result: jsonText,
  }),
  z.object({
    EventType: z.literal(kinds.taskFailed),
    ...head,
    TaskScheduledId: z.number(),
    Reason: z.string(),
    Details: z.string(),
  }),
  z.object({ EventType: z.literal(kinds.timerCreated), ...head, FireAt: z.string() }),
  z.object({ EventType: z.literal(kinds.timerFired), ...head, TimerId: z.number(), FireAt: z.string() }),
  z.object({ EventType: z.literal(kinds.orchestratorStarted), ...head }),
  z.object({ EventType: z.literal(kinds.orchestratorCompleted), ...head }),
  z.object({
    EventType: z.literal(kinds.eventSent),
    ...head,
    InstanceId: z.string(),
    Name: z.string(),
    Input: jsonText,
  }),
  z.object({ EventType: z.literal(kinds.eventRaised), ...head, Name: z.string(), Input: jsonText }),
]);

/** One row of an orchestration's history. */
export type HistoryEvent = z.infer<typeof historyEventSchema>;

/** A row of the kind `Kind`. */
export type HistoryEventOf<Kind extends HistoryEvent["EventType"]> = Extract<
  HistoryEvent,
  { EventType: Kind }
>;

/** The rows that an orchestrator schedules; their `EventId` is the sequence number that the SDK counts too. */
export type ScheduledEvent = HistoryEventOf<
  typeof kinds.taskScheduled | typeof kinds.timerCreated | typeof kinds.eventSent
>;

// The `EventId` of everything that was not scheduled.
const unscheduled = -1;

/** Whether the row was scheduled by the orchestrator, and so carries a sequence number. */
export function isScheduled(event: HistoryEvent): event is ScheduledEvent {
  return (
    event.EventType === kinds.taskScheduled ||
    event.EventType === kinds.timerCreated ||
    event.EventType === kinds.eventSent
  );
}

/** Activities of this history that have not answered yet. */
export function pendingActivities(
  history: readonly HistoryEvent[],
): readonly HistoryEventOf<typeof kinds.taskScheduled>[] {
  const answered = new Set(
    history.flatMap((event) =>
      event.EventType === kinds.taskCompleted || event.EventType === kinds.taskFailed
        ? [event.TaskScheduledId]
        : [],
    ),
  );
  return history.flatMap((event) =>
    event.EventType === kinds.taskScheduled && !answered.has(event.EventId) ? [event] : [],
  );
}

/** Timers of this history that have not fired yet. Cancelled ones are among them: the platform lets them fire too. */
export function pendingTimers(
  history: readonly HistoryEvent[],
): readonly HistoryEventOf<typeof kinds.timerCreated>[] {
  const fired = new Set(
    history.flatMap((event) => (event.EventType === kinds.timerFired ? [event.TimerId] : [])),
  );
  return history.flatMap((event) =>
    event.EventType === kinds.timerCreated && !fired.has(event.EventId) ? [event] : [],
  );
}

/** A JSON text, where `undefined` is the text `null`. */
export function jsonTextOf(value: unknown): string {
  return value === undefined ? "null" : JSON.stringify(value);
}

/** What begins a row that was not scheduled. */
export function unscheduledAt(timestamp: string): { EventId: number; Timestamp: string } {
  return { EventId: unscheduled, Timestamp: timestamp };
}
