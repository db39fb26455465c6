/** Waiters for external events by name, in the order that both the SDK and the extension serve them. */
export class ExternalEvents {
  readonly #waiters = new Map<string, (() => void)[]>();
  readonly #early = new Map<string, number>();

  /** A question whether the event that this waiter got has come; events that came early are used up first. */
  wait(name: string): () => boolean {
    const early = this.#early.get(name) ?? 0;
    if (early > 0) {
      this.#early.set(name, early - 1);
      return () => true;
    }
    let came = false;
    const waiters = this.#waiters.get(name) ?? [];
    this.#waiters.set(name, waiters);
    waiters.push(() => {
      came = true;
    });
    return () => came;
  }

  /** Gives the event to the newest waiter, or keeps it for the next one. */
  raise(name: string): void {
    const waiter = this.#waiters.get(name)?.pop();
    if (waiter === undefined) this.#early.set(name, (this.#early.get(name) ?? 0) + 1);
    else waiter();
  }
}
