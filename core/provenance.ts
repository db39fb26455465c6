import * as z from "zod";
import { quoted } from "./application.ts";
import { sha256Schema } from "./manifest.ts";
import type { Release } from "./naming.ts";
import { type Publisher, refOfRelease, type SigstoreInstance, sigstoreInstances } from "./publishers.ts";

/** What an application's profile may ask of an attestation. */
export const provenanceModes = ["off", "warn", "require"] as const;

const GITHUB = "https://github.com/";
/** What a build has to be attested with; other attestations say nothing of where a file comes from. */
const PREDICATE_TYPE = "https://slsa.dev/provenance/v1";

/** What a signing certificate says of the build; undefined where it says nothing. Sigstore's CA vouches for it. */
export interface CertificateFacts {
  readonly issuer: string | undefined;
  /** The subject alternative name: the workflow that signed, with its ref. */
  readonly signer: string | undefined;
  readonly buildSigner: string | undefined;
  readonly buildConfig: string | undefined;
  readonly runner: string | undefined;
  readonly repository: string | undefined;
  readonly repositoryId: string | undefined;
  readonly ownerId: string | undefined;
  readonly commit: string | undefined;
  readonly ref: string | undefined;
  readonly trigger: string | undefined;
  readonly runUrl: string | undefined;
}

/** An attestation whose signature, certificate, log entry and timestamps are good. Whether it is of use is judged here. */
export interface Attestation {
  readonly instance: SigstoreInstance;
  readonly certificate: CertificateFacts;
  readonly predicateType: string;
  /** The SHA-256 of everything that it is about. */
  readonly subjects: readonly string[];
}

/** The schema of what was proven about a package's origin, as a report has it. */
export const provenanceSchema = z.object({
  instance: z.enum(sigstoreInstances),
  repository: z.string(),
  repositoryId: z.string(),
  ownerId: z.string(),
  commit: z.string(),
  ref: z.string(),
  /** The workflow that signed, with its ref. */
  workflow: z.string(),
  trigger: z.string(),
  runner: z.string(),
  runUrl: z.string(),
  /** The package that it is about. */
  packageSha256: sha256Schema,
  /** The attestation in the vault, for whoever wants to verify it again; never with a query. */
  attestationUrl: z.string(),
});

/** Where a package comes from, as its attestation proves it. */
export type Provenance = z.infer<typeof provenanceSchema>;

/** A release, with the digest of its package. */
export type PackagedRelease = Release & { readonly packageSha256: string };

/**
 * What keeps the attestation from proving that the package is the publisher's release: each line names what is and
 * what should be. None: it proves it. All comparisons are exact.
 */
export function differencesFrom(
  { instance, certificate: is, predicateType, subjects }: Attestation,
  publisher: Publisher,
  release: PackagedRelease,
): string[] {
  const differences: string[] = [];
  const expect = (what: string, found: string | undefined, ...allowed: readonly string[]): void => {
    if (found !== undefined && allowed.includes(found)) return;
    const told = found === undefined ? "missing" : quoted(found);
    differences.push(`${what} is ${told}, not ${allowed.map(quoted).join(" or ")}`);
  };
  if (!subjects.includes(release.packageSha256)) {
    differences.push(`it is not about this package, whose SHA-256 is ${release.packageSha256}`);
  }
  expect("instance", instance, publisher.instance);
  expect("predicate type", predicateType, PREDICATE_TYPE);
  expect("issuer", is.issuer, publisher.issuer);
  expect("repository id", is.repositoryId, publisher.repositoryId);
  expect("owner id", is.ownerId, publisher.ownerId);
  const ref = refOfRelease(publisher, release);
  if (ref === undefined) {
    differences.push(
      `${publisher.workflow} has no ref in the profile, so nothing binds a build to its version`,
    );
    return differences;
  }
  expect("ref", is.ref, ref);
  const workflow = `${GITHUB}${publisher.workflow}@${publisher.workflowRef ?? ref}`;
  expect("signing workflow", is.signer, workflow);
  expect("build signer", is.buildSigner, workflow);
  if (publisher.claim === "workflow_ref") expect("workflow", is.buildConfig, workflow);
  expect("event", is.trigger, ...publisher.eventNames);
  if (publisher.runner !== "any") expect("runner", is.runner, publisher.runner);
  return differences;
}

/** What an attestation that is good for `release` proves, to be told in its report. */
export function provenanceOf(
  { instance, certificate }: Attestation,
  release: PackagedRelease,
  attestationUrl: string,
): Provenance {
  const told = (fact: string | undefined): string => fact ?? "";
  return {
    instance,
    repository: told(certificate.repository),
    repositoryId: told(certificate.repositoryId),
    ownerId: told(certificate.ownerId),
    commit: told(certificate.commit),
    ref: told(certificate.ref),
    workflow: told(certificate.signer),
    trigger: told(certificate.trigger),
    runner: told(certificate.runner),
    runUrl: told(certificate.runUrl),
    packageSha256: release.packageSha256,
    attestationUrl,
  };
}
