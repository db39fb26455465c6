import type { Region } from "./regions.ts";
import { regionName, regionNamed } from "./regions.ts";
import type { SentProfile, SentRegion } from "./version-body.ts";

/** A target region as a version keeps it. */
export type TargetRegion = {
  readonly name: string;
  readonly regionalReplicaCount: number;
  readonly storageAccountType: string;
  readonly excludeFromLatest?: boolean | undefined;
};

/** What a version keeps of how it is published; links come without their SAS. */
export type PublishingProfile = {
  readonly source: { readonly mediaLink: string; readonly defaultConfigurationLink?: string | undefined };
  readonly manageActions: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, string>> | undefined;
  readonly advancedSettings?: Readonly<Record<string, string>> | undefined;
  readonly enableHealthCheck: boolean;
  readonly customActions?: readonly unknown[] | undefined;
  readonly targetRegions: readonly TargetRegion[];
  readonly targetExtendedLocations?: readonly unknown[] | undefined;
  readonly replicaCount: number;
  readonly excludeFromLatest: boolean;
  readonly publishedDate: string;
  readonly endOfLifeDate?: string | undefined;
  readonly storageAccountType?: string | undefined;
  readonly storageAccountStrategy?: string | undefined;
  readonly replicationMode: string;
};

/** A link as answers show it: a signature is dropped, other queries stay. */
export function withoutSas(link: string): string {
  if (!URL.canParse(link) || !new URL(link).searchParams.has("sig")) return link;
  return link.slice(0, link.indexOf("?"));
}

/** What a write makes of a profile: what is not sent stays as it was, `targetRegions` is replaced as a whole. */
export function mergedProfile(
  sent: SentProfile,
  before: PublishingProfile | undefined,
  context: { readonly location: Region; readonly regions: readonly string[]; readonly publishedDate: string },
): PublishingProfile {
  const replicaCount = sent.replicaCount ?? before?.replicaCount ?? 1;
  const storageAccountType = sent.storageAccountType ?? before?.storageAccountType;
  const targetRegions = sent.targetRegions ?? (before ? undefined : [{ name: context.location.name }]);
  return {
    manageActions: { ...before?.manageActions, ...defined(sent.manageActions) },
    source: mergedSource(sent, before),
    settings: sent.settings ? { ...before?.settings, ...defined(sent.settings) } : before?.settings,
    advancedSettings: sent.advancedSettings ?? before?.advancedSettings,
    enableHealthCheck: sent.enableHealthCheck ?? before?.enableHealthCheck ?? false,
    customActions: sent.customActions ?? before?.customActions,
    targetRegions:
      targetRegions?.map((region) =>
        keptRegion(region, { before, replicaCount, storageAccountType, ...context }),
      ) ??
      before?.targetRegions ??
      [],
    targetExtendedLocations: sent.targetExtendedLocations ?? before?.targetExtendedLocations,
    replicaCount,
    excludeFromLatest: sent.excludeFromLatest ?? before?.excludeFromLatest ?? false,
    publishedDate: before?.publishedDate ?? context.publishedDate,
    endOfLifeDate: sent.endOfLifeDate ?? before?.endOfLifeDate,
    storageAccountType,
    storageAccountStrategy: sent.storageAccountStrategy ?? before?.storageAccountStrategy,
    replicationMode: sent.replicationMode ?? before?.replicationMode ?? "Full",
  };
}

function mergedSource(sent: SentProfile, before: PublishingProfile | undefined): PublishingProfile["source"] {
  // Terraform sends PATCHes with an empty link, which leaves it as it is.
  const mediaLink = withoutSas(sent.source?.mediaLink ?? "") || before?.source.mediaLink;
  const configuration =
    withoutSas(sent.source?.defaultConfigurationLink ?? "") || before?.source.defaultConfigurationLink;
  return {
    mediaLink: mediaLink ?? "",
    ...(configuration !== undefined && { defaultConfigurationLink: configuration }),
  };
}

function keptRegion(
  sent: SentRegion,
  context: {
    readonly before: PublishingProfile | undefined;
    readonly regions: readonly string[];
    readonly replicaCount: number;
    readonly storageAccountType: string | undefined;
  },
): TargetRegion {
  const name = regionNamed(sent.name, context.regions)?.displayName ?? sent.name;
  const before = context.before?.targetRegions.find((region) => regionName(region.name) === regionName(name));
  return {
    name,
    regionalReplicaCount: sent.regionalReplicaCount ?? context.replicaCount,
    storageAccountType:
      sent.storageAccountType ?? before?.storageAccountType ?? context.storageAccountType ?? "Standard_LRS",
    ...(sent.excludeFromLatest !== undefined && { excludeFromLatest: sent.excludeFromLatest }),
  };
}

function defined(values: Readonly<Record<string, string | undefined>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
