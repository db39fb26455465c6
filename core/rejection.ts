import { quoted } from "./application.ts";
import type { EffectiveManifest } from "./effective-manifest.ts";
import { LARGE_PACKAGE_BYTES } from "./manifest.ts";
import { profilePath, type Release } from "./naming.ts";
import type { Reason } from "./problem.ts";
import { findRegion, isSameRegion, nearestRegion, type Region } from "./region.ts";
import type { Difference } from "./same-content.ts";
import type { TargetRegion } from "./settings.ts";

/** Why a version that exists with other content turns a submission away, with both values of each difference. */
export function otherContent(release: Release, differences: readonly Difference[]): Reason {
  const told = differences.map(
    ({ field, submitted, published }) =>
      `${field} is ${quoted(published)}, submitted was ${quoted(submitted)}`,
  );
  return {
    code: "version-exists",
    message: `${release.application} ${release.version} is in the gallery with other content: ${told.join("; ")}`,
    nextStep: "Publish under a new version number: Azure never changes packages or commands of a version.",
  };
}

/** Why a version is not trusted that Azure accepted and keeps otherwise than it was sent. */
export function otherStored(release: Release, differences: readonly Difference[]): Reason {
  const told = differences.map(
    ({ field, submitted, published }) => `${field} is ${quoted(published)}, sent was ${quoted(submitted)}`,
  );
  return {
    code: "stored-otherwise",
    message: `Azure accepted ${release.application} ${release.version} and keeps something else: ${told.join("; ")}`,
    nextStep:
      "Look at the version in the gallery, delete it if nothing may install it so, and publish under a new version number.",
  };
}

/** Why a version that Azure is at work on cannot be changed just now. */
export function busy({ application, version }: Release): Reason {
  return {
    code: "busy",
    message: `another operation is under way on ${application} ${version}`,
    nextStep: "Nothing to do: the pipeline tries again by itself.",
  };
}

/** Why a version that is on its way out turns a submission away. */
export function beingDeleted(release: Release): Reason {
  return {
    code: "version-being-deleted",
    message: `${release.application} ${release.version} is being deleted from the gallery`,
    nextStep: "Wait until it is gone, then submit again; or publish under a new version number.",
  };
}

/** Why an application that neither the gallery nor a profile knows cannot be published. */
export function noApplication({ application }: Release): Reason {
  return {
    code: "application-missing",
    message: `the gallery has no application ${quoted(application)}, and no profile says how to create it`,
    nextStep:
      `Write the profile applications/${profilePath(application)} (schemas/profile.schema.json; supportedOSType ` +
      "is enough), or create the application in the gallery, then submit again.",
  };
}

/** Why the target regions cannot be had: the names that the subscription lacks, each with the nearest that it has. */
export function unknownRegions(
  targets: readonly TargetRegion[],
  known: readonly Region[],
): Reason | undefined {
  const strangers = targets.filter((target) => !findRegion(target.name, known));
  if (strangers.length === 0) return undefined;
  const told = strangers.map(({ name }) => {
    const nearest = nearestRegion(name, known);
    return nearest ? `${quoted(name)} (meant: ${nearest.name}?)` : quoted(name);
  });
  return {
    code: "unknown-region",
    message: `the subscription has no region ${told.join(", ")}`,
    nextStep:
      "Correct targetRegions in the manifest or the profile; `az account list-locations` shows the names.",
  };
}

/** Why bytes that are not what was claimed are not published. */
export function otherDigest(file: string, claimed: string, found: { size: number; sha256: string }): Reason {
  return {
    code: "digest-mismatch",
    message: `${quoted(file)} has the SHA-256 ${found.sha256} (${found.size} bytes), claimed was ${claimed}`,
    nextStep:
      "Submit the release again; the file was changed after its manifest was written, or was damaged on the way.",
  };
}

/** Why a file that is no longer the one first seen is not published. */
export function superseded(file: string, lost: "gone" | "changed"): Reason {
  return {
    code: lost === "gone" ? "file-gone" : "superseded",
    message: `${quoted(file)} was ${lost === "gone" ? "deleted" : "written again"} while it was being published`,
    nextStep:
      lost === "gone"
        ? "Submit the release again."
        : "Nothing to do if that was a new submission: it is published by itself.",
  };
}

/** What an accepted submission's report should say of it. `wished` are the regions that were asked for. */
export function notesOn(
  manifest: EffectiveManifest,
  wished: readonly TargetRegion[],
  homeRegion: string,
  found: { readonly versionExists: boolean; readonly regionsChecked: boolean },
): string[] {
  const notes: string[] = [];
  if (!wished.some((target) => isSameRegion(target.name, homeRegion))) {
    notes.push(`The gallery's home region ${homeRegion} was added to the targets: Azure demands it.`);
  }
  if (manifest.package.size > LARGE_PACKAGE_BYTES) {
    notes.push(
      `The package has ${manifest.package.size} bytes; Azure's limit of "2 GB" may mean ${LARGE_PACKAGE_BYTES}.`,
    );
  }
  if (found.versionExists)
    notes.push("The version is in the gallery with the same content: it is finished, not replaced.");
  if (!found.regionsChecked) {
    notes.push(
      "The pipeline may not list the subscription's regions, so their names were not checked beforehand.",
    );
  }
  return notes;
}
