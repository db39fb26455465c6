import * as z from "zod";

/** A network between client and server, as the server plays it. Rates in bytes a second; without one there is no limit. */
export type Link = z.infer<typeof linkSchema>;

/** {@link Link} as it travels to the server. */
export const linkSchema = z.object({
  bytesPerSecond: z.number().optional(),
  bytesPerSecondOfConnection: z.number().optional(),
  /** Added before each answer, in milliseconds. */
  delay: z.number(),
});

/** No limits and no delay: client and server share the machine. */
export const loopback: Link = { delay: 0 };

/** The link that uploads are judged by. */
export const theLink: Link = {
  bytesPerSecond: 250e6,
  bytesPerSecondOfConnection: 60e6,
  delay: 20,
};

/** What a rate allows: each amount is due when all before it have passed. */
export class Pace {
  readonly #bytesPerSecond: number;
  #due = 0;

  constructor(bytesPerSecond = Infinity) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** The moment, in milliseconds, at which that many bytes have passed that arrive now. */
  dueAfter(bytes: number, now: number): number {
    this.#due = Math.max(this.#due, now) + (bytes / this.#bytesPerSecond) * 1000;
    return this.#due;
  }
}
