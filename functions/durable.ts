import type { FunctionInput, InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { inOperation } from "./operation-scope.ts";
import { type SpanAbout, traced } from "./tracing.ts";
import type {
  Batch,
  Command,
  EntityBody,
  EntityName,
  Stories,
  Story,
  StoryHost,
  StoryStatus,
} from "./vocabulary.ts";

// The only file that knows durable-functions. Its traps: one task a yield; Task.any only over fresh, plain tasks, since
// the library and the extension count tasks independently; timers that lost must be cancelled; inputs are objects.

type Handler = Parameters<typeof df.app.activity>[1]["handler"];

/** Registers each activity of the object under its name. */
export function registerActivities(activities: object): void {
  for (const [name, activity] of Object.entries(activities)) {
    const act = activity as Handler;
    df.app.activity(name, {
      handler: (input, context): unknown =>
        onBehalf(context, instanceIn(context), () =>
          traced(activityAbout(name), (): unknown => act(input, context)),
        ),
    });
  }
}

/** Registers activities that work on the stories' instances. */
export function registerStoryActivities(
  activities: Readonly<Record<string, (input: never, host: StoryHost) => Promise<unknown>>>,
): void {
  for (const [name, activity] of Object.entries(activities)) {
    df.app.activity(name, {
      extraInputs: [storiesInput()],
      handler: (input, context) =>
        onBehalf(context, instanceIn(context), () =>
          traced(activityAbout(name), () =>
            activity(input as never, { stories: storiesOf(context), log: (line) => context.log(line) }),
          ),
        ),
    });
  }
}

/** Does something so that what it tells and asks of Azure can be joined with the story that has it done. */
function onBehalf<Result>(context: InvocationContext, operation: string, act: () => Result): Result {
  return inOperation({ operation, log: (line) => context.log(line) }, act);
}

function activityAbout(name: string): SpanAbout {
  return { name: `activity ${name}`, kind: "internal" };
}

// The extension names the calling instance among the trigger's metadata.
function instanceIn({ triggerMetadata }: InvocationContext): string {
  const id = triggerMetadata?.["instanceId"];
  return typeof id === "string" ? id : "";
}

/** Registers what an entity of that name does. */
export function registerEntity<State, Name extends EntityName>(
  name: Name,
  body: EntityBody<State, Name>,
): void {
  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the library awaits it, its types only do not say so
  df.app.entity(name, entity(body));
}

/** The entity that does so. Its state is set once an operation, after everything else, so nothing is half done. */
export function entity<State, Name extends EntityName>(body: EntityBody<State, Name>) {
  // The operations of one batch come with one context.
  const batches = new WeakMap<object, Batch>();
  return async (context: df.EntityContext<State>): Promise<void> => {
    const batch = batches.get(context) ?? {};
    batches.set(context, batch);
    const { df: operation } = context;
    const input = operation.getInput<Parameters<typeof body>[2]>();
    if (input === undefined) return;
    // Who asks says so, where the operation is for one story.
    const asker = (input.operation as { readonly id?: unknown }).id;
    const about: SpanAbout = { name: `entity ${input.operation.kind}`, kind: "internal" };
    const { state, answer } = await onBehalf(context, typeof asker === "string" ? asker : "", () =>
      traced(about, () => body(operation.entityKey, operation.getState(), input, batch)),
    );
    operation.setState(state);
    operation.return(answer);
  };
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
    case "self":
      return context.instanceId;
    case "edition":
      return Number(context.version ?? 0);
    case "ask": {
      const { entity, key, input } = command;
      return yield context.callEntity(new df.EntityId(entity, key), input.operation.kind, input);
    }
    case "tell": {
      const { entity, key, input } = command;
      context.signalEntity(new df.EntityId(entity, key), input.operation.kind, input);
      return undefined;
    }
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
    async purge(before) {
      const { instancesDeleted } = await client.purgeInstanceHistoryBy({
        createdTimeFrom: new Date(0),
        createdTimeTo: new Date(before),
        runtimeStatus: [...ENDED],
      });
      return instancesDeleted;
    },
  };
  return stories;
}

const ENDED: ReadonlySet<df.OrchestrationRuntimeStatus> = new Set([
  df.OrchestrationRuntimeStatus.Completed,
  df.OrchestrationRuntimeStatus.Failed,
  df.OrchestrationRuntimeStatus.Terminated,
  df.OrchestrationRuntimeStatus.Canceled,
]);

function statusOf(runtimeStatus: df.OrchestrationRuntimeStatus): StoryStatus {
  return ENDED.has(runtimeStatus) ? "ended" : "running";
}
