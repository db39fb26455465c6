import { durationText } from "../core/duration.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./console.ts";

const LINE_EVERY_PERCENT = 10;
const LINE_EVERY_MS = 5000;

/** Tells the log how far an upload is: every 10 %, but at most every 5 seconds when it is quick to tell and slow to go. */
export function createProgress(
  name: string,
  size: number,
  clock: Clock,
  log: Log,
): { readonly sent: (bytes: number) => void; readonly done: () => void } {
  const startedAt = clock.now();
  let sentBytes = 0;
  let told = { percent: 0, at: startedAt };
  return {
    sent: (bytes) => {
      sentBytes += bytes;
      const percent = Math.floor((sentBytes / size) * 100);
      const now = clock.now();
      const isDue = percent - told.percent >= LINE_EVERY_PERCENT || now - told.at >= LINE_EVERY_MS;
      if (!isDue || sentBytes >= size) return;
      told = { percent, at: now };
      log.info(
        `uploading ${name}: ${percent} % of ${sizeText(size)}, ${rateText(sentBytes, now - startedAt)}`,
      );
    },
    done: () => {
      const took = clock.now() - startedAt;
      log.info(
        `uploaded ${name}: ${sizeText(size)} in ${durationText(took / 1000)}, ${rateText(size, took)}`,
      );
    },
  };
}

/** Bytes as a person says them: `812 bytes`, `3.4 MiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  const units = ["KiB", "MiB", "GiB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[unit] ?? ""}`;
}

function rateText(bytes: number, milliseconds: number): string {
  return `${sizeText(Math.round((bytes * 1000) / Math.max(1, milliseconds)))}/s`;
}
