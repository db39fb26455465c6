import type { Network } from "../world.ts";
import type { BlobRequest } from "./blob-request.ts";
import type { Operation } from "./operations.ts";

/** What a fault may look at. */
export type FaultTarget = {
  readonly network: Network;
  readonly operation: string;
  readonly container: string | undefined;
  readonly path: string | undefined;
};

/** What goes wrong. */
export type Fault =
  /** The storage answers with an error of its own and does nothing. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly code: string;
      readonly retryAfterSeconds?: number;
    }
  /** The connection breaks after so many bytes of the request's body; the store sees a part, or nothing. */
  | { readonly kind: "reset-upload"; readonly afterBytes: number }
  /** The store does its work, but the connection breaks after so many bytes of its answer's body; -1: before its head. */
  | { readonly kind: "reset-answer"; readonly afterBytes: number };

/** Faults that wait for the requests they are meant for. */
export type Faults = {
  /** Makes the next matching requests fail, by default one; returns how to call it off. */
  readonly inject: (fault: Fault, matches?: (target: FaultTarget) => boolean, times?: number) => () => void;
  /** Takes the fault that is meant for this request. */
  take(request: BlobRequest, operation: Operation, network: Network): Fault | undefined;
};

type Waiting = { readonly fault: Fault; matches(target: FaultTarget): boolean; times: number };

/** No faults yet. */
export function createFaults(): Faults {
  const waiting = new Set<Waiting>();
  return {
    inject: (fault, matches = () => true, times = 1) => {
      const entry = { fault, matches, times };
      waiting.add(entry);
      return () => void waiting.delete(entry);
    },
    take: ({ container, path }, { name }, network) => {
      for (const entry of waiting) {
        if (!entry.matches({ network, operation: name, container, path })) continue;
        entry.times -= 1;
        if (entry.times <= 0) waiting.delete(entry);
        return entry.fault;
      }
      return undefined;
    },
  };
}
