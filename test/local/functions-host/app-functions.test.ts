import { sortFunctions } from "../../../local/functions-host/app-functions.ts";
import type { FunctionMetadata, RpcBinding } from "../../../local/functions-host/core-api.ts";

function aFunction(name: string, ...bindings: RpcBinding[]): FunctionMetadata {
  return { name, bindings: Object.fromEntries(bindings.map((binding, at) => [`binding${at}`, binding])) };
}

const queue = { type: "queueTrigger", direction: "in", queueName: "%QUEUE%", connection: "Store" };
const http = { type: "httpTrigger", direction: "in", methods: ["GET"], authLevel: "anonymous" };

describe("sortFunctions", () => {
  it("puts app settings where their names stand", () => {
    const { queueTrigger } = sortFunctions([aFunction("q", queue)], { QUEUE: "events" });
    expect(queueTrigger).toMatchObject([
      { name: "q", trigger: { queueName: "events", connection: "Store" } },
    ]);
    expect(() => sortFunctions([aFunction("q", queue)], {})).toThrow('"QUEUE"');
  });

  it("names everything that the host does not serve, at once", () => {
    const registered = [
      aFunction("blobs", { type: "blobTrigger", direction: "in" }),
      aFunction("keyed", { ...http, authLevel: "function" }),
      aFunction("writing", http, { type: "queue", direction: "out" }),
      { ...aFunction("again", http), retryOptions: {} },
    ];
    expect(() => sortFunctions(registered, {})).toThrow(
      /blobs: .*blobTrigger[^]*writing: .*"queue"[^]*again: .*retry[^]*keyed: authLevel/,
    );
  });
});
