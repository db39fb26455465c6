import type { FunctionInput, InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import type { Command, Stories, Story, StoryStatus } from "./vocabulary.ts";

// The only file that knows durable-functions. Its traps: one task a yield; Task.any only over fresh, plain tasks, since
// the library and the extension count tasks independently; timers that lost must be cancelled; inputs are objects.

type Handler = Parameters<typeof df.app.activity>[1]["handler"];

/** Registers each activity of the object under its name. */
export function registerActivities(activities: object): void {
  for (const [name, activity] of Object.entries(activities)) {
    df.app.activity(name, { handler: activity as Handler });
  }
}

/** Registers a story as the orchestrator of that name. */
export function registerStory(name: string, story: (input: never) => Story<unknown>): void {
  df.app.orchestration(name, orchestrator(story));
}

/** The orchestrator that tells a story: each command becomes a task, and its result the command's answer. */
export function orchestrator(story: (input: never) => Story<unknown>) {
  return function* ({ df: context }: df.OrchestrationContext): Generator<df.Task, unknown, unknown> {
    const telling = story(context.getInput<never>());
    let step = telling.next();
    while (!step.done) {
      let answer: unknown;
      try {
        answer = yield* answerTo(step.value, context);
      } catch (error) {
        step = telling.throw(error);
        continue;
      }
      step = telling.next(answer);
    }
    return step.value;
  };
}

function* answerTo(
  command: Command,
  context: df.DurableOrchestrationContext,
): Generator<df.Task, unknown, unknown> {
  switch (command.kind) {
    case "now":
      return context.currentUtcDateTime.toISOString();
    case "call":
      return yield context.callActivity(command.activity, command.input);
    case "sleep":
      return yield context.createTimer(secondsFromNow(context, command.seconds));
    case "wait": {
      const event = context.waitForExternalEvent(command.event);
      const timer = context.createTimer(secondsFromNow(context, command.seconds));
      const winner = yield context.Task.any([event, timer]);
      if (winner !== event) return "timed-out";
      timer.cancel();
      return "arrived";
    }
  }
}

function secondsFromNow({ currentUtcDateTime }: df.DurableOrchestrationContext, seconds: number): Date {
  return new Date(currentUtcDateTime.getTime() + Math.ceil(seconds) * 1000);
}

/** The binding that a trigger needs among its `extraInputs` to reach {@link storiesOf}. */
export function storiesInput(): FunctionInput {
  return df.input.durableClient();
}

/** The stories' instances, as an invocation with {@link storiesInput} reaches them. */
export function storiesOf(context: InvocationContext): Stories {
  const client = df.getClient(context);
  const stories: Stories = {
    async status(instanceId) {
      try {
        const { runtimeStatus } = await client.getStatus(instanceId);
        return statusOf(runtimeStatus);
      } catch (error) {
        // The client knows no other way to say that there is no such instance.
        if (error instanceof Error && error.message.includes("replied with HTTP 404")) return "absent";
        throw error;
      }
    },
    async start(instanceId, story, input) {
      try {
        await client.startNew(story, { instanceId, input });
      } catch (error) {
        // Somebody may have been faster; the client's error does not tell.
        if ((await stories.status(instanceId)) !== "running") throw error;
      }
    },
    async raise(instanceId, event) {
      // Without a value the client would send a body that is no JSON.
      await client.raiseEvent(instanceId, event, {});
    },
  };
  return stories;
}

const ENDED: ReadonlySet<string> = new Set(["Completed", "Failed", "Terminated", "Canceled"]);

function statusOf(runtimeStatus: string): StoryStatus {
  return ENDED.has(runtimeStatus) ? "ended" : "running";
}
