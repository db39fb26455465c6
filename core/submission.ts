import { quoted } from "./application.ts";
import { MANIFEST_FILE, packageNameFault } from "./file-name.ts";
import {
  type Manifest,
  MAX_CONFIGURATION_BYTES,
  MAX_PACKAGE_BYTES,
  parseManifest,
  SCHEMA,
} from "./manifest.ts";
import { type Drop, handDropId, isCommittedByManifest, profilePath } from "./naming.ts";
import { Problem, type Reason, reasonOf } from "./problem.ts";
import { allowsBareDrops, defaultRules, type Profile } from "./profile.ts";
import { versionFault } from "./version.ts";

/** A file in the drop box, bound by the ETag that it was first seen with. */
export interface DroppedFile {
  readonly path: string;
  readonly etag: string;
  readonly size: number;
}

/** A dropped file with the SHA-256 that its manifest claims; null when nobody claimed one. */
export interface ClaimedFile extends DroppedFile {
  readonly sha256: string | null;
}

/** What a look at a drop shows. `submission` is the id that its report would have. */
export type SubmissionReading =
  | {
      readonly state: "complete";
      readonly submission: string;
      readonly manifest: DroppedFile | null;
      readonly package: ClaimedFile;
      readonly configuration: ClaimedFile | null;
      readonly timeoutSeconds: number;
    }
  | { readonly state: "settling"; readonly submission: string; readonly seconds: number }
  | {
      readonly state: "missing";
      readonly submission: string;
      readonly missing: readonly string[];
      readonly patienceSeconds: number;
    }
  | { readonly state: "refused"; readonly submission: string; readonly reason: Reason };

/** Everything that {@link readSubmission} judges by. */
export interface DropSight {
  readonly drop: Drop;
  /** The files right in the drop's folder. */
  readonly files: readonly DroppedFile[];
  readonly manifestText: string | undefined;
  readonly profile: Profile | undefined;
  /** The id under which the files were seen a settling time ago. */
  readonly settled: string | undefined;
}

/** The id of the submission that the files of a drop are. */
export function submissionOf(drop: Drop, files: readonly DroppedFile[]): string {
  return isCommittedByManifest(drop) ? drop.folder : handDropId(files);
}

/** The name of a dropped file, without its folder. */
export function fileNameOf(file: DroppedFile): string {
  return file.path.slice(file.path.lastIndexOf("/") + 1);
}

/** The manifest of files that were dropped without one; everything else comes from the profile. */
export function bareManifest(drop: Drop, packageFile: string): Manifest {
  return {
    schema: SCHEMA,
    application: drop.application,
    version: drop.version,
    package: { file: packageFile },
  };
}

/** Whether a drop is complete, and if so, which files it submits; what it lacks or why it is refused otherwise. */
export function readSubmission(sight: DropSight): SubmissionReading {
  const submission = submissionOf(sight.drop, sight.files);
  try {
    const fault = versionFault(sight.drop.version);
    if (fault) return { state: "refused", submission, reason: fault };
    if (sight.manifestText !== undefined) return readWithManifest(sight, submission, sight.manifestText);
    if (isCommittedByManifest(sight.drop)) return missing(sight, submission, [MANIFEST_FILE]);
    return readBare(sight, submission);
  } catch (error) {
    if (error instanceof Problem) return { state: "refused", submission, reason: reasonOf(error) };
    throw error;
  }
}

function readWithManifest(sight: DropSight, submission: string, text: string): SubmissionReading {
  const manifest = parseManifest(text);
  refuseElsewhere(manifest, sight.drop);
  const named = [manifest.package, ...(manifest.configuration ? [manifest.configuration] : [])];
  const lacking = named.filter(({ file }) => !fileNamed(sight, file)).map(({ file }) => file);
  if (lacking.length > 0) return missing(sight, submission, lacking);
  return {
    state: "complete",
    submission,
    manifest: fileNamed(sight, MANIFEST_FILE) ?? null,
    package: claimed(sight, manifest.package, MAX_PACKAGE_BYTES),
    configuration: manifest.configuration
      ? claimed(sight, manifest.configuration, MAX_CONFIGURATION_BYTES)
      : null,
    timeoutSeconds: rulesOf(sight).timeoutMinutes * 60,
  };
}

