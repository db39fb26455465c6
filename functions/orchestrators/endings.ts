import { durationText } from "../../core/duration.ts";
import type { UnfinishedOperation } from "../../core/application-gate.ts";
import type { Release } from "../../core/naming.ts";
import { Problem, type Reason, reasonOf } from "../../core/problem.ts";
import { type Report, secondsBetween } from "../../core/report.ts";
import type { ReplicationEnd } from "./follow-replication.ts";
import type { Story } from "../vocabulary.ts";
import { unexpected } from "./patience.ts";
import type { Ending } from "./telling.ts";

/** The ending of a submission that cannot be published as it is. */
export function refused(reason: Reason): Ending {
  return { outcome: "refused", reason };
}

/** The ending of a publication that Azure, or the pipeline, did not bring about. */
export function failed(reason: Reason): Ending {
  return { outcome: "failed", reason };
}

/** A story's ending, also when it throws. */
export function* caught(story: Story<Ending>): Story<Ending> {
  try {
    return yield* story;
  } catch (error) {
    return failed(error instanceof Problem ? reasonOf(error) : unexpected(error));
  }
}

/** Why an operation did not get its turn at a version. */
export function occupied({ application, version }: Release, { work }: UnfinishedOperation): Reason {
  return {
    code: "version-occupied",
    message: `another operation on ${application} ${version} (${work}) did not end in time`,
    nextStep: "Look at the version's reports; submit the release again when that operation has ended.",
  };
}

/** What a publication has come to whose replication ended so, going by the regions that were told of. */
export function endingOf(report: Report, end: ReplicationEnd): Ending {
  switch (end) {
    case "replicated":
      return { outcome: "published", reason: null };
    case "timed-out":
      return { outcome: "timed-out", reason: timedOut(report) };
    case "vanished":
      return failed(vanished(report));
    case "failed":
      return partly(report, failedRegions(report));
  }
}

/** `partly-published` when some region has the version, `failed` when none has. */
export function partly(report: Report, reason: Reason): Ending {
  const some = report.regions.some((region) => region.state === "Completed");
  return { outcome: some ? "partly-published" : "failed", reason };
}

function failedRegions({ application, version, regions }: Report): Reason {
  const open = regions.filter((region) => region.state !== "Completed");
  const told = open.map(({ name, details }) => `${name}${details ? ` (${details})` : ""}`);
  return {
    code: "regions-failed",
    message: `${application} ${version} did not reach ${open.length} of ${regions.length} regions: ${told.join(", ")}`,
    nextStep:
      "Submit the same release again: what it lacks is tried anew. If a region keeps failing, leave it out of targetRegions and ask Azure's support.",
  };
}

function timedOut({ application, version, regions, startedAt, updatedAt }: Report): Reason {
  const open = regions.filter((region) => region.state !== "Completed").map((region) => region.name);
  const time = durationText(secondsBetween(startedAt, updatedAt));
  return {
    code: "timed-out",
    message: `${application} ${version} was not in every region after ${time}; still open: ${open.join(", ")}`,
    nextStep:
      "Submit the same release again to go on with it, and raise timeoutMinutes in the application's profile if that is its usual time.",
  };
}

function vanished({ application, version }: Report): Reason {
  return {
    code: "version-vanished",
    message: `${application} ${version} disappeared from the gallery while it was replicated; somebody deleted it`,
    nextStep: "Submit the same release again if that was a mistake.",
  };
}
