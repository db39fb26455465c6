// A small app on the real libraries that does a little of everything that the host serves.
const { appendFileSync } = require("node:fs");
const { app } = require("@azure/functions");
const df = require("durable-functions");
require("./durable.cjs");

const note = (line) => appendFileSync(process.env.NOTES_FILE, `${line}\n`);

app.setup({ enableHttpStream: process.env.STREAMING === "1" });

app.hook.appTerminate(() => note("terminated"));
app.hook.preInvocation((context) => {
  if (context.invocationContext.functionName === "hooked") context.inputs = ["changed by a hook"];
});

app.post("start", {
  route: "start/{orchestrator}/{id?}",
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const { orchestrator, id } = request.params;
    const options = { input: await request.json(), ...(id ? { instanceId: id } : {}) };
    try {
      return { jsonBody: { id: await df.getClient(context).startNew(orchestrator, options) } };
    } catch (error) {
      return { status: 409, jsonBody: { message: error.message } };
    }
  },
});

// Calls a method of the durable client: {"method": "...", "arguments": [...]}.
app.post("client", {
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const call = await request.json();
    const values = call.arguments.map((value) =>
      value?.entity ? new df.EntityId(value.entity, value.key) : value?.date ? new Date(value.date) : value,
    );
    const reviveDates = (value) =>
      value && typeof value === "object" && !(value instanceof Date) && !(value instanceof df.EntityId)
        ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, v?.date ? new Date(v.date) : v]))
        : value;
    try {
      const client = df.getClient(context);
      return { jsonBody: { result: (await client[call.method](...values.map(reviveDates))) ?? null } };
    } catch (error) {
      return { status: 500, jsonBody: { message: error.message } };
    }
  },
});

app.http("things", {
  methods: ["GET", "POST"],
  route: "things/{kind}/{*rest}",
  handler: async (request) => ({
    status: 201,
    headers: { "x-kind": request.params.kind },
    jsonBody: {
      url: request.url,
      params: request.params,
      query: request.query.get("q"),
      header: request.headers.get("x-sent"),
      body: request.method === "POST" ? await request.text() : null,
    },
  }),
});

app.get("literal", { route: "things/known/one", handler: () => ({ body: "literal" }) });
app.post("hasty", { handler: () => ({ body: "not read" }) });
app.get("nothing", { handler: () => undefined });
app.get("throws", { handler: () => Promise.reject(new Error("thrown on purpose")) });
app.get("never", { handler: () => new Promise(() => undefined) });
app.get("settings", {
  handler: () => ({ jsonBody: { hostname: process.env.WEBSITE_HOSTNAME, node: process.version } }),
});
app.generic("hooked", {
  trigger: { type: "httpTrigger", authLevel: "anonymous", methods: ["GET"] },
  return: { type: "http", name: "$return" },
  handler: (value) => ({ body: String(value) }),
});

app.post("measure", {
  handler: async (request) => {
    let size = 0;
    if (request.body) for await (const chunk of request.body) size += chunk.length;
    return { jsonBody: { size } };
  },
});

app.get("drip", {
  handler: () => {
    async function* drops() {
      for (const drop of ["one ", "two ", "three"]) {
        yield Buffer.from(drop);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    }
    return { body: drops(), headers: { "content-type": "text/plain" } };
  },
});

if (process.env.Queues) {
  app.storageQueue("queued", {
    queueName: "%QUEUE_NAME%",
    connection: "Queues",
    handler: async (message, context) => {
      note(`queued ${message.text} try ${context.triggerMetadata.dequeueCount}`);
      if (message.fail) throw new Error(`cannot handle ${message.text}`);
    },
  });
}

app.eventGrid("gridded", {
  handler: async (event, context) => {
    note(`gridded ${event.id}`);
    context.log(`saw ${event.subject}`);
    if (event.data.fail) throw new Error("cannot handle the event");
  },
});

app.timer("swept", {
  schedule: "0 */15 * * * *",
  handler: async (timer) => note(`swept ${timer.isPastDue}`),
});
