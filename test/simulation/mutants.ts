import { leaseStep } from "../../core/lease.ts";
import type { Mutation } from "./pipeline.ts";

/** Wrong leases that the simulation must find out, or it could not be believed about the right one. */
export const mutants: Readonly<Record<string, Mutation>> = {
  /** Whoever lets go takes the access away, as if nobody else needed it and nothing were still to come. */
  "naive revoke": {
    leaseStep: (lease, operation, rules) =>
      operation.kind === "release"
        ? leaseStep(lease && { ...lease, holders: [] }, operation, { ...rules, graceSeconds: 0 })
        : leaseStep(lease, operation, rules),
  },
};
