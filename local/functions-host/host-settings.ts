// host.json and app settings, as far as this host keeps to them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const timeSpan = z
  .string()
  .regex(/^(\d+\.)?\d{1,2}:\d{2}:\d{2}$/)
  .transform((text) => {
    const [days, clock] = text.includes(".") ? text.split(".") : ["0", text];
    const [hours = 0, minutes = 0, seconds = 0] = (clock ?? "").split(":").map(Number);
    return (((Number(days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  });

const hostSchema = z.object({
  version: z.literal("2.0"),
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().default("api") }).prefault({}),
      durableTask: z
        .object({
          hubName: z.string().default("TestHubName"),
          maxEntityOperationBatchSize: z.number().int().positive().default(50),
          defaultVersion: z.string().optional(),
          maxConcurrentActivityFunctions: z.number().int().positive().default(10),
        })
        .prefault({}),
      queues: z
        .object({
          batchSize: z.number().int().min(1).max(32).default(16),
          maxDequeueCount: z.number().int().positive().default(5),
          visibilityTimeout: timeSpan.prefault("00:00:00"),
          messageEncoding: z.enum(["base64", "none"]).default("base64"),
        })
        .prefault({}),
    })
    .prefault({}),
});

/** The settings of host.json that this host keeps to. Times are in milliseconds. */
export type HostSettings = z.infer<typeof hostSchema>["extensions"];

/** Settings of the queue extension. */
export type QueueSettings = HostSettings["queues"];

/** Reads an app folder's host.json. */
export function readHostSettings(appFolder: string): HostSettings {
  return hostSchema.parse(JSON.parse(readFileSync(join(appFolder, "host.json"), "utf8"))).extensions;
}

/** Replaces every `%NAME%` by the app setting NAME. */
export function resolveSettings(
  text: string,
  settings: Readonly<Record<string, string | undefined>>,
): string {
  return text.replaceAll(/%([^%]+)%/g, (_, name: string) => {
    const value = settings[name];
    if (value === undefined) throw new Error(`"${text}" needs the app setting "${name}", which is not set.`);
    return value;
  });
}
