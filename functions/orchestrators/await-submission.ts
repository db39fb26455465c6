import { durationText } from "../../core/duration.ts";
import { type Drop, isCommittedByManifest } from "../../core/naming.ts";
import type { SubmissionReading } from "../../core/submission.ts";
import { now, sleep, type Story, waitForEvent } from "../vocabulary.ts";
import { secondsSince } from "./patience.ts";
import { beginStep, type Ending, type Telling, tellStep, tellWith } from "./telling.ts";

/** The event that says that something was put into a drop. */
export const BLOB_ARRIVED = "blob-arrived";

/** A drop that changes as often as this is given up, before its history grows without end. */
const MOST_LOOKS = 150;

type Reading<State extends SubmissionReading["state"]> = Extract<SubmissionReading, { state: State }>;

/** Looks at a drop until it is complete, refused, or its patience is over. Tells what it is waiting for. */
export function* awaitSubmission(telling: Telling, drop: Drop): Story<Reading<"complete"> | Ending> {
  const begun = yield* now();
  yield* beginStep(telling, "read submission");
  let settled: string | null = null;
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const reading: SubmissionReading = yield* look(telling, drop, settled);
    if (reading.state === "settling") {
      yield* sleep(reading.seconds);
      settled = reading.submission;
      continue;
    }
    if (telling.report.submission !== reading.submission) {
      telling.report = { ...telling.report, submission: reading.submission };
    }
    if (reading.state === "complete") return reading;
    if (reading.state === "refused") return { outcome: "refused", reason: reading.reason };
    const left = reading.patienceSeconds - (yield* secondsSince(begun));
    if (left <= 0) return incomplete(telling, reading);
    if (looks === 0) yield* tellWaiting(telling, drop, reading);
    // Events may get lost, so it looks by itself as well, now and then.
    yield* waitForEvent(BLOB_ARRIVED, Math.min(left, Math.max(300, reading.patienceSeconds / 20)));
  }
  return { outcome: "incomplete", reason: restless(telling) };
}

function* look(telling: Telling, drop: Drop, settled: string | null): Story<SubmissionReading> {
  // The id of a drop by hand changes with every file, so there is nothing to tell before it is complete.
  if (!isCommittedByManifest(drop)) telling.saved = telling.report;
  return yield* tellWith(telling, "readSubmission", { drop, settled });
}

// The id of a drop by hand changes with every file, so a report while it waits would lead nowhere.
function* tellWaiting(telling: Telling, drop: Drop, { missing }: Reading<"missing">): Story<void> {
  if (isCommittedByManifest(drop)) yield* tellStep(telling, `wait for ${missing.join(", ")}`);
}

function incomplete({ report }: Telling, { missing, patienceSeconds }: Reading<"missing">): Ending {
  const reason = {
    code: "incomplete",
    message: `${report.application} ${report.version} is incomplete after ${durationText(patienceSeconds)}: it lacks ${missing.join(" and ")}`,
    nextStep: "Upload what is missing; what arrives later starts again.",
  };
  return { outcome: "incomplete", reason };
}

function restless({ report }: Telling) {
  return {
    code: "incomplete",
    message: `the files of ${report.application} ${report.version} kept changing`,
    nextStep: "Upload them once more and leave them alone until they are published.",
  };
}
