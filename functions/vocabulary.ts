import type { Activities } from "./activities.ts";

/** The name of an activity that a story can call. */
export type ActivityName = keyof Activities;
type Inputs = { [Name in ActivityName]: Parameters<Activities[Name]>[0] };
type Outputs = { [Name in ActivityName]: Awaited<ReturnType<Activities[Name]>> };
/** What the activity of that name is called with. */
export type Input<Name extends ActivityName> = Inputs[Name];
/** What the activity of that name answers. */
export type Output<Name extends ActivityName> = Outputs[Name];

/**
 * All that a story can ask for. Whoever runs it answers each command: Durable Functions in production, a loop in memory
 * in tests. To ask the access lease will be one more kind.
 */
export type Command =
  | { readonly kind: "call"; readonly activity: ActivityName; readonly input: object }
  | { readonly kind: "sleep"; readonly seconds: number }
  | { readonly kind: "wait"; readonly event: string; readonly seconds: number }
  | { readonly kind: "now" };

/** An orchestration told as a generator: it yields commands and returns its result. */
export type Story<Result> = Generator<Command, Result, unknown>;

/** How a wait for an event ended. */
export type Waited = "arrived" | "timed-out";

// The overloads below say what comes back for each command; the runners see to it that it does.

/** Calls an activity and gives its answer. Throws what the activity threw. */
export function call<Name extends ActivityName>(activity: Name, input: Input<Name>): Story<Output<Name>>;
export function* call(activity: ActivityName, input: Input<ActivityName>): Story<unknown> {
  return yield { kind: "call", activity, input };
}

/** Lets that many seconds pass. */
export function* sleep(seconds: number): Story<void> {
  yield { kind: "sleep", seconds };
}

/** Waits for an event of that name, at most that many seconds. */
export function waitForEvent(event: string, seconds: number): Story<Waited>;
export function* waitForEvent(event: string, seconds: number): Story<unknown> {
  return yield { kind: "wait", event, seconds };
}

/** The story's own time, ISO 8601 in UTC; the same each time the story is replayed. */
export function now(): Story<string>;
export function* now(): Story<unknown> {
  return yield { kind: "now" };
}

/** How a story's instance stands. */
export type StoryStatus = "absent" | "running" | "ended";

/** The instances of stories, for whoever starts or wakes them. */
export interface Stories {
  status(instanceId: string): Promise<StoryStatus>;
  /** Starts an instance; one that another caller started at the same moment is as good. */
  start(instanceId: string, story: string, input: object): Promise<void>;
  /** Sends an event to an instance; one that has just ended does not hear it. */
  raise(instanceId: string, event: string): Promise<void>;
}
