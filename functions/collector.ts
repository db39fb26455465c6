import { otlpBody, type Signal } from "../core/otlp.ts";

/** Where spans and numbers are sent to: a collector that takes OTLP over HTTP. */
export interface CollectorSettings {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
}

const SERVICE = "vm-application-pipeline";
const PAUSE_MILLISECONDS = 1000;
/** More of a signal are not kept while a collector does not answer. */
const MOST = 2000;

// What is told comes from wherever something is done, as with OpenTelemetry's own API; without a collector, from nowhere.
let collector: CollectorSettings | undefined;
const waiting: Record<Signal, object[]> = { traces: [], metrics: [] };
let timer: NodeJS.Timeout | undefined;

/** Sends what is told from now on; undefined: nothing is. */
export function collectTo(settings: CollectorSettings | undefined): void {
  collector = settings;
}

/** Whether anybody collects. */
export function isCollected(): boolean {
  return collector !== undefined;
}

/** Sends something within a second or so, in the form of OTLP. */
export function collect(signal: Signal, item: object): void {
  if (!collector) return;
  if (waiting[signal].length < MOST) waiting[signal].push(item);
  // The host may stop the process at any time; a second is what can be lost.
  timer ??= setTimeout(() => {
    timer = undefined;
    void send("traces");
    void send("metrics");
  }, PAUSE_MILLISECONDS).unref();
}

async function send(signal: Signal): Promise<void> {
  const items = waiting[signal];
  if (!collector || items.length === 0) return;
  waiting[signal] = [];
  try {
    const response = await fetch(`${collector.endpoint}/v1/${signal}`, {
      method: "POST",
      headers: { ...collector.headers, "content-type": "application/json" },
      body: JSON.stringify(otlpBody(signal, items, SERVICE)),
      signal: AbortSignal.timeout(10_000),
      // Headers may hold a secret.
      redirect: "error",
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the collector answered ${response.status}`);
  } catch (error) {
    // Nothing waits for it. The address stays out of the log, since it may hold a key.
    console.warn(
      `${items.length} ${signal} were lost: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
