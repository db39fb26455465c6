import { contentDigests } from "../core/content-digests.ts";
import {
  type EffectiveManifest,
  effectiveManifest,
  effectiveManifestText,
  type SubmittedFile,
} from "../core/effective-manifest.ts";
import { MANIFEST_FILE } from "../core/file-name.ts";
import type { GalleryVersion } from "../core/gallery-version.ts";
import { type Manifest, parseManifest } from "../core/manifest.ts";
import { type Drop, dropPrefix, manifestPath, sha256, vaultPath } from "../core/naming.ts";
import { Problem, reasonOf } from "../core/problem.ts";
import { parseProfile, type Profile } from "../core/profile.ts";
import { asksProvenance } from "../core/provenance-gate.ts";
import { regionKey } from "../core/region.ts";
import { noApplication, notesOn, superseded, unknownRegions } from "../core/rejection.ts";
import type { ProvenSubmission } from "../core/report.ts";
import { type Exclusion, exclusionOf, isOurExclusion, wavesOf } from "../core/rollout.ts";
import { bareManifest, fileNameOf, readSubmission, type SubmissionReading } from "../core/submission.ts";
import { withSubmitter } from "../core/submitter-tags.ts";
import { isUploadId, parseUpload, uploadPath } from "../core/upload.ts";
import { versionWrite } from "../core/version-write.ts";
import { type Refused, refused } from "./answered.ts";
import type { Packages, Ports, Reports } from "./ports.ts";
import type { Plan, Submitted, SubmittedBlob } from "./story-values.ts";
import { faultOf, sourceOf } from "./write-to-gallery.ts";

/** What a drop has so far. `settled` is the id under which its files were seen a settling time ago. */
export async function lookAt(
  packages: Packages,
  { drop, settled }: { drop: Drop; settled: string | null },
): Promise<SubmissionReading> {
  const files = await packages.list(dropPrefix(drop));
  const manifest = files.find((file) => file.path === manifestPath(drop));
  const read = manifest && (await packages.readDropped(manifest));
  // Written again since it was listed: soon there is a new one to look at.
  if (typeof read === "string") return { state: "settling", submission: `manifest ${read}`, seconds: 5 };
  return readSubmission({
    drop,
    files,
    manifestText: read?.text,
    profile: await profileOf(packages, drop.application),
    settled: settled ?? undefined,
  });
}

/** What there is to do for a submission, or why it is refused. Puts its effective manifest into the vault. */
export async function examine(
  { packages, gallery, reports }: Ports,
  submitted: Submitted,
): Promise<{ state: "accepted"; plan: Plan } | Refused> {
  const { drop } = submitted;
  const read = await manifestOf(packages, submitted);
  if ("state" in read) return read;
  const { manifest, manifestSha256: digest } = read;
  const proven = digest === null ? null : await provenSubmission(reports, drop, digest);
  const profileText = await packages.readProfile(drop.application);
  const profile = profileText === undefined ? undefined : parseProfile(profileText, drop.application);
  const { location } = await gallery.read();
  const merged = orRefused(() => effectiveManifest(manifest, profile, filesOf(submitted), location));
  if ("state" in merged) return merged;
  const effective = withSubmitter(merged, proven?.by);

  const known = await gallery.regions();
  const strangers = known && unknownRegions(effective.targetRegions, known);
  if (strangers) return refused(strangers);
  const hasApplication = await gallery.hasApplication(drop.application);
  if (!profile && !hasApplication) return refused(noApplication(drop));
  const version = await gallery.readVersion(drop);
  const fault = version && faultOf(packages, effective, version);
  if (fault) return refused(fault);

  const exclusion = exclusionOf(effective, profile?.latest);
  const text = effectiveManifestText(effective);
  const manifestSha256 = sha256(text);
  await packages.writeIntoVault(vaultPath(drop, manifestSha256, MANIFEST_FILE), text);
  return {
    state: "accepted",
    plan: {
      manifestSha256,
      versionId: gallery.versionId(drop),
      blobUrl: sourceOf(packages, effective, version).mediaLink,
      content: contentDigests(effective),
      homeRegion: regionKey(location),
      waves: wavesOf(effective, profile?.waves, location),
      exclusion,
      notes: notesOn(effective, manifest.targetRegions ?? profile?.targetRegions ?? [], location, {
        versionExists: version !== undefined,
        regionsChecked: known !== undefined,
      }),
      work: workOn(effective, version, exclusion),
      submitted: proven,
      asksProvenance: asksProvenance(profile, drop, proven !== null),
      hasApplication,
      ...(profileText !== undefined && { profileSha256: sha256(profileText) }),
    },
  };
}

function workOn(
  manifest: EffectiveManifest,
  version: GalleryVersion | undefined,
  exclusion: Exclusion,
): Plan["work"] {
  const { kind } = versionWrite(manifest, version);
  const isToInclude = version && isOurExclusion(version) && exclusion !== "for-good";
  return kind === "none" && isToInclude ? "include" : kind;
}

async function manifestOf(
  packages: Packages,
  { drop, ...submitted }: Submitted,
): Promise<{ readonly manifest: Manifest; readonly manifestSha256: string | null } | Refused> {
  if (!submitted.manifest) {
    return { manifest: bareManifest(drop, fileNameOf(submitted.package)), manifestSha256: null };
  }
  const read = await packages.readDropped(submitted.manifest);
  if (typeof read === "string") return refused(superseded(MANIFEST_FILE, read));
  return { manifest: parseManifest(read.text), manifestSha256: sha256(read.text) };
}

/** Who was proven to have submitted this very manifest through the endpoints; null: nobody. */
async function provenSubmission(
  reports: Pick<Reports, "read">,
  { application, version, folder }: Drop,
  manifestSha256: string,
): Promise<ProvenSubmission | null> {
  if (!isUploadId(folder)) return null;
  const found = await reports.read(uploadPath({ application, version, submission: folder }));
  const upload = found && parseUpload(found.text);
  // Whoever may write to the drop box could have put another manifest there.
  return upload?.manifestSha256 === manifestSha256 ? { by: upload.by, manifestSha256 } : null;
}

/** The rules of an application; undefined where it has none. */
export async function profileOf(packages: Packages, application: string): Promise<Profile | undefined> {
  const text = await packages.readProfile(application);
  return text === undefined ? undefined : parseProfile(text, application);
}

function filesOf(submitted: Submitted): { package: SubmittedFile; configuration?: SubmittedFile } {
  const file = (blob: SubmittedBlob): SubmittedFile => ({
    file: fileNameOf(blob),
    size: blob.size,
    sha256: blob.sha256,
  });
  return {
    package: file(submitted.package),
    ...(submitted.configuration && { configuration: file(submitted.configuration) }),
  };
}

/** What `make` makes; a problem that it throws is the submission's own. */
function orRefused<Result>(make: () => Result): Result | Refused {
  try {
    return make();
  } catch (error) {
    if (error instanceof Problem) return refused(reasonOf(error));
    throw error;
  }
}
