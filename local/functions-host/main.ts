// The host as a process of its own: `node local/functions-host/main.ts --app <folder> --data <folder> [--port <n>]`.
// The environment holds the app's settings, and the host's own:
// - LOCAL_CLOCK_EPOCH and LOCAL_CLOCK_SPEED: the clock that it shares with other processes
// - LOCAL_TLS_CERTIFICATE and LOCAL_TLS_KEY: PEM texts; with them the public server speaks HTTPS
// - LOCAL_EVENT_GRID_KEY: the code that the Event Grid webhook asks for
// - LOCAL_HTTP_ANSWER_LIMIT and LOCAL_STOP_PATIENCE: real milliseconds
// - LOCAL_LOG_FILE: where the log goes as JSON lines, beside stderr
import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { scaledClock } from "../clock.ts";
import { hostLog } from "./host-log.ts";
import { runHost } from "./host.ts";
import { readyMark } from "./ready-mark.ts";

const { values } = parseArgs({
  options: { app: { type: "string" }, data: { type: "string" }, port: { type: "string", default: "0" } },
});
if (values.app === undefined || values.data === undefined) {
  throw new Error("usage: main.ts --app <folder> --data <folder> [--port <number>]");
}

const { env } = process;
const speed = Number(env["LOCAL_CLOCK_SPEED"] ?? 1);
const clock = scaledClock(speed, Number(env["LOCAL_CLOCK_EPOCH"] ?? Date.now()));
const log = hostLog(() => clock.now(), env["LOCAL_LOG_FILE"]);

// A failure that nobody handles ends the worker of the real host as well.
process.on("uncaughtException", (failure) => {
  log({ level: "critical", message: failure.stack ?? failure.message });
  process.exit(1);
});

const certificate = env["LOCAL_TLS_CERTIFICATE"];
const key = env["LOCAL_TLS_KEY"];
// The app has no business with them.
delete env["LOCAL_TLS_CERTIFICATE"];
delete env["LOCAL_TLS_KEY"];

const answerLimit = Number(env["LOCAL_HTTP_ANSWER_LIMIT"] ?? Math.max(230_000 / speed, 120_000));
const host = await runHost({
  appFolder: resolve(values.app),
  dataFolder: resolve(values.data),
  port: Number(values.port),
  clock,
  log,
  settings: env,
  answerLimit,
  tls: certificate === undefined || key === undefined ? undefined : { certificate, key },
});

const patience = Number(env["LOCAL_STOP_PATIENCE"] ?? 3_000);
process.once("SIGTERM", () => {
  // Whatever takes longer is left to the journal.
  setTimeout(() => process.exit(0), patience).unref();
  void host.stop().then(() => process.exit(0));
});

// The parent's end of stdin closes when it dies, however it dies.
process.stdin.resume().once("end", () => process.exit(0));
process.stdout.write(`${readyMark}${JSON.stringify({ port: host.port, adminPort: host.adminPort })}\n`);
