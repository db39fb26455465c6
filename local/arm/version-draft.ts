import type { ArmAnswer, Refused } from "./answer.ts";
import { conflict, invalidParameter } from "./answer.ts";
import { publishedDate } from "./azure-time.ts";
import type { ArmCall, ArmContext } from "./context.ts";
import { resourceNotFound } from "./not-found.ts";
import type { PublishingProfile } from "./publishing-profile.ts";
import { mergedProfile } from "./publishing-profile.ts";
import type { VersionRecord } from "./records.ts";
import { regionName, regionNamed } from "./regions.ts";
import { idKey } from "./resource-id.ts";
import type { SentProfile, VersionBody } from "./version-body.ts";
import { parseVersionBody } from "./version-body.ts";
import {
  changeRefusal,
  missingRefusal,
  nameRefusal,
  regionsRefusal,
  removalRefusal,
} from "./version-rules.ts";

/** What a write would make of a version, if the gallery can read the package. */
export type VersionDraft = {
  readonly before: VersionRecord | undefined;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly profile: PublishingProfile;
  readonly allowDeletionOfReplicatedLocations: boolean | undefined;
  /** The links to read, with the SAS that may have been sent. */
  readonly links: { readonly mediaLink: string; readonly defaultConfigurationLink?: string | undefined };
};

/** Checks a PUT or PATCH against all rules that need no look at the blob. */
export function draftVersion(context: ArmContext, call: ArmCall): Refused | { readonly draft: VersionDraft } {
  const before = context.state.version(call.target.id);
  if (call.method === "PATCH" && !before) return { refusal: resourceNotFound(call.target) };
  const parsed = parseVersionBody(call.body, call.apiVersion);
  if ("refusal" in parsed) return parsed;
  const { sent } = parsed;
  const refusal =
    nameRefusal(call.target.name, sent) ??
    locationRefusal(context, call, sent, before) ??
    (before ? undefined : missingRefusal(sent.properties?.publishingProfile));
  if (refusal) return { refusal };
  const draft = draftFrom(context, call, sent, before);
  const refused = profileRefusal(context, call, sent, draft);
  return refused ? { refusal: refused } : { draft };
}

function draftFrom(
  context: ArmContext,
  call: ArmCall,
  sent: VersionBody,
  before: VersionRecord | undefined,
): VersionDraft {
  const { regions } = context.settings;
  const location = regionName(before?.location ?? sent.location ?? "");
  const region = regionNamed(location, regions) ?? { name: location, displayName: location };
  const sentProfile = sent.properties?.publishingProfile ?? {};
  const profile = mergedProfile(
    before ? sentProfile : { ...storageDefault(sentProfile, call.apiVersion), ...sentProfile },
    before?.profile,
    { location: region, regions, publishedDate: publishedDate(context.clock.now()) },
  );
  return {
    before,
    location,
    tags: sent.tags ?? before?.tags ?? {},
    profile,
    allowDeletionOfReplicatedLocations:
      sent.properties?.safetyProfile?.allowDeletionOfReplicatedLocations ??
      before?.allowDeletionOfReplicatedLocations,
    links: linksToRead(sentProfile, profile),
  };
}

/** As sent, with their SAS; an empty link stands for the one that is there. */
function linksToRead(sent: SentProfile, profile: PublishingProfile): VersionDraft["links"] {
  const sentLinks = Object.entries(sent.source ?? {}).filter(([, link]) => link !== undefined && link !== "");
  return { ...profile.source, ...Object.fromEntries(sentLinks) };
}

function storageDefault(sent: SentProfile, apiVersion: string): SentProfile {
  if (sent.storageAccountType !== undefined || sent.storageAccountStrategy !== undefined) return {};
  return apiVersion < "2025-03-03"
    ? { storageAccountType: "Standard_LRS" }
    : { storageAccountStrategy: "PreferStandard_ZRS" };
}

function locationRefusal(
  context: ArmContext,
  call: ArmCall,
  sent: VersionBody,
  before: VersionRecord | undefined,
): ArmAnswer | undefined {
  if (call.method === "PATCH") return undefined;
  const region = regionNamed(sent.location ?? "", context.settings.regions);
  if (!region) return invalidParameter(`The location '${sent.location ?? ""}' is not valid.`, "location");
  if (!before || regionName(before.location) === region.name) return undefined;
  const message =
    `The resource '${call.target.name}' already exists in location '${before.location}' in resource group ` +
    `'${call.target.resourceGroup}'. A resource with the same name cannot be created in location '${region.name}'. ` +
    "Please select a new resource name.";
  return conflict("InvalidResourceLocation", message);
}

function profileRefusal(
  context: ArmContext,
  call: ArmCall,
  sent: VersionBody,
  draft: VersionDraft,
): ArmAnswer | undefined {
  const profile = sent.properties?.publishingProfile ?? {};
  const { before } = draft;
  const mayRemove = draft.allowDeletionOfReplicatedLocations ?? false;
  return (
    storageRefusal(profile) ??
    regionsRefusal(profile, draft.profile, draft.location, context.settings.regions) ??
    (before && changeRefusal(profile, before.profile)) ??
    (before && removalRefusal(call.target.name, draft.profile, before, mayRemove)) ??
    quotaRefusal(context, call, draft)
  );
}

function storageRefusal(sent: SentProfile): ArmAnswer | undefined {
  if (sent.storageAccountType === undefined || sent.storageAccountStrategy === undefined) return undefined;
  const target = "galleryApplicationVersion.properties.publishingProfile.storageAccountStrategy";
  // Assumed: the text.
  return invalidParameter(
    "StorageAccountType and storageAccountStrategy can't be specified together.",
    target,
  );
}

function quotaRefusal(context: ArmContext, call: ArmCall, draft: VersionDraft): ArmAnswer | undefined {
  const others = context.state.versions().filter((version) => idKey(version.id) !== idKey(call.target.id));
  const full = draft.profile.targetRegions.find((region) => {
    const inRegion = others.filter((version) =>
      version.profile.targetRegions.some(({ name }) => name === region.name),
    );
    return inRegion.length >= context.settings.versionsPerRegion;
  });
  if (!full) return undefined;
  // Assumed: status, code and text.
  const limit = context.settings.versionsPerRegion;
  const message = `The limit of ${limit} gallery application versions in region '${full.name}' has been reached.`;
  return conflict("OperationNotAllowed", message);
}
