import type {
  GalleryApplication,
  GalleryApplicationVersion,
  GalleryApplicationVersionPublishingProfile,
  GalleryApplicationVersionUpdate,
  TargetRegion as ArmTargetRegion,
} from "@azure/arm-compute";
import type { EffectiveManifest } from "../../core/effective-manifest.ts";
import type { Profile } from "../../core/profile.ts";
import type { TargetRegion } from "../../core/settings.ts";
import type { VersionSource } from "../ports.ts";

// Azure then refuses a list that lacks a region which it has; VMs may depend on each.
const safetyProfile = { allowDeletionOfReplicatedLocations: false } as const;

/** The body that creates an application as its profile says. */
export function applicationBody(location: string, profile: Profile): GalleryApplication {
  const { supportedOSType, description, eula, privacyStatementUri, releaseNoteUri } = profile;
  return {
    location,
    supportedOSType,
    ...defined({ description, eula, privacyStatementUri, releaseNoteUri }),
  };
}

/** The whole body of a version. Azure keeps what a PUT leaves out, so everything that is known is sent. */
export function versionBody(
  manifest: EffectiveManifest,
  location: string,
  source: VersionSource,
  targetRegions: readonly TargetRegion[],
): GalleryApplicationVersion {
  return {
    location,
    tags: { ...manifest.tags, "package-sha256": manifest.package.sha256 },
    publishingProfile: publishingProfile(manifest, source, targetRegions),
    safetyProfile,
  };
}

/** The body that changes a version's list of regions; the SDK demands the source. */
export function regionsUpdate(
  source: VersionSource,
  targetRegions: readonly TargetRegion[],
  excludeFromLatest?: boolean,
): GalleryApplicationVersionUpdate {
  return {
    publishingProfile: {
      source: { ...source },
      targetRegions: targetRegions.map(armRegion),
      ...defined({ excludeFromLatest }),
    },
    safetyProfile,
  };
}

function publishingProfile(
  manifest: EffectiveManifest,
  source: VersionSource,
  targetRegions: readonly TargetRegion[],
): GalleryApplicationVersionPublishingProfile {
  const { install, remove, update, packageFileName, configFileName, scriptBehaviorAfterReboot } = manifest;
  const { replicaCount, storageAccountType, excludeFromLatest, enableHealthCheck, advancedSettings } =
    manifest;
  const { endOfLifeDate } = manifest;
  return {
    source: { ...source },
    manageActions: { install, remove, ...defined({ update }) },
    settings: { packageFileName, ...defined({ configFileName, scriptBehaviorAfterReboot }) },
    targetRegions: targetRegions.map(armRegion),
    ...defined({ replicaCount, storageAccountType, excludeFromLatest, enableHealthCheck, advancedSettings }),
    ...(endOfLifeDate !== undefined && { endOfLifeDate: new Date(endOfLifeDate) }),
    ...(manifest.customActions && { customActions: manifest.customActions.map(customAction) }),
  };
}

type CustomAction = NonNullable<EffectiveManifest["customActions"]>[number];

function customAction({ name, script, description, parameters }: CustomAction) {
  return {
    name,
    script,
    ...defined({ description }),
    ...(parameters && {
      parameters: parameters.map(({ name, ...rest }) => ({ name, ...defined(rest) })),
    }),
  };
}

function armRegion({ name, ...rest }: TargetRegion): ArmTargetRegion {
  return { name, ...defined(rest) };
}

type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** The fields that have a value: the SDK's types tell absent from undefined. */
function defined<Fields extends object>(fields: Fields): Defined<Fields>;
function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
