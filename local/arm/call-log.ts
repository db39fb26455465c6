/** One request as it arrived, and what became of it. */
export type RecordedCall = {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number | "reset";
  readonly principalId: string | undefined;
  readonly clientRequestId: string | undefined;
  readonly correlationId: string | undefined;
};

/** Every request in the order in which it was answered. */
export class CallLog {
  readonly #calls: RecordedCall[] = [];

  add(call: RecordedCall): void {
    this.#calls.push(call);
  }

  list(): readonly RecordedCall[] {
    return this.#calls;
  }

  /** The calls of that method whose path matches. */
  matching(method: string, path: RegExp): readonly RecordedCall[] {
    return this.#calls.filter((call) => call.method === method && path.test(call.path));
  }

  clear(): void {
    this.#calls.length = 0;
  }
}
