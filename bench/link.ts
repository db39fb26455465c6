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

/** A slower one, for what has so many processes on this machine that they could not keep up with the other. */
export const slowLink: Link = { bytesPerSecond: 40e6, bytesPerSecondOfConnection: 20e6, delay: 20 };

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

// What a late timer held up had been there before: without that, the link would be a tenth slower than it says.
const MOST_LATE_MS = 10;

/** The way of one request's bytes through a link: as fast as its connection and all together may go. */
export class Passage {
  readonly #paces: readonly Pace[];
  #due: number;

  constructor(paces: readonly Pace[], now: number) {
    this.#paces = paces;
    this.#due = now;
  }

  /** The moment at which those bytes have passed that are there now. */
  dueAfter(bytes: number, now: number): number {
    const arrived = Math.min(now, Math.max(this.#due, now - MOST_LATE_MS));
    this.#due = Math.max(...this.#paces.map((pace) => pace.dueAfter(bytes, arrived)));
    return this.#due;
  }
}

/** The paces of a link: one that all connections share, and one for each. */
export class Paces {
  readonly #link: Link;
  readonly #total: Pace;
  readonly #connections = new WeakMap<object, Pace>();

  constructor(link: Link) {
    this.#link = link;
    this.#total = new Pace(link.bytesPerSecond);
  }

  /** The way of a request that comes over that socket. */
  passageOf(socket: object): Passage {
    const connection = this.#connections.get(socket) ?? new Pace(this.#link.bytesPerSecondOfConnection);
    this.#connections.set(socket, connection);
    return new Passage([this.#total, connection], performance.now());
  }
}
