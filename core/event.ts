import * as z from "zod";

/** What an event tells: look at this blob. Nothing of it is believed before storage has said the same. */
export interface BlobCreated {
  /** The storage account's ARM id (`topic` or `source`). */
  readonly account: string;
  readonly container: string;
  readonly path: string;
}

// Metadata and tag writes raise no event; CreateFile and SftpCreate come before the data is complete.
// (Azure Blob Storage as Event Grid source, "Available event types".)
const COMPLETE = new Set(["PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose", "SftpCommit"]);

const TYPE = "Microsoft.Storage.BlobCreated";
const SUBJECT = /^\/blobServices\/default\/containers\/([^/]+)\/blobs\/(.+)$/;

const data = z.looseObject({ api: z.string(), blobType: z.string().optional() });
const eventGridSchema = z
  .looseObject({ topic: z.string(), subject: z.string(), eventType: z.literal(TYPE), data })
  .transform((event) => ({ account: event.topic, subject: event.subject, data: event.data }));
const cloudEventSchema = z
  .looseObject({ source: z.string(), subject: z.string(), type: z.literal(TYPE), data })
  .transform((event) => ({ account: event.source, subject: event.subject, data: event.data }));
const anyEvent = z.union([eventGridSchema, cloudEventSchema]);

/**
 * The blobs that a delivery announces as completely written: Event Grid schema or CloudEvents 1.0, one event or an
 * array. Whatever else is in it is somebody else's and gives nothing.
 */
export function blobsCreated(delivery: unknown): BlobCreated[] {
  const events: unknown[] = Array.isArray(delivery) ? delivery : [delivery];
  return events.flatMap((event) => blobCreated(event) ?? []);
}

function blobCreated(event: unknown): BlobCreated | undefined {
  const parsed = anyEvent.safeParse(event);
  if (!parsed.success) return undefined;
  const { account, subject, data } = parsed.data;
  const [, container, path] = SUBJECT.exec(subject) ?? [];
  if (container === undefined || path === undefined || !COMPLETE.has(data.api)) return undefined;
  if (data.blobType !== undefined && data.blobType !== "BlockBlob") return undefined;
  return { account, container, path };
}
