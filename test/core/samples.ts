import { type EffectiveManifest, effectiveManifest } from "../../core/effective-manifest.ts";
import type { GalleryVersion, RegionReplication } from "../../core/gallery-version.ts";
import type { Manifest } from "../../core/manifest.ts";
import { Problem } from "../../core/problem.ts";
import { newReport, type Report } from "../../core/report.ts";

export const aDigest = "a".repeat(64);

export function aManifest(over: Partial<Manifest> = {}): Manifest {
  return { schema: 1, application: "flooperapp", version: "1.2.0", package: { file: "app.tar.gz" }, ...over };
}

export function anEffectiveManifest(over: Partial<Manifest> = {}): EffectiveManifest {
  const manifest = aManifest({
    install: "./install",
    remove: "./remove",
    targetRegions: [{ name: "eastus" }],
    ...over,
  });
  return effectiveManifest(manifest, undefined, { package: aFile() }, "eastus");
}

export function aFile(file = "app.tar.gz") {
  return { file, size: 3, sha256: aDigest };
}

export function aVersion(over: Partial<GalleryVersion> = {}): GalleryVersion {
  return {
    id: "/subscriptions/s/resourceGroups/r/providers/Microsoft.Compute/galleries/g/applications/flooperapp/versions/1.2.0",
    location: "eastus",
    provisioningState: "Succeeded",
    mediaLink: `https://acct.blob.core.windows.net/packages/flooperapp/1.2.0/${aDigest}/app.tar.gz`,
    install: "./install",
    remove: "./remove",
    packageFileName: "app.tar.gz",
    targetRegions: [{ name: "East US" }],
    excludeFromLatest: false,
    regions: [aRegion("East US", "Completed")],
    ...over,
  };
}

export function aRegion(name: string, state: RegionReplication["state"], progress = 0): RegionReplication {
  return { name, state, progress: state === "Completed" ? 100 : progress };
}

export function aReport(over: Partial<Report> = {}): Report {
  const submission = { application: "flooperapp", version: "1.2.0", submission: "run-1-1-00000000" };
  return { ...newReport(submission, "2030-01-01T00:00:00Z"), ...over };
}

/** The problem that `act` throws; fails when it throws none. */
export function problemOf(act: () => unknown): Problem {
  const problem = thrownBy(act);
  if (!problem) throw new Error("nothing was thrown");
  return problem;
}

/** The code of the problem that `act` throws, or "none". What is no problem is thrown on. */
export function problemCodeOf(act: () => unknown): string {
  return thrownBy(act)?.code ?? "none";
}

/** The message of the problem that `act` throws, or "none". What is no problem is thrown on. */
export function messageOf(act: () => unknown): string {
  return thrownBy(act)?.message ?? "none";
}

function thrownBy(act: () => unknown): Problem | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}
