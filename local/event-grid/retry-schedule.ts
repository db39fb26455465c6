// https://learn.microsoft.com/azure/event-grid/delivery-and-retry
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const pauses = [
  ...[10 * second, 30 * second, minute, 5 * minute, 10 * minute, 30 * minute],
  ...[hour, 3 * hour, 6 * hour, 12 * hour],
];

/** Azure's default policy: how often and for how long delivery is tried. */
export const retryPolicy = { attempts: 30, milliseconds: 24 * hour };

/** What an attempt came to: a status code, or `undefined` when there was no answer in time. */
export type DeliveryStatus = number | undefined;

/** Whether the attempt delivered the event. */
export function isDelivered(status: DeliveryStatus): boolean {
  return status !== undefined && status >= 200 && status <= 204;
}

/** Whether Azure gives up at once after this answer. */
export function isFinal(status: DeliveryStatus, kind: "queue" | "webhook"): boolean {
  const final = kind === "webhook" ? [400, 401, 403, 413] : [400, 403, 413];
  return status !== undefined && final.includes(status);
}

/** How long Azure waits after the `attempt`-th attempt, counted from 1. */
export function pauseAfter(attempt: number, status: DeliveryStatus): number {
  const scheduled = pauses[Math.min(attempt, pauses.length) - 1] ?? 12 * hour;
  const least = status === 404 ? 5 * minute : status === 408 ? 2 * minute : status === 503 ? 30 * second : 0;
  return Math.max(scheduled, least);
}
