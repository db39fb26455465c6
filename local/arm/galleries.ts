import type { ArmAnswer } from "./answer.ts";
import { conflict, invalidParameter, listAnswer } from "./answer.ts";
import { identityApiVersion } from "./api-versions.ts";
import type { ArmCall, ArmContext } from "./context.ts";
import { operationHeaders } from "./context.ts";
import type { GalleryBody } from "./gallery-body.ts";
import { parseGalleryBody } from "./gallery-body.ts";
import { identityAfter } from "./gallery-identity.ts";
import { resourceNotFound } from "./not-found.ts";
import type { GalleryRecord } from "./records.ts";
import { regionName, regionNamed } from "./regions.ts";
import { deleteGallery } from "./removal.ts";
import { isWithin, nameOf, subscriptionOf } from "./resource-id.ts";

const galleryName = /^[^_\W][\w\-._]{0,79}(?<![-.])$/;

/** GET, PUT, PATCH and DELETE of one gallery. */
export function answerGallery(context: ArmContext, call: ArmCall): ArmAnswer {
  if (call.method === "DELETE") return deleteGallery(context, call);
  const gallery = context.state.galleries.get(call.target.id);
  if (call.method === "GET") {
    if (!gallery) return resourceNotFound(call.target);
    return { status: 200, body: renderGallery(context, gallery, call.apiVersion, "read") };
  }
  if (call.method === "PATCH" && !gallery) return resourceNotFound(call.target);
  return writeGallery(context, call, gallery);
}

/** GET of the galleries of a subscription or resource group. */
export function listGalleries(context: ArmContext, call: ArmCall): ArmAnswer {
  const scope = call.target.id.slice(0, call.target.id.indexOf("/providers/"));
  const galleries = context.state.galleries.values().filter((gallery) => isWithin(scope, gallery.id));
  return listAnswer(galleries.map((gallery) => renderGallery(context, gallery, call.apiVersion, "read")));
}

function writeGallery(context: ArmContext, call: ArmCall, before: GalleryRecord | undefined): ArmAnswer {
  const parsed = parseGalleryBody(call.body, call.apiVersion);
  if ("refusal" in parsed) return parsed.refusal;
  const { sent } = parsed;
  const refusal = valueRefusal(context, call, sent, before);
  if (refusal) return refusal;
  const { method, caller } = call;
  // Assumed: a write without an identity leaves the one that is there, as Resource Manager's contract has it.
  const after = sent.identity
    ? identityAfter(context, caller, { method, sent: sent.identity, before: before?.identity })
    : { identity: before?.identity };
  if ("refusal" in after) return after.refusal;
  const now = context.clock.now();
  const gallery: GalleryRecord = {
    id: before?.id ?? call.target.id,
    location: before?.location ?? regionName(sent.location ?? ""),
    tags: sent.tags ?? (method === "PATCH" ? before?.tags : undefined) ?? {},
    properties: { ...(method === "PATCH" && before?.properties), ...writableProperties(sent) },
    identity: after.identity,
    change: before ? "Updating" : "Creating",
    readyAt: now + context.settings.galleryWriteSeconds * 1000,
  };
  context.state.galleries.set(gallery.id, gallery);
  const operation = context.operations.begin({
    subscription: call.target.subscription,
    location: gallery.location,
    apiVersion: call.apiVersion,
    startedAt: now,
    endsAt: gallery.readyAt,
  });
  const body = renderGallery(context, gallery, call.apiVersion, "written");
  return { status: before ? 200 : 201, headers: operationHeaders(context, operation), body };
}

function valueRefusal(
  context: ArmContext,
  call: ArmCall,
  sent: GalleryBody,
  before: GalleryRecord | undefined,
): ArmAnswer | undefined {
  if (!galleryName.test(call.target.name)) {
    return invalidParameter(`The gallery name '${call.target.name}' is invalid.`, "gallery.name");
  }
  if (call.method === "PATCH") return undefined;
  const location = regionNamed(sent.location ?? "", context.settings.regions);
  if (!location) return invalidParameter(`The location '${sent.location ?? ""}' is not valid.`, "location");
  if (!before || regionName(before.location) === location.name) return undefined;
  const message = `The resource '${call.target.name}' already exists in location '${before.location}'.`;
  return conflict("InvalidResourceLocation", message);
}

function writableProperties(sent: GalleryBody): Record<string, unknown> {
  const { description, sharingProfile, softDeletePolicy } = sent.properties ?? {};
  return {
    ...(description != null && { description }),
    ...(sharingProfile != null && { sharingProfile }),
    ...(softDeletePolicy != null && { softDeletePolicy }),
  };
}

/** A gallery in JSON; "written" answers a write, before the identities' principals are known. */
function renderGallery(
  context: ArmContext,
  gallery: GalleryRecord,
  apiVersion: string,
  moment: "read" | "written",
): unknown {
  const isReady = context.clock.now() >= gallery.readyAt && moment === "read";
  const uniqueName = `${subscriptionOf(gallery.id)}-${nameOf(gallery.id).toUpperCase()}`;
  return {
    name: nameOf(gallery.id),
    id: gallery.id,
    type: "Microsoft.Compute/galleries",
    location: gallery.location,
    tags: gallery.tags,
    ...(gallery.identity &&
      apiVersion >= identityApiVersion && { identity: renderIdentity(context, gallery, isReady) }),
    properties: {
      ...gallery.properties,
      identifier: { uniqueName },
      provisioningState: isReady ? "Succeeded" : gallery.change,
    },
  };
}

function renderIdentity(context: ArmContext, gallery: GalleryRecord, isReady: boolean): unknown {
  const { type, systemPrincipalId, userAssigned = [] } = gallery.identity ?? {};
  const users = userAssigned.map((id): readonly [string, object] => {
    const identity = context.state.identities.get(id);
    const ids = identity && { principalId: identity.principalId, clientId: identity.clientId };
    return [id, isReady ? (ids ?? {}) : {}];
  });
  return {
    ...(isReady &&
      systemPrincipalId !== undefined && { principalId: systemPrincipalId, tenantId: context.tenantId }),
    type,
    ...(users.length > 0 && { userAssignedIdentities: Object.fromEntries(users) }),
  };
}