function readBare(sight: DropSight, submission: string): SubmissionReading {
  const candidates = sight.files.filter((file) => !fileNameOf(file).toLowerCase().endsWith(".sigstore.json"));
  const names = candidates.map(fileNameOf).sort();
  const [only] = candidates;
  if (!only) return missing(sight, submission, ["the package"]);
  if (candidates.length > 1) {
    return missing(sight, submission, [
      `a ${MANIFEST_FILE} that says which of ${names.map(quoted).join(", ")} is the package`,
    ]);
  }
  if (!sight.profile || !allowsBareDrops(sight.profile)) {
    const profile = `applications/${profilePath(sight.drop.application)}`;
    return missing(sight, submission, [
      `a ${MANIFEST_FILE}, or a profile ${profile} with install and remove`,
    ]);
  }
  const fault = packageNameFault(fileNameOf(only));
  if (fault) throw badFileName(fileNameOf(only), fault);
  if (sight.settled !== submission) {
    return { state: "settling", submission, seconds: rulesOf(sight).settlingSeconds };
  }
  return {
    state: "complete",
    submission,
    manifest: null,
    package: claimed(sight, { file: fileNameOf(only) }, MAX_PACKAGE_BYTES),
    configuration: null,
    timeoutSeconds: rulesOf(sight).timeoutMinutes * 60,
  };
}

function claimed(sight: DropSight, claim: Manifest["package"], limitBytes: number): ClaimedFile {
  const file = fileNamed(sight, claim.file);
  if (!file) throw new TypeError(`${claim.file} was there a moment ago`);
  if (claim.size !== undefined && claim.size !== file.size)
    throw sizeMismatch(claim.file, claim.size, file.size);
  if (file.size === 0 || file.size > limitBytes) throw badSize(claim.file, file.size, limitBytes);
  return { ...file, sha256: claim.sha256 ?? null };
}

function fileNamed({ files }: DropSight, name: string): DroppedFile | undefined {
  return files.find((file) => fileNameOf(file) === name);
}

function rulesOf({ profile }: DropSight): Pick<Profile, Exclude<keyof typeof defaultRules, "latest">> {
  return profile ?? defaultRules;
}

function missing(sight: DropSight, submission: string, what: readonly string[]): SubmissionReading {
  return {
    state: "missing",
    submission,
    missing: what,
    patienceSeconds: rulesOf(sight).patienceMinutes * 60,
  };
}

function refuseElsewhere(manifest: Manifest, drop: Drop): void {
  if (manifest.application === drop.application && manifest.version === drop.version) return;
  throw new Problem(
    "manifest-elsewhere",
    `${MANIFEST_FILE} is for ${manifest.application} ${manifest.version}, ` +
      `but lies in the folder of ${drop.application} ${drop.version}`,
    `Upload to ${manifest.application}/${manifest.version}/, or correct application and version in the manifest.`,
  );
}

function sizeMismatch(file: string, claimedBytes: number, actualBytes: number): Problem {
  return new Problem(
    "size-mismatch",
    `${quoted(file)} has ${actualBytes} bytes, its manifest says ${claimedBytes}`,
    "Submit the release again; the file was changed after the manifest was written, or was cut on the way.",
  );
}

function badSize(file: string, bytes: number, limitBytes: number): Problem {
  return new Problem(
    "bad-size",
    `${quoted(file)} has ${bytes} bytes; Azure takes 1 to ${limitBytes}`,
    bytes === 0
      ? "Build the file again; it is empty."
      : "Make the package smaller, or let its install command fetch the rest.",
  );
}

function badFileName(file: string, fault: string): Problem {
  return new Problem(
    "bad-file-name",
    `the package's name ${quoted(file)} ${fault}`,
    "Upload it under a plain name, such as app.tar.gz.",
  );
}
