import type { InvocationContext } from "@azure/functions";
import { Problem } from "../../core/problem.ts";
import { storiesOf } from "../durable.ts";
import { blobArrived, type BlobArrivedPorts } from "./blob-arrived.ts";

/** The handler for deliveries that Event Grid puts into a storage queue. A message that is none of its is an error. */
export function fromQueue(ports: BlobArrivedPorts) {
  return async (message: unknown, context: InvocationContext): Promise<void> => {
    await blobArrived(ports, storiesOf(context), eventIn(message), (line) => context.log(line));
  };
}

/** The handler for events that Event Grid sends to the function app itself. */
export function fromEventGrid(ports: BlobArrivedPorts) {
  return async (event: unknown, context: InvocationContext): Promise<void> => {
    await blobArrived(ports, storiesOf(context), event, (line) => context.log(line));
  };
}

/** The event in a queue message. The host has decoded it, and parsed it when it was JSON. */
export function eventIn(message: unknown): object {
  if (typeof message === "object" && message !== null) return message;
  const shown = String(message).slice(0, 80);
  throw new Problem(
    "bad-message",
    `a message in the event queue is no JSON document: ${JSON.stringify(shown)}`,
    "Nothing to do for one message: it ends in the poison queue. If all look so, check who writes to the queue.",
  );
}
