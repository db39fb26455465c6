import { isOperationId } from "../../core/operation-id.ts";
import { isFinal } from "../../core/outcome.ts";
import { isCommittedByManifest, submissionReportPath } from "../../core/naming.ts";
import { regionKey } from "../../core/region.ts";
import { parseReport } from "../../core/report.ts";
import { isFinished } from "../../local/functions-host/durable/instance.ts";
import type { Observation } from "./observations.ts";
import { digestsOf, GUARDED } from "./scenario.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

/** A sentence that must hold in every run, and how it is judged. What is judged wrong is told in words. */
export interface Invariant {
  readonly id: string;
  readonly sentence: string;
  readonly onObservation?: (seen: Observation, world: SimulatedWorld) => string | undefined;
  readonly atEnd?: (world: SimulatedWorld) => readonly string[];
}

const MINUTE = 60_000;
/** An event has three minutes, a drop by hand settles for two, and what a machine left behind comes to another one in five. */
const BEGINNING = 12 * MINUTE;
const MOST_HISTORY = 1000;
const STUCK_SECONDS = 1800;
const MOST_STATE = 16 * 1024;

/** Every invariant that the pipeline is held to. */
export const invariants: readonly Invariant[] = [
  {
    id: "S1",
    sentence: "Access is never taken away while a version is replicating.",
    onObservation: (seen) =>
      seen.kind === "revoked" && seen.replicating.length > 0
        ? `revoked by ${seen.by?.label ?? "somebody"} while ${seen.replicating.join()} replicates`
        : undefined,
  },
  {
    id: "S2",
    sentence: "No version is written before its story was told that it has access.",
    onObservation: (seen, world) =>
      seen.kind === "version-written" && seen.by && !world.hadAccess(seen.by)
        ? `${seen.by.label} wrote ${seen.id}`
        : undefined,
  },
  {
    id: "S3",
    sentence: "There is at most one assignment of ours, and it is the gallery's identity's.",
    onObservation: (seen, world) =>
      seen.kind === "granted" && !world.identities.has(seen.principalId)
        ? `granted to ${seen.principalId}, which the gallery never had`
        : undefined,
  },
  {
    id: "H1",
    sentence: "A sweep drops no holder whose story is alive and was heard of within half an hour.",
    onObservation: (seen, world) => {
      if (seen.kind !== "swept") return undefined;
      const living = seen.dropped.filter(
        (holder) => world.holds(holder) && seen.at - holder.beat < STUCK_SECONDS,
      );
      return living.length > 0 ? `dropped ${JSON.stringify(living)}` : undefined;
    },
  },
  {
    id: "S4",
    sentence: "Only the lease grants and revokes.",
    onObservation: (seen) =>
      (seen.kind === "granted" || seen.kind === "revoked") && seen.by?.kind !== "batch"
        ? `${seen.kind} by ${seen.by?.label ?? "somebody"}`
        : undefined,
  },
  {
    id: "S5",
    sentence: "Of a version, at most one content ever reaches Azure.",
    onObservation: (seen, world) => {
      if (seen.kind !== "version-written") return undefined;
      const content = JSON.stringify([seen.sha256, seen.install, seen.remove]);
      const first = world.contents.get(seen.id) ?? content;
      world.contents.set(seen.id, first);
      return first === content ? undefined : `${seen.id} had ${first}, then ${content}`;
    },
  },
  {
    id: "S6",
    sentence: "The bytes that the gallery reads are those of a submission of that version.",
    onObservation: (seen, world) =>
      seen.kind === "version-written" &&
      !world.submissionsOf(seen).some((submission) => digestsOf(submission).includes(seen.sha256))
        ? `${seen.id} with ${seen.sha256}`
        : undefined,
  },
  {
    id: "S7",
    sentence: "The commands in the gallery are those submitted with these bytes.",
    onObservation: (seen, world) =>
      seen.kind === "version-written" &&
      !world
        .submissionsOf(seen)
        .some(
          (submission) =>
            digestsOf(submission).includes(seen.sha256) &&
            submission.install === seen.install &&
            submission.remove === seen.remove,
        )
        ? `${seen.id} with ${seen.install}`
        : undefined,
  },
  {
    id: "S8",
    sentence: "No write sends fewer regions than Azure has.",
    onObservation: (seen) => {
      if (seen.kind !== "version-written") return undefined;
      const sent = new Set(seen.targetRegions.map((region) => regionKey(region.name)));
      const lost = seen.regionsBefore.filter((name) => !sent.has(name));
      return lost.length > 0 ? `${seen.id} loses ${lost.join()}` : undefined;
    },
  },
  {
    id: "S9",
    sentence: "A version gets into latest only when every region has it.",
    onObservation: (seen) =>
      seen.kind === "version-written" && seen.entersLatest && seen.unfinished.length > 0
        ? `${seen.id} lacks ${seen.unfinished.join()}`
        : undefined,
  },
  {
    id: "S10",
    sentence:
      "Nothing is written before its report names the profile, and the submitter where only the proven may pass.",
    onObservation: (seen, world) => {
      if (seen.kind === "report-written" && isOfSubmission(seen.path)) {
        const { application, profileSha256, submitted } = parseReport(seen.text);
        const isPassed = profileSha256 !== undefined && (application !== GUARDED || submitted !== undefined);
        if (isPassed) world.passed.add(seen.path);
      }
      const drop = seen.kind === "version-written" ? world.app.dropOf(seen.by) : undefined;
      if (!drop || (!isCommittedByManifest(drop) && drop.application !== GUARDED)) return undefined;
      const path = submissionReportPath({ ...drop, submission: drop.folder });
      return world.passed.has(path) ? undefined : `${path} was written without having passed`;
    },
  },
  {
    id: "W1",
    sentence: "A version that was withdrawn stays out of latest, unless somebody promotes it.",
    onObservation: (seen, world) => {
      if (seen.kind === "report-written" && isWithdrawal(seen.path)) {
        const { application, version, versionId, outcome } = parseReport(seen.text);
        const isDone = outcome === "published" && !world.isPromoted(application, version);
        if (isDone && versionId !== null) world.withdrawn.add(versionId);
      }
      if (seen.kind !== "version-written" || !seen.entersLatest) return undefined;
      return world.withdrawn.has(seen.id) ? `${seen.by?.label ?? "somebody"} wrote ${seen.id}` : undefined;
    },
  },
  {
    id: "G1",
    sentence: "Of an application, at most one write of a version is on its way.",
    onObservation: (seen, world) => {
      if (seen.kind !== "version-write-sent") return undefined;
      const other = world.watcher.otherWriteOf(seen.application, seen.by);
      return other ? `${seen.by?.label ?? "somebody"} writes while ${other.label} does` : undefined;
    },
  },
  {
    id: "D1",
    sentence: "A replay of any prefix of a history asks for the same again.",
    atEnd: (world) => [
      ...world.app.driftedReplays,
      ...[...world.host.hub.instances.values()]
        .filter(({ runtimeStatus }) => runtimeStatus === "Failed")
        .map(({ instanceId, output }) => `${instanceId.slice(0, 6)} failed: ${output}`),
    ],
  },
  {
    id: "L1",
    sentence: "Our access is gone in the end.",
    atEnd: (world) =>
      [...world.access.assignments]
        .filter(([, { owner }]) => owner === "pipeline")
        .map(([principalId]) => `${principalId} still has the role`),
  },
  {
    id: "L2",
    sentence: "Every submission and operation gets a final result, a submission one that stays.",
    onObservation: (seen, world) => {
      if (seen.kind !== "report-written" || !isOfSubmission(seen.path)) return undefined;
      const { outcome, submission } = parseReport(seen.text);
      // The same operation on a version may be asked for again.
      if (isOperationId(submission)) return undefined;
      const before = world.results.get(seen.path);
      if (isFinal(outcome)) world.results.set(seen.path, outcome);
      return before !== undefined && before !== outcome && before !== "incomplete"
        ? `${seen.path} was ${before}, then ${outcome}, by ${seen.by?.label ?? "somebody"}`
        : undefined;
    },
    atEnd: (world) => world.withoutResult().map((path) => `${path} has no final report`),
  },
  {
    id: "L3",
    sentence:
      "Once nothing goes wrong, a submission is begun within the reconciler's interval, event or not.",
    onObservation: (seen, world) => {
      if (seen.kind === "report-written" && !world.firstTold.has(seen.path))
        world.firstTold.set(seen.path, world.elapsed());
      return undefined;
    },
    atEnd: (world) =>
      world.scenario.submissions.flatMap((submission) => {
        const path = world.reportPathOf(submission);
        const from = Math.max(submission.at, submission.overwrittenAt ?? 0, world.scenario.peaceFrom);
        const late =
          (world.firstTold.get(path) ?? Infinity) - from - world.scenario.reconcileMinutes * MINUTE;
        return late > BEGINNING ? [`${path} was begun ${Math.round(late / MINUTE)} minutes late`] : [];
      }),
  },
  {
    id: "L4",
    sentence: "Histories stay below 1,000 events, an entity's state below 16 KB.",
    atEnd: (world) => [
      ...[...world.host.hub.instances.values()]
        .filter(({ history }) => history.length > MOST_HISTORY)
        .map(({ instanceId, history }) => `${instanceId.slice(0, 6)} has ${history.length} events`),
      ...[...world.host.hub.entities.values()]
        .filter(({ state }) => (state?.length ?? 0) > MOST_STATE)
        .map(({ name, state }) => `${name} has ${state?.length} bytes`),
    ],
  },
  {
    id: "END",
    sentence: "Every story ends.",
    atEnd: (world) =>
      [...world.host.hub.instances.values()]
        .filter((instance) => !isFinished(instance))
        .map(({ instanceId, history }) => `${instanceId.slice(0, 6)} still runs (${history.length} events)`),
  },
];

function isOfSubmission(path: string): boolean {
  return !path.endsWith("/release.json") && !path.startsWith("_");
}

function isWithdrawal(path: string): boolean {
  return isOfSubmission(path) && path.includes("/withdraw-");
}
