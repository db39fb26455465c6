import { isApplicationName } from "../../core/application.ts";
import { type BlobCreated, blobsCreated } from "../../core/event.ts";
import { MANIFEST_FILE } from "../../core/file-name.ts";
import {
  containers,
  type Drop,
  dropOfPath,
  dropPrefix,
  isCommittedByManifest,
  isPlainSegment,
  storyInstanceId,
  submissionReportPath,
} from "../../core/naming.ts";
import { isFinal } from "../../core/outcome.ts";
import { parseReport } from "../../core/report.ts";
import { submissionOf } from "../../core/submission.ts";
import type { Packages, Reports } from "../ports.ts";
import type { Stories } from "../vocabulary.ts";

/** What a blob that arrived led to. */
export type Sighting = "started" | "woken" | "finished before" | "foreign" | "not a submission";

/** What the handler works with. `accountId` is the ARM id of the packages account. */
export interface BlobArrivedPorts {
  readonly packages: Pick<Packages, "list">;
  readonly reports: Pick<Reports, "read">;
  readonly accountId: string;
}

/** The story that is told of each drop, and the event that wakes it. */
export const STORY = "publishRelease";
const WAKE = "blob-arrived";

/** More generations than anyone starts by hand; a bound for a loop over what storage says. */
const MOST_GENERATIONS = 1000;

/**
 * Starts or wakes the story of each drop that a delivery of Event Grid's tells of. Whatever is not ours gives nothing;
 * faults of our own are thrown, so that the delivery comes again. Safe for any repetition and order.
 */
export async function blobArrived(
  ports: BlobArrivedPorts,
  stories: Stories,
  delivery: unknown,
  log: (line: string) => void,
): Promise<Sighting[]> {
  const blobs = blobsCreated(delivery);
  if (blobs.length === 0) log("a delivery told of no blob that was created");
  const sightings: Sighting[] = [];
  for (const blob of blobs) {
    const sighting = await look(ports, stories, blob);
    log(`${blob.container}/${blob.path}: ${sighting}`);
    sightings.push(sighting);
  }
  return sightings;
}

async function look(ports: BlobArrivedPorts, stories: Stories, blob: BlobCreated): Promise<Sighting> {
  const isOurs = blob.account.toLowerCase() === ports.accountId.toLowerCase();
  if (!isOurs || blob.container !== containers.dropBox) return "foreign";
  const found = dropOfPath(blob.path);
  if (!found || !canBeReportedOn(found.drop)) return "not a submission";
  if (isCommittedByManifest(found.drop) && found.file !== MANIFEST_FILE) return "not a submission";
  return startOrWake(ports, stories, found.drop);
}

// A version that Azure would not take is refused by the story, in a report. Names that could leave their folder are not.
function canBeReportedOn({ application, version, folder }: Drop): boolean {
  return (
    isApplicationName(application) && isPlainSegment(version) && (folder === "" || isPlainSegment(folder))
  );
}

async function startOrWake(ports: BlobArrivedPorts, stories: Stories, drop: Drop): Promise<Sighting> {
  let isNews: boolean | undefined;
  for (let generation = 0; generation < MOST_GENERATIONS; generation++) {
    const instanceId = storyInstanceId(drop, generation);
    let status = await stories.status(instanceId);
    if (status === "running") {
      await stories.raise(instanceId, WAKE);
      // It may have ended in between, without having heard.
      status = await stories.status(instanceId);
      if (status === "running") return "woken";
    }
    isNews ??= !(await isFinished(ports, drop));
    if (!isNews) return "finished before";
    if (status === "absent") {
      await stories.start(instanceId, STORY, { drop, generation });
      return "started";
    }
  }
  throw new Error(`${dropPrefix(drop)} had ${MOST_GENERATIONS} stories already`);
}

async function isFinished({ packages, reports }: BlobArrivedPorts, drop: Drop): Promise<boolean> {
  const files = isCommittedByManifest(drop) ? [] : await packages.list(dropPrefix(drop));
  const submission = submissionOf(drop, files);
  const report = await reports.read(submissionReportPath({ ...drop, submission }));
  if (!report) return false;
  const { outcome } = parseReport(report.text);
  return isFinal(outcome) && outcome !== "incomplete";
}
