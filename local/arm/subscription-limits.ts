import type { ArmAnswer } from "./answer.ts";
import { refuse } from "./answer.ts";

type Bucket = { readonly tokens: number; readonly at: number };

// Bucket size and refill per second, per subscription and principal.
const buckets = {
  reads: { size: 250, perSecond: 25 },
  writes: { size: 200, perSecond: 10 },
  deletes: { size: 200, perSecond: 10 },
} as const;

/** What is left of Resource Manager's own token bucket after a request, and the refusal when it was empty. */
export type SubscriptionReading = {
  readonly headers: Readonly<Record<string, string>>;
  readonly refusal?: ArmAnswer;
};

/** Resource Manager's token buckets, which come before those of the resource providers. */
export class SubscriptionLimits {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes a token for a request of `principalId`. */
  take(
    request: { readonly method: string; readonly subscription: string; readonly principalId: string },
    now: number,
    isEnforced: boolean,
  ): SubscriptionReading {
    const kind = request.method === "GET" ? "reads" : request.method === "DELETE" ? "deletes" : "writes";
    const { size, perSecond } = buckets[kind];
    const key = `${kind} ${request.subscription.toLowerCase()} ${request.principalId}`;
    const before = this.#buckets.get(key) ?? { tokens: size, at: now };
    const tokens = Math.min(size, before.tokens + ((now - before.at) / 1000) * perSecond);
    const left = Math.max(0, Math.floor(tokens - 1));
    const headers = {
      [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(left),
      [`x-ms-ratelimit-remaining-subscription-global-${kind}`]: String(size * 15 - (size - left)),
    };
    this.#buckets.set(key, { tokens: Math.max(0, tokens - 1), at: now });
    if (!isEnforced || tokens >= 1) return { headers };
    const message = `Number of '${kind}' requests for subscription '${request.subscription}' exceeded the limit.`;
    const retryAfter = { "retry-after": String(Math.max(1, Math.ceil((1 - tokens) / perSecond))) };
    return { headers, refusal: refuse(429, { code: "SubscriptionRequestsThrottled", message }, retryAfter) };
  }
}
