// Events about resources: https://learn.microsoft.com/azure/event-grid/event-schema-resource-groups
import { randomUUID } from "node:crypto";
import type { GridEvent } from "./blob-events.ts";

/** The types of the events that the end of a write to a resource raises. */
export const resourceWritten = {
  success: "Microsoft.Resources.ResourceWriteSuccess",
  failure: "Microsoft.Resources.ResourceWriteFailure",
} as const;

/** The event that the end of a write to a resource raises, from the topic of its resource group. */
export function resourceEvent(
  { id, isSuccess }: { readonly id: string; readonly isSuccess: boolean },
  { topic, time }: { readonly topic: string; readonly time: number },
): GridEvent {
  const [, subscriptionId = ""] = /^\/subscriptions\/([^/]+)/i.exec(id) ?? [];
  return {
    id: randomUUID(),
    topic,
    subject: id,
    type: isSuccess ? resourceWritten.success : resourceWritten.failure,
    time: new Date(time).toISOString().replace("Z", "0000Z"),
    data: {
      ...{ subscriptionId, resourceProvider: "Microsoft.Compute", resourceUri: id },
      operationName: "Microsoft.Compute/galleries/applications/versions/write",
      status: isSuccess ? "Succeeded" : "Failed",
    },
  };
}
