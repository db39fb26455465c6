import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as z from "zod";
import type { Link } from "./link.ts";
import { startProcess } from "./started-process.ts";

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
  readonly pid: number;
};

const COUNTS_MS = 30_000;

/** Starts the fake cloud behind that link; its certificates live in `folder`. */
export async function startFakeCloud(folder: string, link: Link): Promise<FakeCloud> {
  const child = await startProcess(join(import.meta.dirname, "fake-cloud.ts"), [
    folder,
    JSON.stringify(link),
  ]);
  const places = placesSchema.parse(JSON.parse(child.line));
  const ca = readFileSync(places.caFile, "utf8");
  return {
    ...places,
    stop: () => child.stop(),
    pid: child.pid,
    async takeCounts() {
      const signal = AbortSignal.timeout(COUNTS_MS);
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        get(`${places.blob}/_counts`, { ca, agent: false, signal }, resolve).once("error", reject);
      });
      return countsSchema.parse(JSON.parse(await text(response)));
    },
  };
}
