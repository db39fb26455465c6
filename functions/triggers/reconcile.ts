import type { InvocationContext } from "@azure/functions";
import type { Reconcile } from "../orchestrators/reconcile.ts";
import { storiesOf } from "../durable.ts";
import type { Stories } from "../vocabulary.ts";

/** The story that the timer starts. */
export const RECONCILE = "reconciliation";

/** The handler of the timer. */
export function onTimer(input: Reconcile) {
  return async (_timer: unknown, context: InvocationContext): Promise<void> => {
    await startReconciling(storiesOf(context), input, new Date());
  };
}

/** Starts the reconciler unless it is under way. One that got stuck is replaced an hour later. */
export async function startReconciling(
  stories: Pick<Stories, "status" | "start">,
  input: Reconcile,
  hour: Date,
): Promise<"started" | "running"> {
  const instanceId = `reconcile-${hour.toISOString().slice(0, 13)}`;
  if ((await stories.status(instanceId)) === "running") return "running";
  await stories.start(instanceId, RECONCILE, { ...input });
  return "started";
}
