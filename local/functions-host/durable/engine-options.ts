import type { Clock } from "../../clock.ts";
import type { EntityTriggerInput } from "./entity-batch.ts";
import type { Hub } from "./hub.ts";
import type { Journal } from "./journal.ts";
import type { OrchestrationTriggerInput } from "./turn.ts";

/** The app's durable functions. Each answers with the JSON text that the function returned, or rejects. */
export interface DurableFunctions {
  has(kind: "orchestration" | "activity" | "entity", name: string): boolean;
  orchestrate(name: string, input: OrchestrationTriggerInput): Promise<string | null>;
  runActivity(name: string, input: unknown, instanceId: string): Promise<string | null>;
  runEntity(name: string, input: EntityTriggerInput): Promise<string | null>;
}

/** What an engine needs. */
export type EngineOptions = {
  readonly functions: DurableFunctions;
  readonly clock: Clock;
  readonly hub: Hub;
  readonly journal: Journal;
  readonly maxEntityOperationBatchSize: number;
  readonly maxConcurrentActivities: number;
  /** The version that orchestrations begin under. */
  readonly defaultVersion?: string | undefined;
  readonly log: (level: "information" | "warning" | "error", message: string) => void;
};
