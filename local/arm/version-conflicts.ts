import type { ArmAnswer } from "./answer.ts";
import { conflict } from "./answer.ts";
import type { ArmContext } from "./context.ts";
import type { VersionRecord } from "./records.ts";
import { idKey, nameOf, parentId } from "./resource-id.ts";
import { isBusy } from "./version-life.ts";

/** Refuses a write while another one is under way on the version, or on its application if those go one by one. */
export function conflictRefusal(context: ArmContext, versionId: string, verb: string): ArmAnswer | undefined {
  const now = context.clock.now();
  const version = context.state.version(versionId);
  if (version && isBusy(version, now)) {
    return version.change.kind === "Deleting" ? markedForDeletion(versionId, verb) : underWay(version);
  }
  if (context.settings.concurrentWrites === "one-per-version") return undefined;
  const sibling = context.state
    .versionsOf(parentId(versionId))
    .find((other) => idKey(other.id) !== idKey(versionId) && isBusy(other, now));
  return sibling && underWay(sibling);
}

// Assumed: status, code and text; that Azure refuses is known, not how.
function underWay(version: VersionRecord): ArmAnswer {
  return conflict(
    "Conflict",
    `The request conflicts with an operation in progress on gallery application version '${nameOf(version.id)}' of ` +
      `'${nameOf(parentId(version.id))}'. Retry after it has completed.`,
  );
}

function markedForDeletion(versionId: string, verb: string): ArmAnswer {
  return conflict(
    "OperationNotAllowed",
    `Operation '${verb}GalleryApplicationVersion' isn't allowed on '${nameOf(versionId)}' since it's marked for ` +
      "deletion. You can only retry the delete operation (or wait for an ongoing one to complete).",
  );
}
