import { spawn } from "node:child_process";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { readFileSync } from "node:fs";
import type { Link } from "./link.ts";

const placesSchema = z.object({ blob: z.url(), tokens: z.url(), oidc: z.url(), caFile: z.string() });

const countsSchema = z.object({
  requests: z.record(z.string(), z.number()),
  bytes: z.number(),
  committedBytes: z.number(),
  tokenRequests: z.array(z.string()),
});

/** What a client asked of the fake cloud. */
export type CloudCounts = z.infer<typeof countsSchema>;

/** A running fake cloud and its addresses. */
export type FakeCloud = z.infer<typeof placesSchema> & {
  /** What was asked since this was last called. */
  takeCounts(): Promise<CloudCounts>;
  stop(): Promise<void>;
};

/** Starts the fake cloud behind that link; its certificates live in `folder`. */
export async function startFakeCloud(folder: string, link: Link): Promise<FakeCloud> {
  const main = join(import.meta.dirname, "fake-cloud.ts");
  const child = spawn(process.execPath, [main, folder, JSON.stringify(link)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve) => lines.once("line", resolve));
  const places = placesSchema.parse(JSON.parse(line));
  const ca = readFileSync(places.caFile, "utf8");
  return {
    ...places,
    async takeCounts() {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        get(`${places.blob}/_counts`, { ca, agent: false }, resolve).once("error", reject);
      });
      return countsSchema.parse(JSON.parse(await text(response)));
    },
    async stop() {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
    },
  };
}
