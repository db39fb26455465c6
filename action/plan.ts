import { withoutSecrets } from "../core/secrets.ts";
import { type Settings, settingsFields } from "../core/settings.ts";
import type { Inputs } from "./inputs.ts";
import type { Files } from "./manifest.ts";
import type { PackageSource } from "./package-source.ts";
import { sizeText } from "./progress.ts";

/** A line of the effective plan: what, and what it will be. */
export interface PlanRow {
  readonly what: string;
  readonly value: string;
}

/** What would be published, as far as this job knows it: inputs over manifest. Looks of secrets are left out. */
export function planOf(
  inputs: Inputs,
  sources: Files<PackageSource>,
  digests: Files<string>,
): readonly PlanRow[] {
  const { settings, release } = inputs;
  const rows: PlanRow[] = [
    { what: "application", value: release.application },
    { what: "version", value: release.version },
    { what: "package", value: fileText(sources.package, digests.package) },
  ];
  if (sources.configuration && digests.configuration !== undefined) {
    rows.push({ what: "configuration", value: fileText(sources.configuration, digests.configuration) });
  }
  for (const field of settingsFields) {
    const value = settings[field];
    if (value !== undefined) rows.push({ what: field, value: withoutSecrets(valueText(field, settings)) });
  }
  const unsaid = settingsFields.filter((field) => settings[field] === undefined);
  if (unsaid.length > 0) rows.push({ what: "left to the profile", value: unsaid.join(", ") });
  return rows;
}

function fileText({ name, size }: PackageSource, sha256: string): string {
  return `${name}, ${sizeText(size)}, SHA-256 ${sha256}`;
}

function valueText(field: keyof Settings, settings: Settings): string {
  if (field === "targetRegions") return (settings.targetRegions ?? []).map(regionText).join(", ");
  const value = settings[field];
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function regionText({ name, ...own }: NonNullable<Settings["targetRegions"]>[number]): string {
  const details = Object.entries(own).map(([key, value]) => `${key} ${String(value)}`);
  return details.length === 0 ? name : `${name} (${details.join(", ")})`;
}
