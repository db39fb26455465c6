import fc from "fast-check";
import type { HolderName, Lease, LeaseOperation } from "../../../core/lease.ts";
import { accessLease } from "../../../functions/entities/access-lease.ts";
import { type Access, AzureRefusal } from "../../../functions/ports.ts";
import { answer } from "../in-memory-ports.ts";
import { AnEntity } from "./an-entity.ts";

const PRINCIPAL = "11111111-1111-4111-8111-111111111111";
const GRACE = 600;
/** No story that lives is silent for longer. */
const BEAT = 480;
const RUNS = 1000;

/** Role assignments that fail on demand, and watch who deletes them. */
class WatchedAccess implements Access {
  owner: "pipeline" | "somebody" | undefined;
  readonly faults: ("before" | "after")[] = [];
  readonly #onDelete: () => void;

  constructor(onDelete: () => void) {
    this.#onDelete = onDelete;
  }

  grant(): Promise<"granted" | "foreign"> {
    return this.#perform(() => {
      this.owner ??= "pipeline";
      return this.owner === "pipeline" ? "granted" : "foreign";
    });
  }

  revoke(): Promise<"revoked" | "absent" | "foreign"> {
    return this.#perform(() => {
      if (this.owner === undefined) return "absent";
      if (this.owner === "somebody") return "foreign";
      this.#onDelete();
      this.owner = undefined;
      return "revoked";
    });
  }

  assignmentName(): string {
    return "the-lease";
  }

  async granted(): Promise<string[]> {
    return this.owner === "pipeline" ? [PRINCIPAL] : [];
  }

  async #perform<Result>(act: () => Result): Promise<Result> {
    const fault = this.faults.shift();
    const error = new AzureRefusal(answer("access", 503, "ServiceUnavailable", "Try later."));
    if (fault === "before") throw error;
    const result = act();
    if (fault === "after") throw error;
    return result;
  }
}

/** The lease with stories around it: those who were told that they hold it, and those who died. */
class Situation {
  readonly access = new WatchedAccess(() => {
    if (this.alive.size > 0) this.wrongs.push(`deleted while ${[...this.alive.keys()].join()} needed it`);
  });
  readonly entity = new AnEntity(
    "the-lease",
    accessLease({ access: this.access }, { graceSeconds: GRACE }, {}),
  );
  readonly alive = new Map<string, number>();
  readonly dead: HolderName[] = [];
  readonly formerTokens: HolderName[] = [];
  readonly wrongs: string[] = [];
  seconds = Date.parse("2026-01-05T10:00:00.000Z") / 1000;

  async ask(operations: readonly OperationSketch[], crashes = 0): Promise<any[]> {
    const at = new Date(this.seconds * 1000).toISOString();
    const lessee = { place: "vault", principalId: PRINCIPAL };
    const named = { application: "app", version: "1.0.0", at };
    const inputs = operations.map((operation) => ({ lessee, operation: { ...named, ...operation } }));
    return this.entity.run(inputs, crashes);
  }

  async acquire(ids: readonly string[], crashes: number): Promise<void> {
    const answers = await this.ask(
      ids.map((id) => ({ kind: "acquire", id, doubt: false })),
      crashes,
    );
    for (const [index, { state, token }] of answers.entries()) {
      if (state === "held") this.alive.set(ids[index]!, token);
    }
  }

  /** Stories that live say so while time passes. */
  async pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= BEAT) {
      this.seconds += Math.min(left, BEAT);
      const beats = [...this.alive].map(([id, token]) => ({ kind: "beat", id, token }) as const);
      if (beats.length > 0) await this.ask(beats);
    }
  }

  /** The reconciler names some of those that have been dead for long enough, and what it saw in Azure. */
  async sweep(ours: boolean | null, skipped: number): Promise<any> {
    const dead = this.dead.slice(skipped);
    const [swept] = await this.ask([{ kind: "sweep", dead, ours }]);
    return swept;
  }
}

type OperationSketch = { readonly kind: LeaseOperation["kind"] } & Record<string, unknown>;
type Move = (situation: Situation) => Promise<void>;

const id = fc.constantFrom("a", "b", "c", "d", "e");
const crashes = fc.constantFrom(0, 0, 0, 1, 2);

