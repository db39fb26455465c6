import type { SubmittedFile } from "../core/effective-manifest.ts";
import { type Manifest, parseManifest, SCHEMA } from "../core/manifest.ts";
import type { Inputs } from "./inputs.ts";
import type { PackageSource } from "./package-source.ts";

/** The two files of a submission. */
export interface Files<File> {
  readonly package: File;
  readonly configuration?: File;
}

/** The manifest that commits a submission of these files. */
export function manifestOf(
  inputs: Pick<Inputs, "release" | "settings">,
  claims: NonNullable<Manifest["claims"]>,
  files: Files<SubmittedFile>,
): Manifest {
  return {
    schema: SCHEMA,
    application: inputs.release.application,
    version: inputs.release.version,
    package: files.package,
    ...(files.configuration && { configuration: files.configuration }),
    ...inputs.settings,
    ...(Object.keys(claims).length > 0 && { claims }),
  };
}

/** The text of `manifest.json`. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Refuses, before anything is sent, what the pipeline would refuse to read: the manifest as a whole. */
export function checkManifest(
  inputs: Pick<Inputs, "release" | "settings">,
  claims: NonNullable<Manifest["claims"]>,
  files: Files<PackageSource>,
): void {
  const unread = ({ name, size }: PackageSource): SubmittedFile => ({
    file: name,
    size,
    sha256: "0".repeat(64),
  });
  const manifest = manifestOf(inputs, claims, {
    package: unread(files.package),
    ...(files.configuration && { configuration: unread(files.configuration) }),
  });
  parseManifest(manifestText(manifest));
}
