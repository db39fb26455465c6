import type { Holder } from "../../core/lease.ts";
import type { TargetRegion } from "../../core/settings.ts";
import type { Actor } from "./actor.ts";

/** What reached the gallery with a write that Azure accepted. */
export interface VersionWritten {
  readonly kind: "version-written";
  readonly by: Actor | undefined;
  readonly id: string;
  readonly application: string;
  readonly version: string;
  readonly verb: "put" | "patch";
  readonly install: string | undefined;
  readonly remove: string | undefined;
  /** The digest of the bytes that the gallery read. */
  readonly sha256: string;
  readonly regionsBefore: readonly string[];
  readonly targetRegions: readonly TargetRegion[];
  /** Whether it was not in `latest` before, and is now. */
  readonly entersLatest: boolean;
  /** Regions that do not have it, or not yet. */
  readonly unfinished: readonly string[];
}

/** Something that happened to the simulated Azure, for the invariants to judge. */
export type Observation =
  | VersionWritten
  | { readonly kind: "version-write-sent"; readonly by: Actor | undefined; readonly application: string }
  | {
      readonly kind: "swept";
      /** Holders that the sweep has dropped. */
      readonly dropped: readonly Pick<Holder, "id" | "token" | "beat">[];
      /** In seconds, as the lease counts. */
      readonly at: number;
    }
  | { readonly kind: "granted"; readonly by: Actor | undefined; readonly principalId: string }
  | {
      readonly kind: "revoked";
      readonly by: Actor | undefined;
      readonly principalId: string;
      /** Versions that were replicating when the assignment went away. */
      readonly replicating: readonly string[];
    }
  | {
      readonly kind: "report-written";
      readonly by: Actor | undefined;
      readonly path: string;
      readonly text: string;
    };
