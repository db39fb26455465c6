import type { Clock } from "../clock.ts";
import type { TimerFunction } from "./app-functions.ts";
import type { RpcData } from "./core-api.ts";
import type { HostLog } from "./host-log.ts";
import { jsonData } from "./rpc-data.ts";
import { nextOccurrence, scheduleFrom } from "./timer-schedule.ts";

/** Invokes a timer function with the trigger's data. */
export type InvokeTimer = (target: TimerFunction, data: RpcData) => Promise<unknown>;

/** Fires a timer function on its schedule, one run at a time, until `signal` aborts. */
export async function pumpTimer(
  target: TimerFunction,
  invoke: InvokeTimer,
  { clock, log }: { readonly clock: Clock; readonly log: HostLog },
  signal: AbortSignal,
): Promise<void> {
  const schedule = scheduleFrom(target.trigger.schedule);
  let last = 0;
  if (target.trigger.runOnStartup) await fireTimer(target, invoke, { last, next: clock.now() }, log);
  for (;;) {
    const next = nextOccurrence(schedule, clock.now());
    await sleepUntil(next, clock, signal);
    if (signal.aborted) return;
    await fireTimer(target, invoke, { last, next: nextOccurrence(schedule, next) }, log);
    last = next;
  }
}

async function sleepUntil(time: number, clock: Clock, signal: AbortSignal): Promise<void> {
  while (clock.now() < time && !signal.aborted) {
    await clock.sleep(time - clock.now(), signal).catch(() => undefined);
  }
}

/** Fires a timer function now. A failure is logged and nothing else, as the real host has it. */
export async function fireTimer(
  target: TimerFunction,
  invoke: InvokeTimer,
  { last, next }: { readonly last: number; readonly next: number },
  log: HostLog,
): Promise<void> {
  const Last = new Date(last).toISOString();
  const data = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: { Last, LastUpdated: Last, Next: new Date(next).toISOString() },
    IsPastDue: false,
  };
  await invoke(target, jsonData(data)).catch((failure: unknown) =>
    log({ level: "error", functionName: target.name, message: String(failure) }),
  );
}
