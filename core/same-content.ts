import type { EffectiveManifest } from "./effective-manifest.ts";
import type { GalleryVersion } from "./gallery-version.ts";
import { digestOfVaultPath } from "./naming.ts";
import { isSameRegion } from "./region.ts";

/** A field in which a submission and the version in the gallery differ. Long values are cut by whoever shows them. */
export interface Difference {
  readonly field: string;
  readonly submitted: string;
  readonly published: string;
}

/**
 * Where a submission differs from the version that the gallery has, in digests and in fields that Azure makes immutable
 * (VM applications overview, "updatable"). None: it is the same content. `vaultPathOf` gives the vault path of a blob's
 * address, or undefined when it lies elsewhere.
 */
export function contentDifferences(
  submitted: EffectiveManifest,
  published: GalleryVersion,
  vaultPathOf: (url: string) => string | undefined,
): Difference[] {
  const digest = (link: string | undefined): string => {
    if (link === undefined) return "none";
    const path = vaultPathOf(link);
    return (path && digestOfVaultPath(path)) ?? `not in the vault (${link.split("?")[0] ?? ""})`;
  };
  const pairs: [field: string, submitted: string, published: string][] = [
    ["package", submitted.package.sha256, digest(published.mediaLink)],
    ["configuration", submitted.configuration?.sha256 ?? "none", digest(published.defaultConfigurationLink)],
    ["install", submitted.install, published.install ?? ""],
    ["remove", submitted.remove, published.remove ?? ""],
    ["update", submitted.update ?? "", published.update ?? ""],
    ["packageFileName", submitted.packageFileName, published.packageFileName ?? ""],
    ["configFileName", submitted.configFileName ?? "", published.configFileName ?? ""],
    [
      "scriptBehaviorAfterReboot",
      submitted.scriptBehaviorAfterReboot ?? "None",
      published.scriptBehaviorAfterReboot ?? "None",
    ],
    ["advancedSettings", sorted(submitted.advancedSettings), sorted(published.advancedSettings)],
    // Azure fills in a default that depends on the api-version: only an explicit wish can differ.
    [
      "storageAccountType",
      submitted.storageAccountType ?? published.storageAccountType ?? "",
      published.storageAccountType ?? submitted.storageAccountType ?? "",
    ],
    ...regionalStorage(submitted, published),
  ];
  return pairs
    .filter(([, ours, theirs]) => ours !== theirs)
    .map(([field, ours, theirs]) => ({ field, submitted: ours, published: theirs }));
}

// A replica's storage cannot be changed either. As above, what nobody asked for is not compared.
function regionalStorage(
  submitted: EffectiveManifest,
  published: GalleryVersion,
): [string, string, string][] {
  return submitted.targetRegions.flatMap(({ name, storageAccountType: wanted }) => {
    const present = published.targetRegions.find((region) =>
      isSameRegion(region.name, name),
    )?.storageAccountType;
    return wanted && present ? [[`targetRegions.${name}.storageAccountType`, wanted, present]] : [];
  });
}

function sorted(map: Readonly<Record<string, string>> | undefined): string {
  return JSON.stringify(Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
}
