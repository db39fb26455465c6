import { Problem } from "../core/problem.ts";
import { MarkedProblem, marksOf } from "./place.ts";

/** Gathers problems, so that a person learns all that is wrong at once. */
export class Faults {
  readonly #problems: Problem[] = [];

  /** What `parse` gives; a problem that it throws is kept, and the value is undefined. */
  try<Value>(parse: () => Value): Value | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#problems.push(error);
      return undefined;
    }
  }

  /** Throws what was gathered, if anything: one problem as it is, several as one. */
  throwIfAny(): void {
    const [first, ...others] = this.#problems;
    if (!first) return;
    if (others.length === 0) throw first;
    const all = new Problem(
      "bad-inputs",
      `${this.#problems.length} things are wrong:\n${this.#problems.map(({ message }) => `- ${message}`).join("\n")}`,
      [...new Set(this.#problems.map(({ nextStep }) => nextStep))].join("\n"),
    );
    throw new MarkedProblem(all, this.#problems.flatMap(marksOf));
  }
}
