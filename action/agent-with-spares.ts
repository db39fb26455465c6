import { Agent, type RequestOptions } from "node:https";
import { isIP, Socket } from "node:net";

// Servers close what stays silent; a connection that is about to be closed is worse than a new one.
const MOST_IDLE_MS = 15_000;

interface Spare {
  readonly socket: Socket;
  readonly since: number;
}

/** Keeps connections for later requests, and opens some before there is a request for them. */
export class AgentWithSpares extends Agent {
  readonly #spares = new Map<string, Spare[]>();

  /** Opens connections to that address ahead of their requests. A spare one keeps no process alive. */
  openAhead({ protocol, hostname, port }: URL, connections: number): void {
    if (protocol !== "https:") return;
    const host = hostname.replace(/^\[|\]$/g, "");
    const place = { host, port: port || "443" };
    const spares = this.#sparesFor(place);
    while (spares.length < connections) {
      const socket = super.createConnection({
        ...this.options,
        ...place,
        servername: isIP(host) === 0 ? host : "",
      });
      if (!(socket instanceof Socket)) return;
      socket.unref();
      socket.once("error", ignore);
      spares.push({ socket, since: Date.now() });
    }
  }

  override createConnection(
    options: RequestOptions,
    ...rest: Parameters<Agent["createConnection"]> extends [unknown, ...infer Rest] ? Rest : never
  ) {
    const spares = this.#sparesFor(options);
    for (let spare = spares.shift(); spare; spare = spares.shift()) {
      const { socket, since } = spare;
      if (!socket.destroyed && socket.readable && Date.now() - since < MOST_IDLE_MS) return socket.ref();
      socket.destroy();
    }
    return super.createConnection(options, ...rest);
  }

  #sparesFor({ host, port }: Pick<RequestOptions, "host" | "port">): Spare[] {
    const key = `${host ?? ""}:${String(port ?? 443)}`;
    const spares = this.#spares.get(key) ?? [];
    this.#spares.set(key, spares);
    return spares;
  }
}

function ignore(): void {
  // Whether there is a way to the address, the requests themselves find out.
}
