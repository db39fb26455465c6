import { type Approval, approvalPath, parseApproval } from "../core/approval.ts";
import { type Drop, dropPrefix, sha256, vaultPath } from "../core/naming.ts";
import type { Reason } from "../core/problem.ts";
import { parseProfile } from "../core/profile.ts";
import { type PackagedRelease, type Provenance, provenanceOf } from "../core/provenance.ts";
import { attestationFile, isAttestable, passageOf, strangeness } from "../core/provenance-gate.ts";
import type { Publisher } from "../core/publishers.ts";
import { superseded } from "../core/rejection.ts";
import { fileNameOf } from "../core/submission.ts";
import type { SubmittedBlob } from "./story-values.ts";
import type { Ports } from "./ports.ts";

/** What the check is asked about. */
export interface ProvenanceQuestion {
  readonly drop: Drop;
  readonly package: SubmittedBlob;
  /** Whether the submitter was proven. */
  readonly isProven: boolean;
  readonly submission: string;
  /** The effective manifest that an approval would be for. */
  readonly manifestSha256: string;
}

/** Whether a submission's profile lets it pass, and what was proven of its origin; null: nothing. */
export type ProvenanceAnswer = { readonly notes: readonly string[] } & (
  | {
      readonly state: "open";
      readonly provenance: Provenance | null;
      /** Who let pass what was not proven; null when nobody had to. */
      readonly approval: Approval | null;
    }
  | { readonly state: "refused"; readonly reason: Reason }
  | { readonly state: "awaiting-approval"; readonly reason: Reason }
);

type Evidence = ({ readonly provenance: Provenance } | { readonly unproven: string }) & {
  readonly notes: readonly string[];
};

type CheckPorts = Pick<Ports, "packages" | "attestations" | "reports">;

/**
 * Looks for the package's attestation, has it verified, and judges by the profile. A good one is kept in the vault.
 * The claimed digest may be taken: whatever has another is turned away on its way into the vault.
 */
export async function checkProvenance(
  ports: CheckPorts,
  question: ProvenanceQuestion,
): Promise<ProvenanceAnswer> {
  const { drop, package: blob, isProven } = question;
  const text = await ports.packages.readProfile(drop.application);
  const profile = text === undefined ? undefined : parseProfile(text, drop.application);
  const evidence = await evidenceOf(ports, drop, blob, profile?.publishers ?? []);
  if ("code" in evidence) return { state: "refused", reason: evidence, notes: [] };
  const unproven = "unproven" in evidence ? evidence.unproven : undefined;
  const passage = passageOf(profile, drop, fileNameOf(blob), unproven, isProven);
  if (passage.state === "refused") return { ...passage, notes: evidence.notes };
  const provenance = "provenance" in evidence ? evidence.provenance : null;
  if (passage.state === "open") {
    return { state: "open", provenance, approval: null, notes: [...passage.notes, ...evidence.notes] };
  }
  const approval = await approvalOf(ports.reports, question);
  if (!approval) return { ...passage, notes: evidence.notes };
  return { state: "open", provenance, approval, notes: evidence.notes };
}

// An approval is for one manifest: whatever changes in files or profile needs another.
async function approvalOf(
  reports: CheckPorts["reports"],
  { drop: { application, version }, submission, manifestSha256 }: ProvenanceQuestion,
): Promise<Approval | null> {
  const found = await reports.read(approvalPath({ application, version, submission }));
  const approval = found && parseApproval(found.text);
  return approval?.manifestSha256 === manifestSha256 ? approval : null;
}

async function evidenceOf(
  { packages, attestations }: CheckPorts,
  drop: Drop,
  blob: SubmittedBlob,
  publishers: readonly Publisher[],
): Promise<Evidence | Reason> {
  const name = attestationFile(fileNameOf(blob));
  const file = (await packages.list(dropPrefix(drop))).find((found) => fileNameOf(found) === name);
  if (!file) return { unproven: `there is no ${name} beside it`, notes: [] };
  const read = await packages.readDropped(file);
  if (typeof read === "string") return superseded(name, read);

  const release: PackagedRelease = { ...drop, packageSha256: blob.sha256 };
  const instances = new Set(publishers.filter(isAttestable).map(({ instance }) => instance));
  if (instances.size === 0) return { unproven: "its profile has no publisher with a ref", notes: [] };
  const faults: string[] = [];
  const notes: string[] = [];
  for (const instance of instances) {
    const verdict = await attestations.verify(read.text, instance);
    notes.push(...verdict.notes);
    const fault = "fault" in verdict ? verdict.fault : strangeness(verdict.attestation, publishers, release);
    if ("attestation" in verdict && fault === undefined) {
      const path = vaultPath(drop, sha256(read.text), name);
      await packages.writeIntoVault(path, read.text);
      return { provenance: provenanceOf(verdict.attestation, release, packages.vaultUrl(path)), notes };
    }
    faults.push(`${fault ?? ""} (${instance})`);
  }
  return { unproven: `${name}: ${faults.join("; ")}`, notes };
}
