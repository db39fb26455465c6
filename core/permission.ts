/** The app roles of the pipeline's API, as they stand in Entra's `roles` claim. */
export const appRoles = [
  "Releases.Read",
  "Releases.Submit",
  "Releases.Promote",
  "Releases.Halt",
  "Regions.Expand",
  "Releases.Approve",
] as const;

/** One of the {@link appRoles}. */
export type AppRole = (typeof appRoles)[number];

/** What can be asked of the pipeline's API about a version. */
export type VersionOperation =
  "read" | "expand" | "promote" | "withdraw" | "halt" | "retry" | "submit" | "approve";

/** What can be asked of the pipeline's API. */
export type ApiOperation = VersionOperation | "posture";

// Whoever may change a release may see what became of it: its own 202 sends it there.
const ALLOWED_BY: Readonly<Record<ApiOperation, readonly AppRole[]>> = {
  read: appRoles,
  expand: ["Regions.Expand"],
  promote: ["Releases.Promote"],
  withdraw: ["Releases.Promote"],
  halt: ["Releases.Halt"],
  retry: ["Releases.Submit"],
  posture: ["Releases.Read"],
  submit: ["Releases.Submit"],
  approve: ["Releases.Approve"],
};

/** What a workflow of GitHub's can ever do; its publisher in the profile decides whether it may. */
export const publisherOperations: readonly ApiOperation[] = ["read", "submit", "expand"];

/** The app roles that allow an operation; one of them is enough. */
export function rolesFor(operation: ApiOperation): readonly AppRole[] {
  return ALLOWED_BY[operation];
}
