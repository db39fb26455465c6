import { type BlobCreated, blobsCreated } from "../../core/event.ts";
import { MANIFEST_FILE } from "../../core/file-name.ts";
import {
  containers,
  type Drop,
  dropOfPath,
  dropPrefix,
  isCommittedByManifest,
  isReportable,
  submissionReportPath,
} from "../../core/naming.ts";
import { isFinal } from "../../core/outcome.ts";
import { parseReport } from "../../core/report.ts";
import { submissionOf } from "../../core/submission.ts";
import type { Packages, Reports } from "../ports.ts";
import { newestInstance, startPublishing } from "../starting.ts";
import { traceArrival } from "../tracing.ts";
import type { Stories } from "../vocabulary.ts";

/** What a blob that arrived led to. */
export type Sighting = "started" | "woken" | "finished before" | "foreign" | "not a submission";

/** What the handler works with. `accountId` is the ARM id of the packages account. */
export interface BlobArrivedPorts {
  readonly packages: Pick<Packages, "list">;
  readonly reports: Pick<Reports, "read">;
  readonly accountId: string;
}

/** The event that wakes a story. */
const WAKE = "blob-arrived";

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
    const start = Date.now();
    const { sighting, story } = await look(ports, stories, blob);
    if (story !== undefined) traceArrival(story, blob.path, sighting, start);
    log(`${blob.container}/${blob.path}: ${sighting}${story === undefined ? "" : ` (story ${story})`}`);
    sightings.push(sighting);
  }
  return sightings;
}

/** What was seen, and the instance of the story that now goes on. */
interface Seen {
  readonly sighting: Sighting;
  readonly story?: string;
}

async function look(ports: BlobArrivedPorts, stories: Stories, blob: BlobCreated): Promise<Seen> {
  const isOurs = blob.account.toLowerCase() === ports.accountId.toLowerCase();
  if (!isOurs || blob.container !== containers.dropBox) return { sighting: "foreign" };
  const found = dropOfPath(blob.path);
  if (!found || !isReportable(found.drop)) return { sighting: "not a submission" };
  const isManifest = found.file === MANIFEST_FILE;
  if (isCommittedByManifest(found.drop) && !isManifest) return { sighting: "not a submission" };
  return startOrWake(ports, stories, found.drop);
}

async function startOrWake(ports: BlobArrivedPorts, stories: Stories, drop: Drop): Promise<Seen> {
  let newest = await newestInstance(stories, drop);
  if (newest.isRunning) {
    await stories.raise(newest.instanceId, WAKE);
    // It may have ended in between, without having heard.
    newest = await newestInstance(stories, drop, newest.generation);
    if (newest.isRunning) return { sighting: "woken", story: newest.instanceId };
  }
  if (await isFinished(ports, drop)) return { sighting: "finished before" };
  await startPublishing(stories, drop, newest);
  return { sighting: "started", story: newest.instanceId };
}

async function isFinished({ packages, reports }: BlobArrivedPorts, drop: Drop): Promise<boolean> {
  const files = isCommittedByManifest(drop) ? [] : await packages.list(dropPrefix(drop));
  const submission = submissionOf(drop, files);
  const report = await reports.read(submissionReportPath({ ...drop, submission }));
  if (!report) return false;
  const { outcome } = parseReport(report.text);
  return isFinal(outcome) && outcome !== "incomplete";
}
