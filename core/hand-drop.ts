import { type Drop, isCommittedByManifest } from "./naming.ts";
import type { Reason } from "./problem.ts";
import type { Profile } from "./profile.ts";

/** What may become of a submission whose submitter nobody proved. */
export const handDropRules = ["publish", "approve", "refuse"] as const;

/** What becomes of a submission whose submitter nobody proved. */
export type HandDropRule = (typeof handDropRules)[number];

type Rules = Pick<Profile, "handDrops" | "direct" | "publishers">;

/** What holds for hand drops of an application: what its profile says, else approval once it has a publisher. */
export function handDropRule(profile: Rules | undefined): HandDropRule {
  return profile?.handDrops ?? (profile?.publishers?.length ? "approve" : "publish");
}

/**
 * Whether a drop of which nothing was proven counts as dropped by hand. Its path proves nothing; a folder that a
 * manifest commits is trusted only where the rights on the storage account are, as `direct` says.
 */
export function isHandDrop(drop: Drop, profile: Rules | undefined): boolean {
  const direct = profile?.direct ?? (profile?.publishers?.length ? "hand-drop" : "trusted");
  return direct === "hand-drop" || !isCommittedByManifest(drop);
}

/** Why a hand drop is not published when its application takes none. */
export function handDropRefused({ application, version }: Drop): Reason {
  return {
    code: "hand-drop",
    message: `${application} ${version} was put into the drop box by nobody that was proven, and the profile of ${application} refuses such drops`,
    nextStep:
      "Submit it as one of the profile's publishers, or with an attestation of theirs beside the package; an administrator may also set handDrops in the profile.",
  };
}

/** What a hand drop waits for when its application wants each approved. */
export function handDropToApprove({ application, version }: Drop): Reason {
  return {
    code: "awaiting-approval",
    message: `${application} ${version} was put into the drop box by nobody that was proven, and the profile of ${application} wants such drops approved`,
    nextStep:
      "Have somebody with the role Releases.Approve look at it, or submit it as one of the profile's publishers.",
  };
}
