import { publicRegions } from "./regions.ts";
import type { ReplicationSeconds } from "./replication-times.ts";

/** How this Resource Manager behaves where Azure's behaviour varies or is not known; all may be changed while it runs. */
export type ArmSettings = {
  /** Versions of the gallery API that this cloud has; a sovereign cloud may lag behind. */
  apiVersions: readonly string[];
  /** Display names of the regions that the subscriptions may use. */
  regions: readonly string[];
  /** "account": the gallery's identity reads only with a role on the storage account or above, never on a container. */
  roleScope: "any" | "account";
  /** An update copies within the gallery and needs no readable blob when the home region has the package. */
  homeRegionReuse: boolean;
  /** The blob is read a second time when the replication of an update starts. */
  rereadAtReplication: boolean;
  /** How many writes may be under way at once. */
  concurrentWrites: "one-per-application" | "one-per-version";
  /** The answer to a role assignment that is already there with the same name and properties. */
  sameRoleAssignmentStatus: 200 | 409;
  /** "bare" leaves the subscription out of an answer's `roleDefinitionId`. */
  roleDefinitionIdForm: "subscription" | "bare";
  /** Sent with running operations; Azure sends none. */
  operationRetryAfterSeconds: number | undefined;
  galleryWriteSeconds: number;
  versionUpdateSeconds: number;
  versionDeleteSeconds: number;
  /** From acceptance to the begin of the copies. */
  replicationStartSeconds: number;
  replicationSeconds: ReplicationSeconds;
  /** What regions show until their copy begins. */
  waitingState: "Unknown" | "Replicating";
  /** How long role assignments to an identity that was just made are refused. */
  newPrincipalHiddenSeconds: { untyped: number; typed: number };
  versionsPerRegion: number;
  /** Whether exceeding compute's request policies is answered with 429. */
  throttling: boolean;
};

/** The durations that recorded traffic shows, and the strict side of every open question but the role's scope. */
export function defaultSettings(): ArmSettings {
  return {
    apiVersions: [
      "2022-01-03",
      "2022-03-03",
      "2023-07-03",
      "2024-03-03",
      "2025-03-03",
      "2025-04-01",
      "2025-12-03",
    ],
    regions: publicRegions,
    roleScope: "any",
    homeRegionReuse: false,
    rereadAtReplication: true,
    concurrentWrites: "one-per-application",
    sameRoleAssignmentStatus: 200,
    roleDefinitionIdForm: "subscription",
    operationRetryAfterSeconds: undefined,
    galleryWriteSeconds: 0.2,
    versionUpdateSeconds: 180,
    versionDeleteSeconds: 90,
    replicationStartSeconds: 5,
    replicationSeconds: () => 265,
    waitingState: "Replicating",
    newPrincipalHiddenSeconds: { untyped: 0, typed: 0 },
    versionsPerRegion: 300,
    throttling: true,
  };
}
