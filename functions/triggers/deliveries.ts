import type { InvocationContext } from "@azure/functions";
import { Problem } from "../../core/problem.ts";
import { versionsWritten } from "../../core/version-event.ts";
import { storiesOf } from "../durable.ts";
import type { Stories } from "../vocabulary.ts";
import { blobArrived, type BlobArrivedPorts } from "./blob-arrived.ts";
import { versionWritten, type VersionWrittenPorts } from "./version-written.ts";

/** What deliveries of Event Grid's are handled with. */
export type DeliveryPorts = BlobArrivedPorts & VersionWrittenPorts;

/** The handler for deliveries that Event Grid puts into a storage queue. A message that is none of its is an error. */
export function fromQueue(ports: DeliveryPorts) {
  return async (message: unknown, context: InvocationContext): Promise<void> => {
    await deliver(ports, storiesOf(context), eventIn(message), (line) => context.log(line));
  };
}

/** The handler for events that Event Grid sends to the function app itself. */
export function fromEventGrid(ports: DeliveryPorts) {
  return async (event: unknown, context: InvocationContext): Promise<void> => {
    await deliver(ports, storiesOf(context), event, (line) => context.log(line));
  };
}

/** Has stories started or woken by what a delivery tells. */
export async function deliver(
  ports: DeliveryPorts,
  stories: Stories,
  delivery: unknown,
  log: (line: string) => void,
): Promise<void> {
  const versions = versionsWritten(delivery);
  for (const written of versions) {
    log(
      `${written.application} ${written.version} was written: ${await versionWritten(ports, stories, written)}`,
    );
  }
  if (versions.length === 0) await blobArrived(ports, stories, delivery, log);
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
