import type { Clock } from "../clock.ts";
import type { AccessControl, BlobReader, LocalIdentity } from "../world.ts";
import type { ArmState } from "./arm-state.ts";
import type { ArmFaults } from "./faults.ts";
import type { ArmOperation, Operations } from "./operations.ts";
import type { Target } from "./routes.ts";
import type { ArmSettings } from "./settings.ts";
import type { VersionWriteEnded } from "./version-announcement.ts";

/** What every resource provider of this Resource Manager works with. */
export type ArmContext = {
  readonly state: ArmState;
  readonly settings: ArmSettings;
  readonly faults: ArmFaults;
  readonly operations: Operations;
  readonly clock: Clock;
  readonly access: AccessControl;
  readonly blobs: BlobReader;
  readonly tenantId: string;
  readonly endpoint: string;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
  /** Runs something on after the answer. */
  readonly inBackground: (work: Promise<void>) => void;
  /** Told when a write to a version has ended. */
  readonly onVersionWritten: (ended: VersionWriteEnded) => void;
};

/** A request that has passed the gate. */
export type ArmCall = {
  readonly method: string;
  readonly target: Target;
  readonly query: URLSearchParams;
  /** Path and query, byte for byte. */
  readonly rawPath: string;
  readonly body: unknown;
  readonly apiVersion: string;
  readonly caller: LocalIdentity;
};

/** The headers of an answer that starts or follows an operation. */
export function operationHeaders(context: ArmContext, operation: ArmOperation): Record<string, string> {
  return {
    "azure-asyncoperation": context.endpoint + operation.statusPath,
    ...retryAfterHeader(context),
  };
}

/** Nothing, as on Azure, unless a pause is set. */
export function retryAfterHeader(context: ArmContext): Record<string, string> {
  const seconds = context.settings.operationRetryAfterSeconds;
  return seconds === undefined ? {} : { "retry-after": String(seconds) };
}
