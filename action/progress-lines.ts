import { durationText } from "../core/duration.ts";
import type { Report, ReportRegion } from "../core/report.ts";

const BOARD_STEP_PERCENT = 20;

/** What a report tells that the one before it did not: each step as it begins or ends, each region as it finishes. */
export function progressLines(before: Report | undefined, after: Report): string[] {
  return [...stepLines(before, after), ...regionLines(before, after), ...noteLines(before, after)];
}

function stepLines(before: Report | undefined, after: Report): string[] {
  return after.steps.flatMap((step, index) => {
    const known = before?.steps[index];
    const begins = known ? [] : [`step ${index + 1}: ${step.name}`];
    const isNews = step.seconds !== null && (known === undefined || known.seconds === null);
    return isNews && step.seconds !== null
      ? [...begins, `step ${index + 1}: ${step.name}: done in ${durationText(step.seconds)}`]
      : begins;
  });
}

function regionLines(before: Report | undefined, after: Report): string[] {
  const finished = after.regions.filter(isFinished).length;
  const news = after.regions.filter((region) => {
    const known = before?.regions.find(({ name }) => name === region.name);
    return isFinished(region) && known?.state !== region.state;
  });
  return news.map((region, index) => {
    const count = `${finished - news.length + index + 1} of ${after.regions.length}`;
    const time = region.seconds === null ? "" : ` after ${durationText(region.seconds)}`;
    const detail = region.details ? `: ${region.details}` : "";
    return `region ${region.name}: ${region.state}${time} (${count})${detail}`;
  });
}

function noteLines(before: Report | undefined, after: Report): string[] {
  return after.notes.filter((note) => !before?.notes.includes(note)).map((note) => `note: ${note}`);
}

/**
 * The board: every region with its state, once one of them has moved by a good step since the board was last shown, or
 * nothing. Regions that finish have lines of their own.
 */
export function boardLine(shown: Report | undefined, now: Report): string | undefined {
  const moved = now.regions.some((region) => {
    const before = shown?.regions.find(({ name }) => name === region.name);
    return !isFinished(region) && region.progress - (before?.progress ?? 0) >= BOARD_STEP_PERCENT;
  });
  if (!moved) return undefined;
  return `regions: ${now.regions.map((region) => `${region.name} ${isFinished(region) ? region.state : `${region.progress} %`}`).join(", ")}`;
}

/** How the regions stand that are still on their way, for a long wait. */
export function waitingLine(report: Report): string | undefined {
  const waiting = report.regions.filter((region) => !isFinished(region));
  if (waiting.length === 0) return undefined;
  return `waiting for ${waiting.map(({ name, progress }) => `${name} (${progress} %)`).join(", ")}`;
}

function isFinished({ state }: ReportRegion): boolean {
  return state === "Completed" || state === "Failed";
}
