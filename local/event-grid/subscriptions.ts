import { blobCreated, type GridEvent } from "./blob-events.ts";

/** Where a subscription's events go. */
export type Destination =
  | { readonly kind: "queue"; readonly connectionString: string; readonly queueName: string }
  | { readonly kind: "webhook"; readonly url: string };

/** An event subscription, with the filters that this relay knows. */
export type EventSubscription = {
  readonly name: string;
  readonly schema: "eventGrid" | "cloudEvents";
  readonly destination: Destination;
  /** New blobs alone when left out. */
  readonly includedEventTypes?: readonly string[];
  /** Compared without regard to case, as Azure does by default. */
  readonly subjectBeginsWith?: string;
  readonly subjectEndsWith?: string;
  /** Advanced filter: `data.api` StringIn. */
  readonly apis?: readonly string[];
};

/** Whether the subscription wants the event. */
export function wants(subscription: EventSubscription, event: GridEvent): boolean {
  const {
    includedEventTypes = [blobCreated],
    subjectBeginsWith = "",
    subjectEndsWith = "",
    apis,
  } = subscription;
  const subject = event.subject.toLowerCase();
  return (
    includedEventTypes.includes(event.type) &&
    subject.startsWith(subjectBeginsWith.toLowerCase()) &&
    subject.endsWith(subjectEndsWith.toLowerCase()) &&
    (apis === undefined || apis.some((api) => api.toLowerCase() === String(event.data["api"]).toLowerCase()))
  );
}
