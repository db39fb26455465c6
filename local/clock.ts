/** Time as the local Azure sees it. Milliseconds since the Unix epoch; `speed` 20 means 20 simulated seconds a real one. */
export interface Clock {
  readonly speed: number;
  now(): number;
  /** Resolves after `milliseconds` of this clock; rejects with the signal's reason when aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** A clock that runs `speed` times as fast as the machine's, counted from `epoch`, so that two processes can share one. */
export function scaledClock(speed: number, epoch: number = Date.now()): Clock & { readonly epoch: number } {
  return {
    speed,
    epoch,
    now: () => epoch + (Date.now() - epoch) * speed,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const timer = setTimeout(finish, milliseconds / speed);
        signal?.addEventListener("abort", abandon, { once: true });
        function finish(): void {
          signal?.removeEventListener("abort", abandon);
          resolve();
        }
        function abandon(): void {
          clearTimeout(timer);
          reject(signal?.reason instanceof Error ? signal.reason : new Error("sleep aborted"));
        }
      }),
  };
}