/** What can happen to a lease. Each is named, so that a counterexample can be read. */
const moves: fc.Arbitrary<{ name: string; move: Move }> = fc.oneof(
  fc.tuple(fc.array(id, { minLength: 1, maxLength: 4 }), crashes).map(([ids, times]) => ({
    name: `acquire ${ids.join()}, ${times} crashes`,
    move: async (situation: Situation) => {
      // An instance that is alive has a place; one that begins again under its id was dead before.
      await situation.acquire(
        [...new Set(ids)].filter((one) => !situation.alive.has(one)),
        times,
      );
    },
  })),
  fc.tuple(id, crashes).map(([one, times]) => ({
    name: `release ${one}, ${times} crashes`,
    move: async (situation: Situation) => {
      const token = situation.alive.get(one);
      if (token === undefined) return;
      situation.alive.delete(one);
      situation.formerTokens.push({ id: one, token });
      await situation.ask([{ kind: "release", id: one, token }], times);
    },
  })),
  fc.nat(9).map((which) => ({
    name: `late release ${which}`,
    move: async (situation: Situation) => {
      const former = situation.formerTokens[which];
      if (former) await situation.ask([{ kind: "release", ...former }]);
    },
  })),
  id.map((one) => ({
    name: `kill ${one}`,
    move: async (situation: Situation) => {
      const token = situation.alive.get(one);
      if (token === undefined) return;
      situation.alive.delete(one);
      situation.dead.push({ id: one, token });
      await situation.pass(360);
    },
  })),
  fc.tuple(fc.constantFrom(true, false, null), fc.nat(2)).map(([ours, skipped]) => ({
    name: `sweep ${ours} ${skipped}`,
    move: async (situation: Situation) => {
      await situation.sweep(ours, skipped);
    },
  })),
  fc.nat(3 * 3600).map((seconds) => ({
    name: `pass ${seconds}`,
    move: (situation: Situation) => situation.pass(seconds),
  })),
  fc.array(fc.constantFrom("before" as const, "after" as const), { maxLength: 4 }).map((faults) => ({
    name: `faults ${faults.join()}`,
    move: async (situation: Situation) => {
      situation.access.faults.push(...faults);
    },
  })),
  fc.constant({
    name: "wipe the state",
    move: async (situation: Situation) => {
      situation.entity.state = null;
      await situation.pass(BEAT);
    },
  }),
  fc.constantFrom("pipeline" as const, "somebody" as const, undefined).map((owner) => ({
    name: `by hand ${owner}`,
    move: async ({ access }: Situation) => {
      access.owner = owner;
    },
  })),
);

async function play(played: readonly { move: Move }[]): Promise<Situation> {
  const situation = new Situation();
  for (const { move } of played) {
    await move(situation);
    const { state } = situation.entity;
    if (state !== null && state.length > 16 * 1024) situation.wrongs.push("the state is too large");
    const holders = state === null ? [] : (JSON.parse(state) as Lease).holders;
    for (const [one, token] of situation.alive) {
      const isKnown = holders.some((holder) => holder.id === one && holder.token === token);
      if (!isKnown) situation.wrongs.push(`${one} was forgotten`);
    }
  }
  return situation;
}

describe("accessLease, whatever happens to it", () => {
  const game = fc.array(moves, { maxLength: 40 });
  const readable = { numRuns: RUNS, verbose: 0 } as const;

  it("never forgets a story that lives, nor deletes the assignment while one does", async () => {
    await fc.assert(
      fc.asyncProperty(game, async (played) => {
        expect((await play(played)).wrongs).toEqual([]);
      }),
      readable,
    );
  });

  it("leaves no assignment of ours when nobody needs it and Azure answers again", async () => {
    await fc.assert(
      fc.asyncProperty(game, async (played) => {
        const situation = await play(played);
        situation.access.faults.length = 0;
        for (const [one, token] of situation.alive) situation.dead.push({ id: one, token });
        situation.alive.clear();
        for (let round = 0; round < 4; round++) {
          await situation.pass(300);
          const ours = (await situation.access.granted()).length > 0;
          await situation.sweep(ours, 0);
        }
        expect(situation.access.owner).not.toBe("pipeline");
      }),
      readable,
    );
  });

  it("brings back what was deleted by hand while a story that lives needs it", async () => {
    await fc.assert(
      fc.asyncProperty(game, async (played) => {
        const situation = await play(played);
        situation.access.faults.length = 0;
        situation.access.owner = undefined;
        await situation.pass(BEAT);
        expect(situation.access.owner).toBe(situation.alive.size > 0 ? "pipeline" : undefined);
      }),
      readable,
    );
  });
});
