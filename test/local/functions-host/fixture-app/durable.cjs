const { appendFileSync, existsSync } = require("node:fs");
const df = require("durable-functions");

const note = (line) => appendFileSync(process.env.NOTES_FILE, `${line}\n`);
const later = (context, milliseconds) => new Date(context.df.currentUtcDateTime.getTime() + milliseconds);

df.app.activity("echo", { handler: async ({ value }) => ({ value }) });
df.app.activity("fail", {
  handler: async ({ text }) => {
    throw new Error(text);
  },
});
df.app.activity("slow", {
  handler: async ({ name, milliseconds }) => {
    note(`slow ${name}`);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return name;
  },
});
// Ends only once a file exists, so that tests can kill the host in its middle.
df.app.activity("held", {
  handler: async ({ name, file }) => {
    note(`held ${name}`);
    while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
    return name;
  },
});

df.app.entity("Counter", async (context) => {
  const state = context.df.getState(() => ({ total: 0, seen: [] }));
  const input = context.df.getInput();
  switch (context.df.operationName) {
    case "add":
      note(`add ${input}`);
      state.total += input;
      state.seen.push(input);
      context.df.setState(state);
      return context.df.return(state.total);
    case "slowAdd":
      note(`slowAdd ${input}`);
      await new Promise((resolve) => setTimeout(resolve, 300));
      state.total += input;
      context.df.setState(state);
      return context.df.return(state.total);
    case "forward":
      return context.df.signalEntity(new df.EntityId("Counter", input.key), "add", input.amount);
    case "break":
      throw new Error("broken");
    case "reset":
      return context.df.destructOnExit();
    default:
      return context.df.return(state.total);
  }
});
const counter = (key) => new df.EntityId("Counter", key);

df.app.orchestration("program", function* (context) {
  const results = [];
  for (const step of context.df.getInput().steps) results.push(yield* run(context, step));
  return results;
});

function* run(context, step) {
  const { df: durable } = context;
  switch (step.do) {
    case "echo":
      return (yield durable.callActivity("echo", { value: step.value })).value;
    case "slow":
      return yield durable.callActivity("slow", step);
    case "held":
      return yield durable.callActivity("held", step);
    case "sleep":
      yield durable.createTimer(later(context, step.milliseconds));
      return "slept";
    case "event":
      return yield durable.waitForExternalEvent(step.name);
    case "race": {
      const event = durable.waitForExternalEvent(step.name);
      const timer = durable.createTimer(later(context, step.milliseconds));
      const winner = yield durable.Task.any([event, timer]);
      if (winner === event) timer.cancel();
      return winner === event ? event.result : "late";
    }
    case "quickest": {
      const tasks = step.values.map((value) => durable.callActivity("echo", { value }));
      yield durable.Task.any(tasks);
      return "one came";
    }
    case "all":
      return (yield durable.Task.all(
        step.values.map((value) => durable.callActivity("echo", { value })),
      )).map(({ value }) => value);
    case "signal":
      durable.signalEntity(counter(step.key), "add", step.amount);
      return "signalled";
    case "add":
    case "slowAdd":
    case "get":
      return yield durable.callEntity(counter(step.key), step.do, step.amount);
    case "caught":
      try {
        return yield durable.callActivity("fail", { text: step.text });
      } catch (error) {
        return error.message.split("\n")[0].trim();
      }
    case "status":
      durable.setCustomStatus({ text: step.text });
      return "set";
    case "time":
      return durable.currentUtcDateTime.toISOString();
  }
}

df.app.orchestration("failing", function* (context) {
  yield context.df.callActivity("echo", { value: 1 });
  throw new Error('cannot go on: "quoted" {brace}');
});

df.app.orchestration("unhandled", function* (context) {
  yield context.df.callActivity("fail", { text: "no luck" });
});

df.app.orchestration("generations", function* (context) {
  const { count } = context.df.getInput();
  const event = yield context.df.waitForExternalEvent("next");
  note(`generation ${count} got ${event.text}`);
  if (count > 1) context.df.continueAsNew({ count: count - 1 });
  else return "last";
});

df.app.orchestration("broken", function* (context) {
  try {
    yield context.df.callEntity(counter("broken"), "break");
  } catch (error) {
    return `caught ${error.message}`;
  }
});

df.app.orchestration("forgetful", function* (context) {
  // Another number of activities in every replay: what orchestrators must not do.
  forgetful += 1;
  yield context.df.callActivity(forgetful % 2 === 1 ? "echo" : "slow", {
    value: 1,
    name: "x",
    milliseconds: 1,
  });
  return forgetful;
});
let forgetful = 0;

df.app.orchestration("retrying", function* (context) {
  yield context.df.callActivityWithRetry("echo", new df.RetryOptions(1000, 2), { value: 1 });
});

df.app.orchestration("calling", function* (context) {
  yield context.df.callActivity("missing", {});
});
