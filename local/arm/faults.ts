import type { ArmError } from "./answer.ts";
import { regionName } from "./regions.ts";

/** Which requests a fault hits: all of them, unless narrowed; `times` is 1 unless said. */
export type RequestMatch = {
  readonly method?: string;
  readonly path?: RegExp;
  readonly times?: number;
};

/** What a fault does: "before" leaves no trace of the request, "after" lets it take effect and hides its answer. */
export type RequestFault =
  | {
      readonly effect: "answer";
      readonly when: "before" | "after";
      readonly status: number;
      readonly error: ArmError;
      readonly retryAfterSeconds?: number;
    }
  | { readonly effect: "reset"; readonly when: "before" | "after" }
  | { readonly effect: "delay"; readonly seconds: number };

/** Copies to `region` that fail, with the reason that the replication status will show. */
export type RegionFailure = {
  readonly region: string;
  readonly details: string;
  /** Part of the version's id; any version unless said. */
  readonly version?: RegExp;
  readonly times?: number;
};

type Armed<T> = { readonly fault: T; remaining: number };

function take<T>(faults: Armed<T>[], hits: (fault: T) => boolean): T | undefined {
  const armed = faults.find((candidate) => candidate.remaining > 0 && hits(candidate.fault));
  if (!armed) return undefined;
  armed.remaining -= 1;
  return armed.fault;
}

/** Failures on demand: each is armed once and used up by what it hits. */
export class ArmFaults {
  #requests: Armed<RequestMatch & RequestFault>[] = [];
  #regions: Armed<RegionFailure>[] = [];
  #operations: Armed<{ readonly error: ArmError; readonly version?: RegExp }>[] = [];

  /** Arms a fault of requests. */
  add(fault: RequestMatch & RequestFault): void {
    this.#requests.push({ fault, remaining: fault.times ?? 1 });
  }

  /** Arms compute's way to say "slow down". */
  throttle(match: RequestMatch, retryAfterSeconds: number): void {
    const message =
      "The server rejected the request because too many requests have been received for this subscription.";
    const error = {
      code: "OperationNotAllowed",
      message,
      details: [{ code: "TooManyRequests", message: "{}" }],
    };
    this.add({ ...match, effect: "answer", when: "before", status: 429, error, retryAfterSeconds });
  }

  /** Arms failing copies to a region. */
  failRegion(failure: RegionFailure): void {
    this.#regions.push({ fault: failure, remaining: failure.times ?? 1 });
  }

  /** Arms an operation that is accepted and then fails, as when a quota is exceeded. */
  failOperation(error: ArmError, match: { readonly version?: RegExp; readonly times?: number } = {}): void {
    this.#operations.push({ fault: { ...match, error }, remaining: match.times ?? 1 });
  }

  /** Disarms all. */
  clear(): void {
    this.#requests = [];
    this.#regions = [];
    this.#operations = [];
  }

  /** Uses up a fault that hits this request now. */
  takeRequestFault(when: "before" | "after", method: string, path: string): RequestFault | undefined {
    return take(
      this.#requests,
      (fault) =>
        (fault.effect === "delay" ? "before" : fault.when) === when &&
        (fault.method === undefined || fault.method.toUpperCase() === method) &&
        (fault.path === undefined || fault.path.test(path)),
    );
  }

  /** Uses up a failure of this version's copy to this region; its reason. */
  takeRegionFailure(region: string, versionId: string): string | undefined {
    const hit = take(
      this.#regions,
      (failure) =>
        regionName(failure.region) === regionName(region) && (failure.version?.test(versionId) ?? true),
    );
    return hit?.details;
  }

  /** Uses up a failure of this version's next operation. */
  takeOperationFailure(versionId: string): ArmError | undefined {
    return take(this.#operations, (failure) => failure.version?.test(versionId) ?? true)?.error;
  }
}
