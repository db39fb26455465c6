// One attempt to deliver one event, and the handshake that a webhook must answer first.
import { QueueServiceClient } from "@azure/storage-queue";
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { inCloudEventsSchema, inEventGridSchema, type GridEvent } from "./blob-events.ts";
import type { DeliveryStatus } from "./retry-schedule.ts";
import type { Destination, EventSubscription } from "./subscriptions.ts";

/** Tries once to deliver. `limit` is how long an endpoint may take, in real milliseconds. */
export async function deliver(
  { name, schema, destination }: EventSubscription,
  event: GridEvent,
  attempt: number,
  limit: number,
): Promise<DeliveryStatus> {
  const shaped = schema === "eventGrid" ? inEventGridSchema(event) : inCloudEventsSchema(event);
  if (destination.kind === "queue") return sendToQueue(destination, JSON.stringify(shaped));
  const headers = { "aeg-subscription-name": name.toUpperCase(), "aeg-delivery-count": String(attempt - 1) };
  return schema === "eventGrid"
    ? post(destination.url, [shaped], { ...notification, ...headers }, limit)
    : post(destination.url, shaped, { ...cloudEvents, ...headers }, limit);
}

const notification = {
  "content-type": "application/json; charset=utf-8",
  "aeg-event-type": "Notification",
  "aeg-data-version": "",
  "aeg-metadata-version": "1",
};

const cloudEvents = { "content-type": "application/cloudevents+json; charset=utf-8" };

async function sendToQueue(
  { connectionString, queueName }: Extract<Destination, { kind: "queue" }>,
  text: string,
): Promise<DeliveryStatus> {
  const options = { retryOptions: { maxTries: 1 } };
  const queue = QueueServiceClient.fromConnectionString(connectionString, options).getQueueClient(queueName);
  try {
    await queue.sendMessage(Buffer.from(text).toString("base64"));
    return 200;
  } catch (failure) {
    return z.object({ statusCode: z.number() }).safeParse(failure).data?.statusCode;
  }
}

async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
  limit: number,
): Promise<DeliveryStatus> {
  try {
    const signal = AbortSignal.timeout(limit);
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
}

/** Asks a webhook whether it wants events, as Azure does before it creates a subscription. Throws when it does not. */
export async function validateWebhook(
  subscription: EventSubscription,
  topic: string,
  time: number,
): Promise<void> {
  const { destination, schema, name } = subscription;
  if (destination.kind !== "webhook") return;
  const isValid = await (schema === "eventGrid"
    ? answersValidationEvent(destination.url, topic, time)
    : answersOptions(destination.url));
  if (!isValid) {
    throw new Error(`The webhook of subscription "${name}" did not answer the validation handshake.`);
  }
}

async function answersValidationEvent(url: string, topic: string, time: number): Promise<boolean> {
  const validationCode = randomUUID();
  const event = {
    id: randomUUID(),
    topic,
    subject: "",
    data: { validationCode, validationUrl: "https://localhost/validate" },
    eventType: "Microsoft.EventGrid.SubscriptionValidationEvent",
    eventTime: new Date(time).toISOString(),
    metadataVersion: "1",
    dataVersion: "1",
  };
  const headers = { "content-type": "application/json", "aeg-event-type": "SubscriptionValidation" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify([event]) });
  const answer: unknown = await response.json().catch(() => undefined);
  const expected = z.object({ validationResponse: z.literal(validationCode) });
  return response.status === 200 && expected.safeParse(answer).success;
}

async function answersOptions(url: string): Promise<boolean> {
  const origin = "eventgrid.azure.net";
  const response = await fetch(url, { method: "OPTIONS", headers: { "WebHook-Request-Origin": origin } });
  const allowed = response.headers.get("WebHook-Allowed-Origin");
  return response.status === 200 && (allowed === origin || allowed === "*");
}
