import { eventType, isScheduled, type HistoryEvent, type ScheduledEvent } from "./history.ts";

/** Where what an orchestrator schedules now is not what the history says that it scheduled then. */
export function mismatch(
  history: readonly HistoryEvent[],
  replayed: readonly ScheduledEvent[],
): string | undefined {
  for (const past of history.filter(isScheduled)) {
    const now = replayed[past.EventId];
    if (now === undefined || identityOf(now) !== identityOf(past)) {
      const found = now === undefined ? "nothing" : identityOf(now);
      return `Non-Deterministic workflow detected: event ${past.EventId} of the history is ${identityOf(past)}, the orchestrator now schedules ${found}`;
    }
  }
  return undefined;
}

function identityOf(event: ScheduledEvent): string {
  switch (event.EventType) {
    case eventType.taskScheduled:
      return `the activity ${event.Name}`;
    case eventType.timerCreated:
      return "a timer";
    case eventType.eventSent:
      return `a message to ${event.InstanceId}`;
  }
}
