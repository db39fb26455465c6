// A storage queue trigger: polls, runs a batch, deletes what went well, gives the rest back, and up after some tries.
import type { DequeuedMessageItem, QueueClient, QueueServiceClient } from "@azure/storage-queue";
import { setTimeout as pause } from "node:timers/promises";
import type { QueueFunction } from "./app-functions.ts";
import type { RpcData } from "./core-api.ts";
import type { HostLog } from "./host-log.ts";
import type { QueueSettings } from "./host-settings.ts";

/** What a queue trigger works with. */
export type QueuePump = {
  readonly service: QueueServiceClient;
  readonly target: QueueFunction;
  readonly settings: QueueSettings;
  readonly invoke: (
    target: QueueFunction,
    data: RpcData,
    metadata: Readonly<Record<string, RpcData>>,
  ) => Promise<unknown>;
  /** Turns the host's times into the queue service's, which runs in real time. */
  readonly speed: number;
  readonly log: HostLog;
};

const shortestPoll = 50;
const longestPoll = 500;

/** Serves the queue until `signal` aborts; then lets what runs finish. */
export async function pumpQueue(pump: QueuePump, signal: AbortSignal): Promise<void> {
  const queue = pump.service.getQueueClient(pump.target.trigger.queueName);
  const running = new Set<Promise<void>>();
  let wait = shortestPoll;
  while (!signal.aborted) {
    const isFull = running.size > pump.settings.batchSize / 2;
    const messages = isFull ? [] : await receive(pump, queue);
    for (const message of messages) {
      const handling = handle(pump, queue, message).finally(() => running.delete(handling));
      running.add(handling);
    }
    wait = messages.length > 0 ? shortestPoll : Math.min(wait * 2, longestPoll);
    await pause(wait, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(running);
}

async function receive(pump: QueuePump, queue: QueueClient): Promise<readonly DequeuedMessageItem[]> {
  try {
    const { receivedMessageItems } = await queue.receiveMessages({
      numberOfMessages: pump.settings.batchSize,
      visibilityTimeout: processingSeconds(pump),
    });
    return receivedMessageItems;
  } catch (failure) {
    // A queue that does not exist yet is looked for again, as by the real host.
    if (!String(failure).includes("QueueNotFound")) {
      pump.log({ level: "warning", message: `queue ${queue.name}: ${String(failure)}` });
    }
    return [];
  }
}

/** A message is hidden for ten minutes and renewed; at least some real seconds, so that a busy machine keeps up. */
function processingSeconds({ speed }: QueuePump): number {
  return Math.max(5, Math.ceil(600 / speed));
}

async function handle(pump: QueuePump, queue: QueueClient, message: DequeuedMessageItem): Promise<void> {
  let popReceipt = message.popReceipt;
  const renewal = setInterval(
    () => {
      queue.updateMessage(message.messageId, popReceipt, message.messageText, processingSeconds(pump)).then(
        (renewed) => {
          popReceipt = renewed.popReceipt ?? popReceipt;
        },
        (failure: unknown) =>
          pump.log({ level: "warning", message: `queue ${queue.name}: ${String(failure)}` }),
      );
    },
    processingSeconds(pump) * 400,
  );
  const failure = await outcomeOf(pump, message);
  clearInterval(renewal);
  try {
    if (failure === undefined) await queue.deleteMessage(message.messageId, popReceipt);
    else await giveBack(pump, queue, { ...message, popReceipt }, failure);
  } catch (problem) {
    pump.log({ level: "warning", message: `queue ${queue.name}: ${String(problem)}` });
  }
}

async function outcomeOf(pump: QueuePump, message: DequeuedMessageItem): Promise<string | undefined> {
  const { target, settings } = pump;
  try {
    const string =
      settings.messageEncoding === "base64" ? fromBase64(message.messageText) : message.messageText;
    await pump.invoke(target, { string }, metadataOf(message, string));
    return undefined;
  } catch (failure) {
    pump.log({ level: "error", functionName: target.name, message: String(failure) });
    return String(failure);
  }
}

async function giveBack(
  pump: QueuePump,
  queue: QueueClient,
  message: DequeuedMessageItem,
  failure: string,
): Promise<void> {
  const { settings, service, speed, log } = pump;
  if (message.dequeueCount < settings.maxDequeueCount) {
    const seconds = Math.ceil(settings.visibilityTimeout / 1000 / speed);
    await queue.updateMessage(message.messageId, message.popReceipt, message.messageText, seconds);
    return;
  }
  const poison = service.getQueueClient(`${queue.name}-poison`);
  log({ level: "error", message: `moved a message of queue ${queue.name} to ${poison.name}: ${failure}` });
  await poison.createIfNotExists();
  await poison.sendMessage(message.messageText);
  await queue.deleteMessage(message.messageId, message.popReceipt);
}

function fromBase64(text: string): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new Error("the message is not base64");
  return Buffer.from(text, "base64").toString("utf8");
}

function metadataOf(message: DequeuedMessageItem, text: string): Record<string, RpcData> {
  return {
    QueueTrigger: { string: text },
    DequeueCount: { int: message.dequeueCount },
    ExpirationTime: { string: JSON.stringify(message.expiresOn) },
    Id: { string: message.messageId },
    InsertionTime: { string: JSON.stringify(message.insertedOn) },
    NextVisibleTime: { string: JSON.stringify(message.nextVisibleOn) },
    PopReceipt: { string: message.popReceipt },
  };
}
