// The app's functions by what triggers them. What this host does not serve is refused when the app starts.
import * as z from "zod";
import type { FunctionMetadata, RpcBinding } from "./core-api.ts";
import { resolveSettings } from "./host-settings.ts";

const schemas = {
  httpTrigger: z.object({
    route: z.string().optional(),
    methods: z.array(z.string()),
    authLevel: z.literal("anonymous", { error: "this host serves only authLevel anonymous" }),
  }),
  timerTrigger: z.object({ schedule: z.string(), runOnStartup: z.boolean().default(false) }),
  queueTrigger: z.object({ queueName: z.string(), connection: z.string().default("AzureWebJobsStorage") }),
  eventGridTrigger: z.object({
    cardinality: z.literal("one", { error: "this host knows only cardinality one" }).optional(),
  }),
  orchestrationTrigger: z.object({}),
  activityTrigger: z.object({}),
  entityTrigger: z.object({}),
} as const;

type Schemas = typeof schemas;

/** A function with its trigger. */
export type AppFunction<Trigger> = {
  readonly name: string;
  readonly triggerBinding: string;
  readonly trigger: Trigger;
  /** Names of its durable client bindings. */
  readonly durableClients: readonly string[];
};

/** The app's functions by trigger. */
export type AppFunctions = {
  readonly [Type in keyof Schemas]: readonly AppFunction<z.infer<Schemas[Type]>>[];
};

/** A function that HTTP requests trigger. */
export type HttpFunction = AppFunctions["httpTrigger"][number];

/** A function that a storage queue triggers. */
export type QueueFunction = AppFunctions["queueTrigger"][number];

/** A function that a schedule triggers. */
export type TimerFunction = AppFunctions["timerTrigger"][number];

/** A function that Event Grid triggers. */
export type EventGridFunction = AppFunctions["eventGridTrigger"][number];

type Settings = Readonly<Record<string, string | undefined>>;

/** Sorts what an app registered. Throws one error that names everything that this host does not serve. */
export function sortFunctions(registered: readonly FunctionMetadata[], settings: Settings): AppFunctions {
  const problems = registered.flatMap(problemsOf);
  const sort = <Trigger>(type: keyof Schemas, schema: z.ZodType<Trigger>): AppFunction<Trigger>[] =>
    registered.flatMap((metadata) => triggeredBy(metadata, type, schema, settings, problems));
  const sorted: AppFunctions = {
    httpTrigger: sort("httpTrigger", schemas.httpTrigger),
    timerTrigger: sort("timerTrigger", schemas.timerTrigger),
    queueTrigger: sort("queueTrigger", schemas.queueTrigger),
    eventGridTrigger: sort("eventGridTrigger", schemas.eventGridTrigger),
    orchestrationTrigger: sort("orchestrationTrigger", schemas.orchestrationTrigger),
    activityTrigger: sort("activityTrigger", schemas.activityTrigger),
    entityTrigger: sort("entityTrigger", schemas.entityTrigger),
  };
  if (problems.length > 0) {
    throw new Error(`This host cannot serve the app:\n${problems.map((line) => `- ${line}`).join("\n")}`);
  }
  return sorted;
}

function problemsOf({ name, bindings, retryOptions }: FunctionMetadata): string[] {
  const strange = Object.values(bindings).filter(
    ({ type, direction }) =>
      !(direction === "in" && (type in schemas || type === "durableClient")) &&
      !(direction === "out" && type === "http"),
  );
  return [
    ...strange.map(({ type, direction }) => `${name}: it knows no "${type}" binding (${direction})`),
    ...(retryOptions === undefined ? [] : [`${name}: it knows no retry policies of functions`]),
  ];
}

function triggeredBy<Trigger>(
  { name, bindings }: FunctionMetadata,
  type: string,
  schema: z.ZodType<Trigger>,
  settings: Settings,
  problems: string[],
): AppFunction<Trigger>[] {
  const found = Object.entries(bindings).find(([, binding]) => binding.type === type);
  if (found === undefined) return [];
  const [triggerBinding, binding] = found;
  const parsed = schema.safeParse(resolved(binding, settings));
  if (!parsed.success) {
    problems.push(
      ...parsed.error.issues.map((issue) => `${name}: ${issue.path.join(".")}: ${issue.message}`),
    );
    return [];
  }
  const durableClients = Object.entries(bindings).flatMap(([key, { type: kind }]) =>
    kind === "durableClient" ? [key] : [],
  );
  return [{ name, triggerBinding, trigger: parsed.data, durableClients }];
}

function resolved(binding: RpcBinding, settings: Settings): Record<string, unknown> {
  const entries = Object.entries(binding).map(([key, value]): [string, unknown] => [
    key,
    typeof value === "string" ? resolveSettings(value, settings) : value,
  ]);
  return Object.fromEntries<unknown>(entries);
}
