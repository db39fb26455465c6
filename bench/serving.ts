import type { Server } from "node:https";

/** Has each server listen, prints their addresses and `more` as a line of JSON, and ends the process when stdin ends. */
export async function serveUntilStdinEnds(
  servers: Readonly<Record<string, Server>>,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const places = await Promise.all(
    Object.entries(servers).map(
      async ([name, server]) => [name, `https://127.0.0.1:${await portOf(server)}`] as const,
    ),
  );
  process.stdin.resume().once("end", () => process.exit(0));
  process.stdout.write(`${JSON.stringify({ ...Object.fromEntries(places), ...more })}\n`);
}

function portOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}
