import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toTrustMaterial, type TrustMaterial } from "@sigstore/verify";
import { Problem } from "../../core/problem.ts";
import type { SigstoreInstance } from "../../core/publishers.ts";

const HOUR_MS = 3_600_000;
const FRESH_MS = 24 * HOUR_MS;
/** A root as old as this is told of: GitHub's keys change about twice a year, and three weeks before they are needed. */
const OLD_DAYS = 30;

/** A `trusted_root.json`, and when it was last known to be the current one. */
export interface DatedRoot {
  readonly json: unknown;
  readonly asOf: Date;
}

/** What attestations are verified with, and what is to be said about it. */
export interface Trust {
  readonly material: TrustMaterial;
  readonly notes: readonly string[];
}

/** Where trust roots come from. Without an embedded one, nothing is trusted until a refresh has succeeded. */
export interface RootSources {
  readonly embedded?: Readonly<Record<SigstoreInstance, DatedRoot>>;
  /** The current root. Throws when it cannot be had. */
  readonly refresh: (instance: SigstoreInstance) => Promise<DatedRoot>;
  readonly now: () => number;
}

interface Held {
  readonly material: TrustMaterial;
  readonly asOf: Date;
}

/**
 * Trust roots that are refreshed once a day, when they are used. Where that does not succeed, the last good one serves
 * on, and is told of once it is old; it is tried again an hour later.
 */
export function createTrustRoots({ embedded, refresh, now }: RootSources): {
  of(instance: SigstoreInstance): Promise<Trust>;
} {
  const held = new Map<SigstoreInstance, Held>();
  const nextRefreshAt = new Map<SigstoreInstance, number>();
  const underWay = new Map<SigstoreInstance, Promise<void>>();

  async function renew(instance: SigstoreInstance): Promise<void> {
    try {
      held.set(instance, heldFrom(await refresh(instance)));
      nextRefreshAt.set(instance, now() + FRESH_MS);
    } catch (error) {
      const last = held.get(instance) ?? (embedded && heldFrom(embedded[instance]));
      if (!last) throw noRoot(instance, error);
      held.set(instance, last);
      nextRefreshAt.set(instance, now() + HOUR_MS);
    }
  }

  return {
    async of(instance) {
      if (now() >= (nextRefreshAt.get(instance) ?? 0)) {
        const renewal = underWay.get(instance) ?? renew(instance).finally(() => underWay.delete(instance));
        underWay.set(instance, renewal);
        await renewal;
      }
      const root = held.get(instance);
      if (!root) throw new TypeError(`no trust root of ${instance} was found`);
      return { material: root.material, notes: notesOn(instance, root, now()) };
    },
  };
}

function heldFrom({ json, asOf }: DatedRoot): Held {
  return { material: toTrustMaterial(TrustedRoot.fromJSON(json)), asOf };
}

function noRoot(instance: SigstoreInstance, cause: unknown): Problem {
  return new Problem(
    "no-trust-root",
    `the trust root of ${instance} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    `Put ${instance}.json into the folder that TRUST_ROOTS names, as \`gh attestation trusted-root\` prints it, or take that setting away.`,
    { cause },
  );
}

function notesOn(instance: SigstoreInstance, { asOf }: Held, now: number): string[] {
  const days = Math.floor((now - asOf.getTime()) / (24 * HOUR_MS));
  if (days <= OLD_DAYS) return [];
  return [
    `The trust root of ${instance} was last confirmed ${days} days ago, on ${asOf.toISOString().slice(0, 10)}. ` +
      "Let the function app reach Sigstore's repository, or deploy a newer version of the pipeline: newer keys are not known.",
  ];
}
