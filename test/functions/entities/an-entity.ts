import { createRequire } from "node:module";
import * as df from "durable-functions";
import { entity } from "../../../functions/durable.ts";
import type { EntityBody } from "../../../functions/vocabulary.ts";

// The library's own executor, as the worker runs it.
const { createEntityFunction } = createRequire(import.meta.url)(
  "durable-functions/lib/src/util/testingUtils",
);

/** An entity through the real executor, with the state that the extension would keep. */
export class AnEntity {
  state: string | null = null;
  readonly #handler: (trigger: unknown, context: unknown) => Promise<any>;
  readonly #key: string;

  constructor(key: string, body: EntityBody<any, any>) {
    this.#key = key;
    this.#handler = createEntityFunction(entity(body));
  }

  /** Runs operations in one batch and gives their answers. A machine may crash before anything of it is kept. */
  async run(inputs: readonly { operation: { kind: string } }[], crashes = 0): Promise<any[]> {
    const trigger = {
      self: { name: "entity", key: this.#key },
      exists: this.state !== null,
      state: this.state,
      batch: inputs.map((input, id) => ({
        ...{ name: input.operation.kind, input: JSON.stringify(input), isSignal: false, id: String(id) },
      })),
    };
    const context = () => new df.DummyEntityContext("entity", "invocation", () => undefined);
    for (let crash = 0; crash < crashes; crash++) await this.#handler(structuredClone(trigger), context());
    const { entityState, results } = await this.#handler(structuredClone(trigger), context());
    this.state = entityState;
    return results.map(({ isError, result }: { isError: boolean; result: string }) => {
      if (isError) throw new Error(`the entity threw ${result}`);
      return JSON.parse(result);
    });
  }
}
