import { type HolderName, leaseStep } from "../../core/lease.ts";
import type { Mutation } from "./pipeline.ts";

/** Wrong pipelines that the simulation must find out, or it could not be believed about the right one. */
export const mutants: Readonly<Record<string, Mutation>> = {
  /** Whoever lets go takes the access away, as if nobody else needed it and nothing were still to come. */
  "naive revoke": {
    leaseStep: (lease, operation, rules) =>
      operation.kind === "release"
        ? leaseStep(lease && { ...lease, holders: [] }, operation, { ...rules, graceSeconds: 0 })
        : leaseStep(lease, operation, rules),
  },

  /** The sweeper says who lives, as it saw it a moment ago, and whoever has come since is dropped. */
  "live-list sweeper": {
    findDeadHolders: async ({ holders }, { stories }) => {
      const live: HolderName[] = [];
      for (const { id, token } of holders) {
        if ((await stories.status(id)) === "running") live.push({ id, token });
      }
      return live;
    },
    leaseStep: (lease, operation, rules) => {
      if (operation.kind !== "sweep") return leaseStep(lease, operation, rules);
      const isLive = ({ id, token }: HolderName): boolean =>
        operation.dead.some((live) => live.id === id && live.token === token);
      const dead = (lease?.holders ?? []).filter((holder) => !isLive(holder));
      return leaseStep(lease, { ...operation, dead }, rules);
    },
  },

  /** A holder whose story has ended is dead, although Azure still reads for it. */
  "no adoption": {
    findDeadHolders: async ({ holders }, { stories }) => {
      const dead: HolderName[] = [];
      for (const { id, token } of holders) {
        if ((await stories.status(id)) !== "running") dead.push({ id, token });
      }
      return dead;
    },
  },
};
