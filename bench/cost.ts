import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { aPublication, type Publication } from "../test/functions/a-publication.ts";
import { numberText, Section } from "./bars.ts";

const priceSchema = z.object({
  amount: z.number(),
  unit: z.string(),
  source: z.url(),
  date: z.string(),
  confirmed: z.boolean(),
});
const pricesSchema = z.object({
  note: z.string(),
  prices: z.object({
    functionsGigabyteSecond: priceSchema,
    functionsExecution: priceSchema,
    freeGigabyteSeconds: priceSchema,
    freeExecutions: priceSchema,
    queueOrTableOperation: priceSchema,
    blobWrite: priceSchema,
    blobRead: priceSchema,
    runnerMinute: priceSchema,
  }),
});

// Assumed of Durable Functions on Azure Storage: a message is put, taken and deleted; a turn of a story or an operation
// of an entity reads its history, appends to it and writes its instance; an execution is billed as a second of 512 MB.
const QUEUE_OPERATIONS_A_MESSAGE = 3;
const TABLE_OPERATIONS_A_TURN = 3;
const GIGABYTE_SECONDS_AN_EXECUTION = 0.5;
// Peeking at five queues each ten seconds, for an app of one partition: the scale controller does so all month.
const IDLE_OPERATIONS_A_MONTH = 5 * 6 * 60 * 24 * 30;
const BLOCKS_OF_A_PACKAGE = 60;

/** What releases cost a month, counted from a publication of ten regions, beside waiting for it in a runner. */
export async function modelCost(): Promise<Section> {
  const section = new Section("cost");
  const { note, prices } = pricesSchema.parse(
    JSON.parse(readFileSync(join(import.meta.dirname, "prices.json"), "utf8")),
  );
  section.tell("prices", note);
  for (const minutes of [10, 30]) {
    const publication = await aPublication(10, minutes);
    const { executions, armRequests, polls } = publication;
    const operations = operationsOf(publication);
    section.tell(
      `one release, ${minutes} minutes of replication`,
      `${executions} executions, ${operations} queue and table operations, ${armRequests} requests to Resource Manager, ${polls} polls`,
    );
    for (const releases of [1, 100, 10_000]) {
      const compute =
        Math.max(
          0,
          releases * executions * GIGABYTE_SECONDS_AN_EXECUTION - prices.freeGigabyteSeconds.amount,
        ) *
          prices.functionsGigabyteSecond.amount +
        Math.max(0, releases * executions - prices.freeExecutions.amount) * prices.functionsExecution.amount;
      const storage =
        (releases * operations + IDLE_OPERATIONS_A_MONTH) * prices.queueOrTableOperation.amount +
        releases * blobCost(publication, prices.blobWrite.amount, prices.blobRead.amount);
      const runner = releases * minutes * prices.runnerMinute.amount;
      section.tell(
        `${releases} releases a month, ${minutes} minutes`,
        `$${numberText(compute + storage)} (compute $${numberText(compute)}, storage $${numberText(storage)}); waiting in a runner $${numberText(runner)}`,
      );
    }
  }
  return section;
}

function operationsOf({ turns, activities, entityOperations }: Publication): number {
  const messages = turns + activities + entityOperations;
  return messages * QUEUE_OPERATIONS_A_MESSAGE + (turns + entityOperations) * TABLE_OPERATIONS_A_TURN;
}

// The upload and the copy into the vault write a package's blocks; reports are read before they are written.
function blobCost({ calls }: Publication, write: number, read: number): number {
  const times = (name: string): number => calls[name] ?? 0;
  const reads = times("reports.read") + times("packages.readDropped") + times("packages.readProfile");
  return (times("reports.write") + 2 * BLOCKS_OF_A_PACKAGE) * write + reads * read;
}
