/**
 * Somebody who does something: one attempt to run an activity, a turn, a batch of an entity's or a trigger's handler.
 * `dead`: its machine stopped, nothing more comes of it. `zombie`: the platform has given it up, but it goes on.
 */
export class Actor {
  readonly kind: "activity" | "turn" | "batch" | "trigger";
  readonly name: string;
  /** The orchestration's or entity's id; empty for triggers. */
  readonly owner: string;
  /** Which run of the orchestration; one that is purged may be started again. */
  readonly execution: string;
  #state: "alive" | "dead" | "zombie" = "alive";
  #onCrash: () => void = () => undefined;

  constructor(kind: Actor["kind"], name: string, owner: string, execution = "") {
    this.kind = kind;
    this.name = name;
    this.owner = owner;
    this.execution = execution;
  }

  get isAlive(): boolean {
    return this.#state === "alive";
  }

  get isDead(): boolean {
    return this.#state === "dead";
  }

  /** What the platform does when it crashes. */
  set onCrash(react: () => void) {
    this.#onCrash = react;
  }

  crash(as: "dead" | "zombie"): void {
    if (this.#state !== "alive") return;
    this.#state = as;
    this.#onCrash();
  }

  /** How traces call it. */
  get label(): string {
    return `${this.owner.slice(0, 6)} ${this.kind} ${this.name}${this.#state === "alive" ? "" : ` (${this.#state})`}`;
  }
}
