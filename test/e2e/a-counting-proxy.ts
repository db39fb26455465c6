import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";

/** A plain relay in front of a local service that tells how many bytes have gone through it. */
export async function startCountingProxy(target: string) {
  const { hostname, port, protocol, pathname } = new URL(target);
  const sockets = new Set<Socket>();
  let sent = 0;
  let watch: { readonly at: number; readonly then: () => void } | undefined;
  const server = createServer((incoming) => {
    const outgoing = connect(Number(port), hostname);
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
    }
    incoming.on("data", (bytes) => {
      sent += bytes.length;
      outgoing.write(bytes);
      if (watch && sent >= watch.at) {
        const { then } = watch;
        watch = undefined;
        then();
      }
    });
    outgoing.pipe(incoming);
    incoming.on("close", () => outgoing.destroy());
    outgoing.on("close", () => incoming.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const own = typeof address === "object" && address ? address.port : 0;
  return {
    endpoint: `${protocol}//${hostname}:${own}${pathname}`.replace(/\/$/, ""),
    /** Calls back once so many bytes have gone to the service, counted from now. */
    afterBytes: (count: number, then: () => void): void => {
      sent = 0;
      watch = { at: count, then };
    },
    stop: async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
