import type { Access } from "../../functions/ports.ts";
import { answer } from "../functions/in-memory-ports.ts";
import { AzureRefusal } from "../../functions/ports.ts";
import type { Random } from "./random.ts";

const SECOND = 1000;

interface Assignment {
  readonly owner: "pipeline" | "somebody";
}

/** Role assignments whose effect comes, and goes, some time after they do. */
export class SimulatedAccess implements Access {
  readonly assignments = new Map<string, Assignment>();
  /** Principals that the directory knows. */
  readonly principals = new Set<string>();
  onGranted: (principalId: string) => void = () => undefined;
  onRevoked: (principalId: string) => void = () => undefined;
  /** Until when each side still sees what was before. */
  readonly #effects = new Map<string, { isIn: boolean; from: number; before: boolean }>();
  readonly #random: Random;
  readonly #now: () => number;
  readonly #slowest: number;

  constructor(random: Random, now: () => number, slowestSeconds: number) {
    this.#random = random;
    this.#now = now;
    this.#slowest = slowestSeconds;
  }

  isEffective(principalId: string): boolean {
    const effect = this.#effects.get(principalId);
    if (!effect) return false;
    return this.#now() >= effect.from ? effect.isIn : effect.before;
  }

  /** Somebody assigns the role by hand. */
  assignBySomebody(principalId: string): void {
    if (this.assignments.has(principalId)) return;
    this.assignments.set(principalId, { owner: "somebody" });
    this.#take(principalId, true);
  }

  /** Somebody deletes the assignment by hand. */
  deleteBySomebody(principalId: string): void {
    if (this.assignments.delete(principalId)) this.#take(principalId, false);
  }

  async grant(principalId: string): Promise<"granted" | "foreign"> {
    if (!this.principals.has(principalId)) {
      throw new AzureRefusal(
        answer("access", 400, "PrincipalNotFound", `Principal ${principalId} does not exist.`),
      );
    }
    const present = this.assignments.get(principalId);
    if (present) return present.owner === "pipeline" ? "granted" : "foreign";
    this.assignments.set(principalId, { owner: "pipeline" });
    this.#take(principalId, true);
    this.onGranted(principalId);
    return "granted";
  }

  async revoke(principalId: string): Promise<"revoked" | "absent" | "foreign"> {
    const present = this.assignments.get(principalId);
    if (!present) return "absent";
    if (present.owner !== "pipeline") return "foreign";
    this.assignments.delete(principalId);
    this.#take(principalId, false);
    this.onRevoked(principalId);
    return "revoked";
  }

  assignmentName(principalId: string): string {
    return `lease-of-${principalId}`;
  }

  async granted(): Promise<string[]> {
    return [...this.assignments].flatMap(([id, { owner }]) => (owner === "pipeline" ? [id] : []));
  }

  #take(principalId: string, isIn: boolean): void {
    const before = this.isEffective(principalId);
    const from = this.#now() + this.#random.between(0, this.#slowest) * SECOND;
    this.#effects.set(principalId, { isIn, from, before });
  }
}
