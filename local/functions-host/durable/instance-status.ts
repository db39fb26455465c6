// How the extension shows an orchestration to clients.
import { eventType, type HistoryEvent } from "./history.ts";
import { isFinished, type Instance } from "./instance.ts";

/** What a client wants to see of an orchestration. */
export type StatusOptions = {
  readonly showInput: boolean;
  readonly showHistory: boolean;
  readonly showHistoryOutput: boolean;
};

/** The JSON that the extension shows. Its history is called `historyEvents`, which the SDK's typed status leaves out. */
export function instanceStatus(instance: Instance, options: StatusOptions): Record<string, unknown> {
  return {
    name: instance.name,
    instanceId: instance.instanceId,
    runtimeStatus: instance.runtimeStatus,
    input: options.showInput ? parsed(instance.input) : null,
    customStatus: parsed(instance.customStatus),
    output: parsed(instance.output),
    createdTime: instance.createdTime,
    lastUpdatedTime: instance.lastUpdatedTime,
    ...(options.showHistory
      ? { historyEvents: shownHistory(instance.history, options.showHistoryOutput) }
      : {}),
  };
}

/** 202 while the orchestration goes on, 200 when it has ended. */
export function statusCodeOf(instance: Instance): 200 | 202 {
  return isFinished(instance) ? 200 : 202;
}

function parsed(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}

/** Rows as people want them: named kinds, and answers that tell what they answer. */
function shownHistory(history: readonly HistoryEvent[], showOutput: boolean): Record<string, unknown>[] {
  return history.flatMap((event) => {
    const shown = shownEvent(event, history, showOutput);
    return shown === undefined ? [] : [{ ...shown, Timestamp: event.Timestamp }];
  });
}

function shownEvent(
  event: HistoryEvent,
  history: readonly HistoryEvent[],
  showOutput: boolean,
): Record<string, unknown> | undefined {
  switch (event.EventType) {
    case eventType.executionStarted:
      return { EventType: "ExecutionStarted", FunctionName: event.Name };
    case eventType.executionCompleted: {
      const { OrchestrationStatus } = event;
      const Result = showOutput ? { Result: parsed(event.Result) } : {};
      return { EventType: "ExecutionCompleted", OrchestrationStatus, ...Result };
    }
    case eventType.executionTerminated:
      return { EventType: "ExecutionTerminated", Input: parsed(event.Input) };
    case eventType.taskCompleted: {
      const Result = showOutput ? { Result: parsed(event.Result) } : {};
      return { EventType: "TaskCompleted", ...scheduling(event.TaskScheduledId, history), ...Result };
    }
    case eventType.taskFailed: {
      const { Reason, Details } = event;
      return { EventType: "TaskFailed", ...scheduling(event.TaskScheduledId, history), Reason, Details };
    }
    case eventType.timerFired:
      return { EventType: "TimerFired", FireAt: event.FireAt };
    case eventType.eventRaised:
      return { EventType: "EventRaised", Name: event.Name, Input: parsed(event.Input) };
    case eventType.eventSent:
      return { EventType: "EventSent", InstanceId: event.InstanceId, Name: event.Name };
    default:
      return undefined;
  }
}

function scheduling(taskId: number, history: readonly HistoryEvent[]): Record<string, unknown> {
  const scheduled = history.find(
    (event) => event.EventType === eventType.taskScheduled && event.EventId === taskId,
  );
  return scheduled?.EventType === eventType.taskScheduled
    ? { FunctionName: scheduled.Name, ScheduledTime: scheduled.Timestamp }
    : {};
}
