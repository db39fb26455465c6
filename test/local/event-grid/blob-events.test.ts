import { readFileSync } from "node:fs";
import { join } from "node:path";
import { blobEvent, inCloudEventsSchema, inEventGridSchema } from "../../../local/event-grid/blob-events.ts";
import { wants, type EventSubscription } from "../../../local/event-grid/subscriptions.ts";
import { aBlob, topic } from "./a-blob.ts";

function sample(name: string): Record<string, any> {
  const text = readFileSync(join(import.meta.dirname, "../../contracts/events", name), "utf8");
  return JSON.parse(text)[0];
}

const event = blobEvent(aBlob({ etag: "0x8D4BCC2E4835CD0" }), {
  topic,
  time: Date.UTC(2026, 0, 5),
  sequence: 7,
});

describe.each([
  ["inEventGridSchema", inEventGridSchema, "BlobCreated.eventgrid.json"] as const,
  ["inCloudEventsSchema", inCloudEventsSchema, "BlobCreated.cloudevents.json"] as const,
])("%s", (_, inSchema, file) => {
  it("has the members of Azure's sample, of the same kinds", () => {
    const kinds = (value: Record<string, any>) =>
      Object.fromEntries(Object.entries(value).map(([key, member]) => [key, typeof member]));
    expect(kinds(inSchema(event))).toEqual(kinds(sample(file)));
    expect(kinds(event.data)).toEqual(kinds(sample(file)["data"]));
  });

  it("writes times, tags and sequencers as Azure does", () => {
    const shaped: any = inSchema(event);
    expect(shaped.eventTime ?? shaped.time).toBe("2026-01-05T00:00:00.0000000Z");
    expect(shaped.data).toMatchObject({
      eTag: '"0x8D4BCC2E4835CD0"',
      sequencer: expect.stringMatching(/^\w{32}$/),
    });
  });
});

describe("wants", () => {
  const base: EventSubscription = {
    name: "s",
    schema: "eventGrid",
    destination: { kind: "webhook", url: "http://localhost/" },
  };

  it.each([
    [{}, true],
    [{ includedEventTypes: ["Microsoft.Storage.BlobDeleted"] }, false],
    [{ subjectBeginsWith: "/blobServices/default/containers/Incoming/" }, true],
    [{ subjectBeginsWith: "/blobServices/default/containers/packages/" }, false],
    [{ subjectEndsWith: "manifest.json" }, true],
    [{ apis: ["PutBlob", "CopyBlob"] }, true],
    [{ apis: ["PutBlockList"] }, false],
  ])("with %j: %s", (filters, expected) => {
    expect(wants({ ...base, ...filters }, event)).toBe(expected);
  });
});
