import type { GateAnswer, GateOperation } from "../core/application-gate.ts";
import type { LeaseAnswer, LeaseOperation, Lessee } from "../core/lease.ts";
import type { Refusal } from "../core/refusals.ts";
import type { Activities } from "./activities.ts";

/** The name of an activity that a story can call. */
export type ActivityName = keyof Activities;
type Inputs = { [Name in ActivityName]: Parameters<Activities[Name]>[0] };
type Outputs = { [Name in ActivityName]: Awaited<ReturnType<Activities[Name]>> };
/** What the activity of that name is called with. */
export type Input<Name extends ActivityName> = Inputs[Name];
/** What the activity of that name answers. */
export type Output<Name extends ActivityName> = Outputs[Name];

/** What each entity is asked, and what it answers. */
export interface Entities {
  /** Its key is the name of the role assignment. */
  readonly accessLease: {
    readonly input: { readonly lessee: Lessee; readonly operation: LeaseOperation };
    readonly answer: LeaseAnswer;
  };
  /** Its key is the application's name in lower case. */
  readonly applicationGate: {
    readonly input: { readonly operation: GateOperation };
    readonly answer: GateAnswer;
  };
}

/** The name of an entity that a story can ask. */
export type EntityName = keyof Entities;

/**
 * All that a story can ask for. Whoever runs it answers each command: Durable Functions in production, a loop in memory
 * in tests.
 */
export type Command =
  | { readonly kind: "call"; readonly activity: ActivityName; readonly input: object }
  | { readonly kind: "sleep"; readonly seconds: number }
  | { readonly kind: "wait"; readonly event: string; readonly seconds: number }
  | {
      /** `tell` waits for no answer. */
      readonly kind: "ask" | "tell";
      readonly entity: EntityName;
      readonly key: string;
      readonly input: { readonly operation: { readonly kind: string } };
    }
  | { readonly kind: "now" | "self" | "edition" };

/** The event that stops a publication before its next wave. */
export const HALT = "halt";

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

/** The id of the instance that tells the story. */
export function self(): Story<string>;
export function* self(): Story<unknown> {
  return yield { kind: "self" };
}

/**
 * Under which edition of the stories the instance began: `defaultVersion` of host.json at that time, 0 before there
 * was one. A story that is to ask for other things than before keeps its old branch for the editions before.
 */
export function storyEdition(): Story<number>;
export function* storyEdition(): Story<unknown> {
  return yield { kind: "edition" };
}

/** Has an entity do something, one operation at a time, and gives its answer. */
export function ask<Name extends EntityName>(
  entity: Name,
  key: string,
  input: Entities[Name]["input"],
): Story<Entities[Name]["answer"]>;
export function* ask(entity: EntityName, key: string, input: Entities[EntityName]["input"]): Story<unknown> {
  return yield { kind: "ask", entity, key, input };
}

/** Has an entity do something, and waits for nothing. */
export function* tell<Name extends EntityName>(
  entity: Name,
  key: string,
  input: Entities[Name]["input"],
): Story<void> {
  yield { kind: "tell", entity, key, input };
}

/** What the operations that an entity runs in one go share; all wait for the slowest. */
export interface Batch {
  /** Azure's first refusal: whoever comes after it in the batch need not ask again. */
  refusal?: Refusal;
}

/** What an entity does with one operation: its new state, and the answer. It does not throw. */
export type EntityBody<State, Name extends EntityName> = (
  key: string,
  state: State | undefined,
  input: Entities[Name]["input"],
  batch: Batch,
) => Promise<{ readonly state: State; readonly answer: Entities[Name]["answer"] }>;

/** How a story's instance stands. */
export type StoryStatus = "absent" | "running" | "ended";

/** The instances of stories, for whoever starts or wakes them. */
export interface Stories {
  status(instanceId: string): Promise<StoryStatus>;
  /** Starts an instance; one that another caller started at the same moment is as good. */
  start(instanceId: string, story: string, input: object): Promise<void>;
  /** Sends an event to an instance; one that has just ended does not hear it. */
  raise(instanceId: string, event: string): Promise<void>;
  /** Forgets the instances that began before that time and have ended; tells how many. */
  purge(before: string): Promise<number>;
}

/** What activities that work on stories are given. */
export interface StoryHost {
  readonly stories: Stories;
  /** Writes a line to the function app's log. */
  readonly log: (line: string) => void;
}
