import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type EventGridEvent, EventGridDeserializer, isSystemEvent } from "@azure/eventgrid";
import { blobsCreated } from "../../core/event.ts";
import { blobEvent, inCloudEventsSchema, inEventGridSchema } from "../../local/event-grid/blob-events.ts";

const sample = (name: string): string => readFileSync(join(import.meta.dirname, "events", name), "utf8");
const microsofts = new EventGridDeserializer();

describe("blobsCreated and Microsoft's own deserializer", () => {
  it("read the same from the documented Event Grid event", async () => {
    const text = sample("BlobCreated.eventgrid.json");
    const event = onlyOne(await microsofts.deserializeEventGridEvents(text));
    expect(blobsCreated(JSON.parse(text))).toEqual([whatIsSaid(event)]);
  });

  it("read the same from the documented CloudEvent", async () => {
    const text = sample("BlobCreated.cloudevents.json");
    const event = onlyOne(await microsofts.deserializeCloudEvents(text));
    const { source, subject = "" } = event;
    expect(blobsCreated(JSON.parse(text))).toEqual([{ account: source, ...placeOf(subject) }]);
  });
});

describe("the local Event Grid's events", () => {
  const written = {
    account: "floopackages",
    container: "incoming",
    path: "flooperapp/1.2.0/run-1-1-0a1b2c3d/manifest.json",
    url: "https://floopackages.blob.core.windows.net/incoming/flooperapp/1.2.0/run-1-1-0a1b2c3d/manifest.json",
    api: "PutBlob",
    etag: "0x1",
    contentLength: 2,
    contentType: "application/json",
    requestId: "request",
    clientRequestId: "client",
  } as const;
  const event = blobEvent(written, { topic: "/subscriptions/s", time: 0, sequence: 1 });

  it("are system events of Microsoft's in both schemas", async () => {
    const first = onlyOne(await microsofts.deserializeEventGridEvents(inEventGridSchema(event)));
    const second = onlyOne(await microsofts.deserializeCloudEvents(inCloudEventsSchema(event)));
    expect(isSystemEvent("Microsoft.Storage.BlobCreated", first)).toBe(true);
    expect(isSystemEvent("Microsoft.Storage.BlobCreated", second)).toBe(true);
  });
});

function onlyOne<Item>(list: readonly Item[]): Item {
  const [item] = list;
  if (item === undefined) throw new Error("nothing was read");
  return item;
}

function whatIsSaid(event: EventGridEvent<unknown>) {
  if (!isSystemEvent("Microsoft.Storage.BlobCreated", event)) throw new Error("no system event");
  return { account: event.topic, ...placeOf(event.subject) };
}

function placeOf(subject: string): { container: string; path: string } {
  const [, , , , container = "", , ...path] = subject.split("/");
  return { container, path: path.join("/") };
}
