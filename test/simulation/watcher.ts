import type { Lease } from "../../core/lease.ts";
import type { Actor } from "./actor.ts";
import type { Observation } from "./observations.ts";
import type { Stage } from "./stage.ts";

/** Requests that change something in Resource Manager; all others only read. */
const WRITES: ReadonlySet<string> = new Set([
  ...["gallery.putVersion", "gallery.updateRegions", "gallery.createApplication"],
  ...["access.grant", "access.revoke"],
]);
const VERSION_WRITES: ReadonlySet<string> = new Set(["gallery.putVersion", "gallery.updateRegions"]);

/** Sees what happens to the simulated Azure, by whom, and tells it. */
export class Watcher {
  /** When each request went to Resource Manager. */
  readonly requestTimes = { writes: [] as number[], reads: [] as number[] };
  readonly counts = { armWrites: 0, armReads: 0 };
  largestEntityBytes = 0;
  readonly #tell: (observation: Observation) => void;
  readonly #writers = new Map<string, readonly Actor[]>();
  #caller: Actor | undefined;

  constructor(tell: (observation: Observation) => void) {
    this.#tell = tell;
  }

  /** Has it told from now on what happens there. */
  watch({ access, gallery, reports }: Pick<Stage, "access" | "gallery" | "reports">): void {
    access.onGranted = (principalId) => {
      this.#tell({ kind: "granted", by: this.#caller, principalId });
    };
    access.onRevoked = (principalId) => {
      const replicating = gallery.principalId === principalId ? gallery.replicating() : [];
      this.#tell({ kind: "revoked", by: this.#caller, principalId, replicating });
      gallery.loseAccess();
    };
    gallery.onWritten = (written) => {
      this.#tell({ kind: "version-written", by: this.#caller, ...written });
    };
    const write = reports.write.bind(reports);
    reports.write = async (path, text, etag) => {
      const answer = await write(path, text, etag);
      if (answer === "written") this.#tell({ kind: "report-written", by: this.#caller, path, text });
      return answer;
    };
  }

  /** A request leaves. */
  sent(actor: Actor, method: string, args: readonly unknown[]): void {
    if (VERSION_WRITES.has(method)) {
      const { application } = args[0] as { application: string };
      this.#tell({ kind: "version-write-sent", by: actor, application });
    }
  }

  /** A request has come to its end, whatever that is. */
  arrived(actor: Actor, method: string, args: readonly unknown[]): void {
    if (!VERSION_WRITES.has(method)) return;
    const { application } = args[0] as { application: string };
    const others = (this.#writers.get(application) ?? []).filter((other) => other !== actor);
    this.#writers.set(application, others);
  }

  /** A request is about to have its effect. */
  requested(actor: Actor, method: string, at: number): void {
    // Effects happen at once, so what is seen next is this actor's doing.
    this.#caller = actor;
    if (!/^(?:gallery|access)[.]/.test(method)) return;
    const isWrite = WRITES.has(method);
    this.requestTimes[isWrite ? "writes" : "reads"].push(at);
    this.counts[isWrite ? "armWrites" : "armReads"] += 1;
  }

  /** A batch of an entity's operations was kept. */
  batchEnded(operations: readonly string[], before: string | null, after: string | null, at: number): void {
    this.largestEntityBytes = Math.max(this.largestEntityBytes, after?.length ?? 0);
    if (!operations.includes("sweep") || operations.includes("release")) return;
    const holdersIn = (state: string | null): Lease["holders"] =>
      state === null ? [] : (JSON.parse(state) as Lease).holders;
    const left = holdersIn(after);
    const dropped = holdersIn(before).filter(
      ({ id, token }) => !left.some((other) => other.id === id && other.token >= token),
    );
    this.#tell({ kind: "swept", dropped, at: at / 1000 });
  }

  /** Another story's write of a version of that application that is on its way, by a machine that lives. */
  otherWriteOf(application: string, actor: Actor | undefined): Actor | undefined {
    const writers = this.#writers.get(application) ?? [];
    const others = writers.filter((other) => other.isAlive && other.owner !== actor?.owner);
    if (actor?.isAlive) this.#writers.set(application, [...others, actor]);
    return actor?.isAlive ? others[0] : undefined;
  }
}
