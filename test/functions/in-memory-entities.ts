import type { Lease } from "../../core/lease.ts";
import type { RefusalContext } from "../../core/refusals.ts";
import { accessLease } from "../../functions/entities/access-lease.ts";
import { applicationGate } from "../../functions/entities/application-gate.ts";
import type { Ports } from "../../functions/ports.ts";
import type { EntityBody } from "../../functions/vocabulary.ts";

/** The app's entities, one operation at a time, with their states in memory as the JSON that is stored. */
export class InMemoryEntities {
  readonly states = new Map<string, string>();
  readonly #bodies: Record<string, EntityBody<any, any>>;

  constructor(ports: Pick<Ports, "access" | "legacyAccess">, graceSeconds: number, names: RefusalContext) {
    this.#bodies = { accessLease: accessLease(ports, { graceSeconds }, names), applicationGate };
  }

  async ask(entity: string, key: string, input: object): Promise<unknown> {
    const body = this.#bodies[entity];
    if (!body) throw new Error(`no entity ${entity}`);
    const id = `${entity} ${key}`;
    const present = this.states.get(id);
    const { state, answer } = await body(key, present && JSON.parse(present), input, {});
    this.states.set(id, JSON.stringify(state));
    return answer;
  }

  /** The lease that has that key, or the only one. */
  lease(key?: string): Lease | undefined {
    const found = [...this.states].find(([id]) =>
      key === undefined ? id.startsWith("accessLease ") : id === `accessLease ${key}`,
    );
    return found && JSON.parse(found[1]);
  }
}
