import { versionsWritten } from "../../core/version-event.ts";

const galleryId =
  "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/apps/providers/Microsoft.Compute/galleries/tools";
const subject = `${galleryId}/applications/flooperapp/versions/1.2.0`;
const written = { galleryId, application: "flooperapp", version: "1.2.0" };

describe("versionsWritten", () => {
  it.each([
    ["Event Grid's schema", { subject, eventType: "Microsoft.Resources.ResourceWriteSuccess" }],
    ["a failed write", { subject, eventType: "Microsoft.Resources.ResourceWriteFailure" }],
    ["CloudEvents", { subject, type: "Microsoft.Resources.ResourceWriteSuccess", specversion: "1.0" }],
    ["an array", [{ subject, eventType: "Microsoft.Resources.ResourceWriteSuccess" }]],
  ])("reads %s", (_, delivery) => {
    expect(versionsWritten(delivery)).toEqual([written]);
  });

  it.each([
    ["another type", { subject, eventType: "Microsoft.Resources.ResourceDeleteSuccess" }],
    ["a gallery", { subject: galleryId, eventType: "Microsoft.Resources.ResourceWriteSuccess" }],
    [
      "a path that climbs",
      {
        subject: `${galleryId}/applications/app/versions/..`,
        eventType: "Microsoft.Resources.ResourceWriteSuccess",
      },
    ],
    [
      "a new blob",
      {
        subject: "/blobServices/default/containers/incoming/blobs/a",
        eventType: "Microsoft.Storage.BlobCreated",
      },
    ],
    ["a text", "hello"],
    ["nothing", undefined],
  ])("takes nothing from %s", (_, delivery) => {
    expect(versionsWritten(delivery)).toEqual([]);
  });
});
