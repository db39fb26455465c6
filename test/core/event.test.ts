import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { blobsCreated } from "../../core/event.ts";

const sample = (name: string): any =>
  JSON.parse(readFileSync(join(import.meta.dirname, "../contracts/events", name), "utf8"));

const account =
  "/subscriptions/{subscription-id}/resourceGroups/Storage/providers/Microsoft.Storage/storageAccounts/my-storage-account";
const newFile = { account, container: "test-container", path: "new-file.txt" };

/** Azure's own sample with some members changed; `data` is merged. */
function anEvent(over: { data?: object } & Record<string, unknown> = {}): unknown {
  const [event] = sample("BlobCreated.eventgrid.json");
  return { ...event, ...over, data: { ...event.data, ...over.data } };
}

describe("blobsCreated", () => {
  it.each(["BlobCreated.eventgrid.json", "BlobCreated.cloudevents.json"])(
    "reads Azure's sample %s",
    (name) => {
      expect(blobsCreated(sample(name))).toEqual([newFile]);
      expect(blobsCreated(sample(name)[0])).toEqual([newFile]);
    },
  );

  it("reads the path as storage has it", () => {
    const subject = "/blobServices/default/containers/incoming/blobs/app/1.2.0/a b/blobs/x%20.deb";

    expect(blobsCreated(anEvent({ subject }))).toEqual([
      { account, container: "incoming", path: "app/1.2.0/a b/blobs/x%20.deb" },
    ]);
  });

  it.each(["PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose", "SftpCommit"])(
    "takes %s as the end of an upload",
    (api) => {
      expect(blobsCreated(anEvent({ data: { api } }))).toEqual([newFile]);
    },
  );

  it.each([
    ["the begin of an upload", anEvent({ data: { api: "CreateFile" } })],
    ["an SFTP upload under way", anEvent({ data: { api: "SftpCreate" } })],
    ["a page blob", anEvent({ data: { blobType: "PageBlob" } })],
    ["another type of event", anEvent({ eventType: "Microsoft.Storage.BlobDeleted" })],
    ["another resource", anEvent({ subject: "/queueServices/default/queues/q" })],
    ["a container alone", anEvent({ subject: "/blobServices/default/containers/incoming/blobs/" })],
    [
      "a subject that only ends like one",
      anEvent({ subject: "x/blobServices/default/containers/a/blobs/b" }),
    ],
    ["an event without data", { ...(anEvent() as object), data: null }],
    ["a subscription's validation", sample("SubscriptionValidation.eventgrid.json")],
    ["nothing", undefined],
    ["a text", '[{"eventType":"Microsoft.Storage.BlobCreated"}]'],
  ])("finds nothing in %s", (_, delivery) => {
    expect(blobsCreated(delivery)).toEqual([]);
  });

  it("finds ours among others in one delivery", () => {
    const others = [null, 5, { eventType: "Microsoft.Storage.BlobDeleted" }, [anEvent()]];

    expect(
      blobsCreated([...others, anEvent(), ...others, ...sample("BlobCreated.cloudevents.json")]),
    ).toEqual([newFile, newFile]);
  });

  it("never throws, whatever is delivered", () => {
    const nearly = fc
      .tuple(
        fc.constantFrom("topic", "subject", "eventType", "data", "source", "type"),
        fc.oneof(fc.jsonValue(), fc.constant(undefined)),
      )
      .map(([member, value]) => ({ ...(anEvent() as object), [member]: value }));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearly, fc.array(nearly)), (delivery) => {
        for (const blob of blobsCreated(delivery)) {
          expect([typeof blob.account, typeof blob.container, typeof blob.path]).toEqual([
            "string",
            "string",
            "string",
          ]);
          expect(blob.path).not.toBe("");
        }
      }),
      { numRuns: 1000 },
    );
  });
});
