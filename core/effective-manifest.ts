import * as z from "zod";
import { type Manifest, manifestSchema, SCHEMA, sha256Schema, submittedNameSchema } from "./manifest.ts";
import { quoted } from "./application.ts";
import { isSameFileName } from "./file-name.ts";
import { profilePath } from "./naming.ts";
import { Problem } from "./problem.ts";
import type { Profile } from "./profile.ts";
import { isSameRegion, regionKey } from "./region.ts";
import { type Settings, settingsFields, settingsShape, type TargetRegion } from "./settings.ts";

const verifiedFile = z.strictObject({
  file: submittedNameSchema,
  size: z.int().min(1),
  sha256: sha256Schema,
});

const effectiveSchema = z.strictObject({
  ...settingsShape,
  schema: z.literal(SCHEMA),
  application: z.string(),
  version: z.string(),
  package: verifiedFile,
  configuration: verifiedFile.optional(),
  claims: manifestSchema.shape.claims,
  install: z.string(),
  remove: z.string(),
  packageFileName: z.string(),
  targetRegions: settingsShape.targetRegions.unwrap(),
});

/** A file of a submission with the size and digest that bind it. */
export type SubmittedFile = z.infer<typeof verifiedFile>;

/** Everything that a version is published with: manifest over profile over Azure's defaults. Kept in the vault. */
export type EffectiveManifest = z.infer<typeof effectiveSchema>;

/** The effective manifest that the pipeline wrote into the vault. */
export function parseEffectiveManifest(text: string): EffectiveManifest {
  return effectiveSchema.parse(JSON.parse(text));
}

/** The effective manifest as it is kept in the vault; the same manifest always gives the same text. */
export function effectiveManifestText(manifest: EffectiveManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** `over` completed by `under`, field by field; arrays and maps are replaced whole. */
export function mergeSettings(over: Settings, under: Settings): Settings {
  const merged: Record<string, unknown> = {};
  for (const field of settingsFields) {
    const value = over[field] ?? under[field];
    if (value !== undefined) merged[field] = value;
  }
  return merged;
}

/**
 * What is published when `manifest` is submitted under `profile`: its settings over the profile's, file names always
 * set, the gallery's home region among the targets (Azure demands it). Throws `missing-commands` when neither says how
 * to install and remove, `same-file-name` when one file would overwrite the other on the virtual machine.
 */
export function effectiveManifest(
  manifest: Manifest,
  profile: Profile | undefined,
  files: { readonly package: SubmittedFile; readonly configuration?: SubmittedFile },
  homeRegion: string,
): EffectiveManifest {
  const settings = mergeSettings(manifest, profile ?? {});
  const { install, remove } = settings;
  if (install === undefined || remove === undefined) throw missingCommands(manifest, profile, settings);
  // Without a file name the package arrives on the VM under the application's name, without extension.
  const packageFileName = settings.packageFileName ?? files.package.file;
  const configFileName = settings.configFileName ?? files.configuration?.file;
  if (configFileName !== undefined && isSameFileName(packageFileName, configFileName)) {
    throw sameFileName(manifest, packageFileName);
  }
  return {
    schema: SCHEMA,
    application: manifest.application,
    version: manifest.version,
    package: files.package,
    ...(files.configuration && { configuration: files.configuration }),
    ...settings,
    install,
    remove,
    packageFileName,
    ...(configFileName !== undefined && { configFileName }),
    targetRegions: withHomeRegion(settings.targetRegions ?? [], homeRegion),
    ...(manifest.claims && { claims: manifest.claims }),
  };
}

/** The target regions, the gallery's own first when it was missing. */
export function withHomeRegion(targets: readonly TargetRegion[], homeRegion: string): TargetRegion[] {
  if (targets.some((target) => isSameRegion(target.name, homeRegion))) return [...targets];
  return [{ name: regionKey(homeRegion) }, ...targets];
}

function missingCommands(manifest: Manifest, profile: Profile | undefined, settings: Settings): Problem {
  const missing = (["install", "remove"] as const).filter((field) => settings[field] === undefined);
  const searched = profile
    ? "neither its manifest nor its profile has one"
    : "its manifest has none, and it has no profile";
  const profileFile = `applications/${profilePath(manifest.application)}`;
  return new Problem(
    "missing-commands",
    `${manifest.application} ${manifest.version} has no command to ${missing.join(" and to ")}: ${searched}`,
    `Set ${missing.join(" and ")} in vmapp.yaml, as inputs of the Action, or in the profile ${profileFile}.`,
  );
}

function sameFileName(manifest: Manifest, name: string): Problem {
  return new Problem(
    "same-file-name",
    `${manifest.application} ${manifest.version}: package and configuration would both be ${quoted(name)} on a machine`,
    "Give them different names with packageFileName and configFileName.",
  );
}
