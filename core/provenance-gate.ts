import { quoted } from "./application.ts";
import { handDropRefused, handDropRule, handDropToApprove, isHandDrop } from "./hand-drop.ts";
import type { Drop } from "./naming.ts";
import type { Reason } from "./problem.ts";
import type { Profile } from "./profile.ts";
import { type Attestation, differencesFrom, type PackagedRelease } from "./provenance.ts";
import type { Publisher } from "./publishers.ts";

type Rules = Pick<Profile, "provenance" | "handDrops" | "direct" | "publishers">;

/** What the gate says to a submission. */
export type Passage =
  | { readonly state: "open"; readonly notes: readonly string[] }
  | { readonly state: "refused"; readonly reason: Reason }
  | { readonly state: "awaiting-approval"; readonly reason: Reason };

/** Where the attestation of a package lies: beside it, under this name. */
export function attestationFile(packageFile: string): string {
  return `${packageFile}.sigstore.json`;
}

/** Whether anything has to be known of a drop's origin, beside its proven submitter, before it is published. */
export function asksProvenance(profile: Rules | undefined, drop: Drop, isProven: boolean): boolean {
  if ((profile?.provenance ?? "off") !== "off") return true;
  return !isProven && isHandDrop(drop, profile) && handDropRule(profile) !== "publish";
}

/** Whether a publisher's builds can be told by their attestations. */
export function isAttestable({ ref }: Publisher): boolean {
  return ref !== undefined;
}

/** What keeps an attestation from being what one of the publishers makes; undefined when it is. */
export function strangeness(
  attestation: Attestation,
  publishers: readonly Publisher[],
  release: PackagedRelease,
): string | undefined {
  const differences = publishers
    .filter(isAttestable)
    .map((publisher) => differencesFrom(attestation, publisher, release));
  // The nearest publisher is the one that was meant.
  const [nearest] = differences.sort((a, b) => a.length - b.length);
  if (!nearest) return "no publisher has a ref that would bind a build to its version";
  return nearest.length === 0 ? undefined : nearest.join("; ");
}

/**
 * Judges a submission by its profile. `unproven` says why its attestation proves nothing, undefined when it is good;
 * `isProven` whether its submitter is known.
 */
export function passageOf(
  profile: Rules | undefined,
  drop: Drop,
  packageFile: string,
  unproven: string | undefined,
  isProven: boolean,
): Passage {
  if (unproven === undefined) return { state: "open", notes: [] };
  const mode = profile?.provenance ?? "off";
  const message = `${quoted(packageFile)} of ${drop.application} ${drop.version} is not proven to be a publisher's build: ${unproven}`;
  if (mode === "require") return { state: "refused", reason: unprovenReason(packageFile, message) };
  const rule = !isProven && isHandDrop(drop, profile) ? handDropRule(profile) : "publish";
  if (rule === "refuse") return { state: "refused", reason: handDropRefused(drop) };
  if (rule === "approve") return { state: "awaiting-approval", reason: handDropToApprove(drop) };
  return { state: "open", notes: mode === "warn" ? [`${message}.`] : [] };
}

function unprovenReason(packageFile: string, message: string): Reason {
  return {
    code: "not-proven",
    message,
    nextStep:
      `Attest the package in the workflow that builds it (actions/attest), and submit the bundle beside it as ${quoted(attestationFile(packageFile))}; ` +
      "the Action does so with its input attestation. If the build is right, correct publishers in the application's profile.",
  };
}
