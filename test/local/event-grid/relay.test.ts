import { QueueServiceClient } from "@azure/storage-queue";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { scaledClock } from "../../../local/clock.ts";
import { startEventGrid, type EventGrid } from "../../../local/event-grid/relay.ts";
import type { EventSubscription } from "../../../local/event-grid/subscriptions.ts";
import type { Disturbance } from "../../../local/event-grid/disturbance.ts";
import { startAzurite } from "../../../local/storage/azurite.ts";
import { aBlob, topic } from "./a-blob.ts";

type Received = { readonly headers: IncomingMessage["headers"]; readonly body: any };

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A webhook that answers notifications with these statuses, then with 200. */
async function aWebhook(...statuses: number[]) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks = await request.toArray();
      const text = Buffer.concat(chunks).toString();
      const body = text === "" ? undefined : JSON.parse(text);
      if (request.method === "OPTIONS") {
        const origin = String(request.headers["webhook-request-origin"]);
        return response.writeHead(200, { "WebHook-Allowed-Origin": origin }).end();
      }
      if (request.headers["aeg-event-type"] === "SubscriptionValidation") {
        return response.end(JSON.stringify({ validationResponse: body[0].data.validationCode }));
      }
      received.push({ headers: request.headers, body });
      return response.writeHead(statuses.shift() ?? 200).end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, received };
}

function aSubscription(url: string, filters: Partial<EventSubscription> = {}): EventSubscription {
  return { name: "s", schema: "eventGrid", destination: { kind: "webhook", url }, ...filters };
}

function aRelay(disturbance?: Disturbance): EventGrid {
  const relay = startEventGrid({
    clock: scaledClock(100_000),
    topic,
    ...(disturbance === undefined ? {} : { disturbance }),
  });
  cleanups.push(() => relay.stop());
  return relay;
}

describe("startEventGrid", () => {
  it("delivers an event to every subscription that wants it", async () => {
    const [wanting, other] = [await aWebhook(), await aWebhook()];
    const relay = aRelay();
    await relay.subscribe(aSubscription(wanting.url, { apis: ["PutBlob"] }));
    await relay.subscribe(aSubscription(other.url, { subjectEndsWith: ".msi" }));
    relay.blobWritten(aBlob());
    await relay.settled();
    expect(wanting.received).toMatchObject([
      { headers: { "aeg-event-type": "Notification" }, body: [{ data: { api: "PutBlob" } }] },
    ]);
    expect(other.received).toEqual([]);
  });

  it("speaks CloudEvents where that was asked for", async () => {
    const webhook = await aWebhook();
    const relay = aRelay();
    await relay.subscribe(aSubscription(webhook.url, { schema: "cloudEvents" }));
    relay.blobWritten(aBlob());
    await relay.settled();
    expect(webhook.received[0]?.headers["content-type"]).toMatch("application/cloudevents+json");
    expect(webhook.received[0]?.body).toMatchObject({ specversion: "1.0", source: topic });
  });

  it("does not subscribe a webhook that fails the handshake", async () => {
    const relay = aRelay();
    const { url } = await aWebhook();
    await expect(relay.subscribe(aSubscription(url.replace("http:", "https:")))).rejects.toThrow();
  });

  it("tries again after an error, and again", async () => {
    const webhook = await aWebhook(500, 404, 503);
    const relay = aRelay();
    await relay.subscribe(aSubscription(webhook.url));
    relay.blobWritten(aBlob());
    await relay.settled();
    const counts = webhook.received.map(({ headers }) => headers["aeg-delivery-count"]);
    expect(counts).toEqual(["0", "1", "2", "3"]);
    expect(new Set(webhook.received.map(({ body }) => body[0].id)).size).toBe(1);
    expect(relay.deadLetters).toEqual([]);
  });

  it.each([[400], [401], [403], [413]])("never tries again after %d", async (status) => {
    const webhook = await aWebhook(status);
    const relay = aRelay();
    await relay.subscribe(aSubscription(webhook.url));
    relay.blobWritten(aBlob());
    await relay.settled();
    expect(webhook.received).toHaveLength(1);
    expect(relay.deadLetters).toMatchObject([
      { deadLetterReason: "UndeliverableDueToClientError", deliveryAttempts: 1, lastStatus: status },
    ]);
  });

  it("gives up after a day", async () => {
    const webhook = await aWebhook(...Array<number>(100).fill(500));
    const relay = aRelay();
    await relay.subscribe(aSubscription(webhook.url));
    relay.blobWritten(aBlob());
    await relay.settled();
    expect(relay.deadLetters).toMatchObject([{ deadLetterReason: "TimeToLiveExceeded", lastStatus: 500 }]);
  });

  it("repeats, loses and reorders as its seed has it", async () => {
    const outcomes: string[][] = [];
    for (const seed of [1, 1, 2]) {
      const webhook = await aWebhook();
      const relay = aRelay({ seed, repeated: 0.3, lost: 0.2, delayMilliseconds: 10_000_000 });
      await relay.subscribe(aSubscription(webhook.url));
      for (let number = 0; number < 40; number += 1) relay.blobWritten(aBlob({ path: `blob-${number}` }));
      await relay.settled();
      outcomes.push(webhook.received.map(({ body }) => body[0].subject.split("/").at(-1)));
    }
    const [first = [], again = [], other = []] = outcomes;
    expect(first.toSorted()).toEqual(again.toSorted());
    expect(first.toSorted()).not.toEqual(other.toSorted());
    expect(new Set(first).size).toBeLessThan(40);
    expect(first.length).toBeGreaterThan(new Set(first).size);
    expect(first).not.toEqual(first.toSorted((one, two) => Number(one.slice(5)) - Number(two.slice(5))));
  });

  it("puts one event in base64 into each message of a queue", async () => {
    const azurite = await startAzurite({ accounts: ["host"] });
    cleanups.push(() => azurite.stop());
    const connectionString = azurite.connectionString("host");
    const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient("events");
    await queue.create();
    const relay = aRelay();
    const destination = { kind: "queue", connectionString, queueName: "events" } as const;
    await relay.subscribe({ name: "q", schema: "eventGrid", destination });
    relay.blobWritten(aBlob());
    await relay.settled();
    const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32 });
    const events = receivedMessageItems.map(({ messageText }) => JSON.parse(atob(messageText)));
    expect(events).toMatchObject([{ eventType: "Microsoft.Storage.BlobCreated", topic }]);
  });
});
