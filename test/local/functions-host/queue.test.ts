import { QueueServiceClient } from "@azure/storage-queue";
import { startAzurite, type Azurite } from "../../../local/storage/azurite.ts";
import { eventually, startFixtureHost, type FixtureHost } from "./a-fixture-host.ts";

let azurite: Azurite;
let fixture: FixtureHost;
let queues: QueueServiceClient;

beforeAll(async () => {
  azurite = await startAzurite({ accounts: ["fixture"] });
  const Queues = azurite.connectionString("fixture");
  queues = QueueServiceClient.fromConnectionString(Queues);
  fixture = await startFixtureHost({ env: { Queues, QUEUE_NAME: "work" } });
});
afterAll(async () => {
  await fixture.stop();
  await azurite.stop();
});

async function send(message: object): Promise<void> {
  await queues.getQueueClient("work").createIfNotExists();
  await queues.getQueueClient("work").sendMessage(Buffer.from(JSON.stringify(message)).toString("base64"));
}

async function messagesOf(queue: string): Promise<any[]> {
  const { peekedMessageItems } = await queues.getQueueClient(queue).peekMessages({ numberOfMessages: 32 });
  return peekedMessageItems.map(({ messageText }) =>
    JSON.parse(Buffer.from(messageText, "base64").toString("utf8")),
  );
}

describe("queue functions", () => {
  it("get each message once it is there, and take it away", async () => {
    await Promise.all(["a", "b", "c"].map((text) => send({ text })));
    for (const text of ["a", "b", "c"]) await fixture.noted(`queued ${text} try 1`);
    const queue = queues.getQueueClient("work");
    const isEmpty = async () => (await queue.getProperties()).approximateMessagesCount === 0 || undefined;
    await expect(eventually(isEmpty)).resolves.toBe(true);
  });

  it("get a message again that they failed on, and see it go to the poison queue in the end", async () => {
    await send({ text: "bad", fail: true });
    await fixture.noted("queued bad try 3");
    const poisoned = await eventually(async () => {
      const messages = await messagesOf("work-poison").catch(() => []);
      return messages.length > 0 ? messages : undefined;
    });
    expect(poisoned).toEqual([{ text: "bad", fail: true }]);
    expect(fixture.notes().filter((note) => note.startsWith("queued bad"))).toHaveLength(3);
  });
});
