// Events about blobs, shaped as Azure shapes them: https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage
import { createHash } from "node:crypto";
import type { BlobWritten } from "../world.ts";

/** The type of the event that a new blob raises. */
export const blobCreated = "Microsoft.Storage.BlobCreated";

/** An event before it takes a schema. */
export type GridEvent = {
  readonly id: string;
  /** ARM id of its source. */
  readonly topic: string;
  readonly subject: string;
  readonly type: string;
  /** ISO 8601 with seven decimals. */
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/** The event that a written blob raises, the `sequence`-th of its account. */
export function blobEvent(
  blob: BlobWritten,
  { topic, time, sequence }: { readonly topic: string; readonly time: number; readonly sequence: number },
): GridEvent {
  return {
    id: uuidOf(`${blob.requestId}:${sequence}:event`),
    topic,
    subject: `/blobServices/default/containers/${blob.container}/blobs/${blob.path}`,
    type: blobCreated,
    time: new Date(time).toISOString().replace("Z", "0000Z"),
    data: {
      api: blob.api,
      clientRequestId: blob.clientRequestId,
      requestId: blob.requestId,
      eTag: `"${blob.etag.replaceAll('"', "")}"`,
      contentType: blob.contentType,
      contentLength: blob.contentLength,
      blobType: "BlockBlob",
      accessTier: "Default",
      url: blob.url,
      sequencer: `0000000000000442${sequence.toString(16).padStart(16, "0")}`,
      storageDiagnostics: { batchId: uuidOf(`${blob.requestId}:${sequence}:batch`) },
    },
  };
}

/** The event in the Event Grid schema. */
export function inEventGridSchema(event: GridEvent): Record<string, unknown> {
  const { topic, subject, type, time, id, data } = event;
  return {
    topic,
    subject,
    eventType: type,
    eventTime: time,
    id,
    data,
    dataVersion: "",
    metadataVersion: "1",
  };
}

/** The event in the CloudEvents 1.0 schema. */
export function inCloudEventsSchema(event: GridEvent): Record<string, unknown> {
  const { topic, subject, type, time, id, data } = event;
  return { source: topic, subject, type, time, id, data, specversion: "1.0" };
}

function uuidOf(text: string): string {
  const digest = createHash("sha256").update(text).digest("hex");
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
}
