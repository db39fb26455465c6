import type { ArmAnswer, Refused } from "./answer.ts";
import type { ArmCall, ArmContext } from "./context.ts";
import { operationHeaders } from "./context.ts";
import type { ArmOperation } from "./operations.ts";
import type { ReadPackage } from "./package-source.ts";
import { readSource } from "./package-source.ts";
import type { RegionCopy, VersionRecord } from "./records.ts";
import { regionName } from "./regions.ts";
import { failPending, lastEnd, planCopies, replicationError } from "./replication.ts";
import { parentId, subscriptionOf } from "./resource-id.ts";
import { announceEnd } from "./version-announcement.ts";
import { conflictRefusal } from "./version-conflicts.ts";
import type { VersionDraft } from "./version-draft.ts";
import { draftVersion } from "./version-draft.ts";
import { renderVersion } from "./version-form.ts";
import { isCompleted } from "./version-life.ts";

/** PUT and PATCH of a version: check, let the gallery read the package, accept, replicate. */
export async function writeVersion(context: ArmContext, call: ArmCall): Promise<ArmAnswer> {
  const early = conflictRefusal(context, call.target.id, "Put") ?? refusalOf(draftVersion(context, call));
  if (early) return early;
  const read = await readForWrite(context, call);
  if ("refusal" in read) return read.refusal;
  // Reading takes time, in which another write may have been accepted: only now is the decision final.
  const refusal = conflictRefusal(context, call.target.id, "Put");
  if (refusal) return refusal;
  const drafted = draftVersion(context, call);
  return "refusal" in drafted ? drafted.refusal : accept(context, call, drafted.draft, read);
}

function refusalOf(result: Refused | { readonly draft: VersionDraft }): ArmAnswer | undefined {
  return "refusal" in result ? result.refusal : undefined;
}

async function readForWrite(context: ArmContext, call: ArmCall): Promise<Refused | ReadPackage> {
  const drafted = draftVersion(context, call);
  if ("refusal" in drafted) return drafted;
  const { draft } = drafted;
  const gallery = context.state.galleries.get(parentId(parentId(call.target.id)));
  if (!gallery) throw new Error(`the gallery of ${call.target.id} has gone`);
  if (draft.before && canReuse(context, draft.before)) return keptPackage(draft.before);
  return readSource(context, gallery, draft.links);
}

/** With home-region reuse, a package that the home region has is copied from there. */
function canReuse(context: ArmContext, version: VersionRecord): boolean {
  const home = version.copies.find((copy) => regionName(copy.displayName) === regionName(version.location));
  return context.settings.homeRegionReuse && home !== undefined && isCompleted(home, context.clock.now());
}

function keptPackage(version: VersionRecord): ReadPackage {
  return { digest: version.publishedDigest, bytes: version.packageBytes, isReused: true };
}

function accept(context: ArmContext, call: ArmCall, draft: VersionDraft, read: ReadPackage): ArmAnswer {
  const now = context.clock.now();
  const { before } = draft;
  const copies = plannedCopies(context, call, draft, read);
  const forced = context.faults.takeOperationFailure(call.target.id);
  // Assumed: why an operation failed stands in the operation alone.
  const failing = forced ? copies.map((copy) => spoiled(copy, now, "")) : copies;
  const endsAt = lastEnd(copies, before ? now + context.settings.versionUpdateSeconds * 1000 : now);
  const error = forced ?? replicationError({ copies: failing });
  const operation = begin(context, call, { location: draft.location, startedAt: now, endsAt, error });
  const version: VersionRecord = {
    id: before?.id ?? call.target.id,
    location: draft.location,
    tags: draft.tags,
    profile: draft.profile,
    allowDeletionOfReplicatedLocations: draft.allowDeletionOfReplicatedLocations,
    copies: failing,
    change: { kind: before ? "Updating" : "Creating", operationId: operation.id, endsAt, error },
    publishedDigest: read.digest,
    packageBytes: read.bytes,
  };
  context.state.setVersion(version);
  const isReread = context.settings.rereadAtReplication && !read.isReused;
  if (isReread && copies.some((copy) => copy.startsAt > now)) {
    context.inBackground(readAgain(context, version, draft.links));
  }
  context.inBackground(announceEnd(context, version.id, operation.id));
  const body = renderVersion(version, now, { apiVersion: call.apiVersion });
  return { status: before ? 200 : 201, headers: operationHeaders(context, operation), body };
}

function plannedCopies(
  context: ArmContext,
  call: ArmCall,
  draft: VersionDraft,
  read: ReadPackage,
): readonly RegionCopy[] {
  const { settings, faults, clock } = context;
  const now = clock.now();
  return planCopies({
    displayNames: draft.profile.targetRegions.map((region) => region.name),
    before: draft.before?.copies ?? [],
    acceptedAt: now,
    startsAt: now + settings.replicationStartSeconds * 1000,
    digest: read.digest,
    secondsFor: (region) => settings.replicationSeconds(region, read.bytes, call.target.name),
    failureIn: (region) => faults.takeRegionFailure(region, call.target.id),
  });
}

function spoiled(copy: RegionCopy, now: number, failure: string): RegionCopy {
  return isCompleted(copy, now) ? copy : { ...copy, failure };
}

function begin(
  context: ArmContext,
  call: ArmCall,
  change: Pick<ArmOperation, "startedAt" | "endsAt" | "error"> & { readonly location: string },
): ArmOperation {
  const subscription = subscriptionOf(call.target.id);
  return context.operations.begin({ ...change, subscription, apiVersion: call.apiVersion });
}

/** When the copies start, the blob is read once more; access that was taken away meanwhile makes them fail. */
async function readAgain(
  context: ArmContext,
  version: VersionRecord,
  links: VersionDraft["links"],
): Promise<void> {
  await context.clock.sleep(context.settings.replicationStartSeconds * 1000, context.stopping);
  const gallery = context.state.galleries.get(parentId(parentId(version.id)));
  const read = gallery && (await readSource(context, gallery, links));
  const current = context.state.version(version.id);
  if (!read || current?.change.operationId !== version.change.operationId) return;
  if (!("refusal" in read)) {
    replaceDigest(context, current, read);
    return;
  }
  const now = context.clock.now();
  const copies = failPending(current.copies, now, refusalText(read.refusal));
  const error = replicationError({ copies });
  const endsAt = lastEnd(copies, now);
  context.state.setVersion({ ...current, copies, change: { ...current.change, endsAt, error } });
  context.operations.change(current.change.operationId, { endsAt, error });
}

/** What was read last is what the regions get: a blob that changed under its name shows here. */
function replaceDigest(context: ArmContext, version: VersionRecord, read: ReadPackage): void {
  const now = context.clock.now();
  const copies = version.copies.map((copy) => (now < copy.endsAt ? { ...copy, digest: read.digest } : copy));
  context.state.setVersion({ ...version, copies, publishedDigest: read.digest, packageBytes: read.bytes });
}

function refusalText(refusal: ArmAnswer): string {
  const { body } = refusal;
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  const isTold = typeof error === "object" && error !== null && "message" in error;
  return isTold && typeof error.message === "string" ? error.message : "The package could not be read.";
}
