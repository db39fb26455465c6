import type { ArmAnswer } from "./answer.ts";
import { refuse } from "./answer.ts";

const threeMinutes = 3 * 60_000;
const thirtyMinutes = 30 * 60_000;

// The highest values seen in recorded traffic; Azure documents none.
const limits: Readonly<Record<string, readonly [number, number]>> = {
  CreateUpdateGallery: [50, 300],
  CreateUpdateGalleryApplication: [150, 750],
  CreateUpdateGalleryApplicationVersion: [150, 750],
  DeleteGalleryApplicationVersion: [150, 1000],
  GetGallery: [350, 2500],
  GetGalleryApplication: [300, 2000],
  GetGalleryApplicationVersion: [2000, 10_000],
  GetOperationStatus: [5000, 15_000],
};

/** What is left of a policy after this request, and the refusal when nothing was. */
export type RateReading = { readonly header: string; readonly refusal?: ArmAnswer };

function retryAfterSeconds(recent: readonly number[], allowed: number, window: number, now: number): number {
  const oldest = recent[recent.length - allowed] ?? now;
  return Math.max(1, Math.ceil((oldest + window - now) / 1000));
}

function tooMany(
  policy: string,
  startTime: number,
  count: number,
  allowed: number,
  seconds: number,
): ArmAnswer {
  const measured = {
    operationGroup: policy,
    startTime: new Date(startTime).toISOString(),
    endTime: new Date(startTime + threeMinutes).toISOString(),
    allowedRequestCount: allowed,
    measuredRequestCount: count,
  };
  const message =
    "The server rejected the request because too many requests have been received for this subscription.";
  const details = [{ code: "TooManyRequests", target: policy, message: JSON.stringify(measured) }];
  return refuse(429, { code: "OperationNotAllowed", message, details }, { "retry-after": String(seconds) });
}

/** Compute's request policies: sliding windows of 3 and 30 minutes per policy. */
export class RateLimits {
  readonly #requests = new Map<string, number[]>();

  /** Counts a request that falls under `policy`. */
  take(policy: string, now: number, isEnforced: boolean): RateReading | undefined {
    const [short, long] = limits[policy] ?? [];
    if (short === undefined || long === undefined) return undefined;
    const recent = (this.#requests.get(policy) ?? []).filter((at) => at > now - thirtyMinutes);
    this.#requests.set(policy, recent);
    const inShort = recent.filter((at) => at > now - threeMinutes);
    if (isEnforced && (inShort.length >= short || recent.length >= long)) {
      const seconds =
        inShort.length >= short
          ? retryAfterSeconds(recent, short, threeMinutes, now)
          : retryAfterSeconds(recent, long, thirtyMinutes, now);
      const refusal = tooMany(policy, now - threeMinutes, inShort.length + 1, short, seconds);
      return { header: header(policy, 0, Math.max(0, long - recent.length)), refusal };
    }
    recent.push(now);
    return {
      header: header(policy, Math.max(0, short - inShort.length - 1), Math.max(0, long - recent.length)),
    };
  }
}

function header(policy: string, short: number, long: number): string {
  return `Microsoft.Compute/${policy}3Min;${short},Microsoft.Compute/${policy}30Min;${long}`;
}
