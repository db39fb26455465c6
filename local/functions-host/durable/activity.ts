import { eventType, unscheduledAt, type HistoryEvent, type HistoryEventOf } from "./history.ts";

/** The row that schedules an activity. */
export type ScheduledActivity = HistoryEventOf<typeof eventType.taskScheduled>;

/** Runs a scheduled activity and makes the row that tells what came of it. */
export async function answerOf(
  activity: ScheduledActivity,
  run: (input: unknown) => Promise<string | null>,
  timestamp: () => string,
): Promise<HistoryEvent> {
  const TaskScheduledId = activity.EventId;
  try {
    const Result = await run(inputOf(activity));
    return { EventType: eventType.taskCompleted, ...unscheduledAt(timestamp()), TaskScheduledId, Result };
  } catch (failure) {
    const { message, stack } = failure instanceof Error ? failure : new Error(String(failure));
    return {
      EventType: eventType.taskFailed,
      ...unscheduledAt(timestamp()),
      TaskScheduledId,
      Reason: `Activity function '${activity.Name}' failed: ${message}`,
      Details: stack ?? message,
    };
  }
}

function inputOf(activity: ScheduledActivity): unknown {
  const parameters: unknown = JSON.parse(activity.Input ?? "[null]");
  return Array.isArray(parameters) ? parameters[0] : undefined;
}
