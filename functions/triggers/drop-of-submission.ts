import { type Drop, dropPrefix, isCommittedByManifest, type Release } from "../../core/naming.ts";
import { submissionOf } from "../../core/submission.ts";
import type { Packages } from "../ports.ts";

/** The drop that a submission's id belongs to; undefined when files dropped by hand are no longer those. */
export async function dropOfSubmission(
  packages: Pick<Packages, "list" | "folders">,
  { application, version }: Release,
  submission: string,
): Promise<Drop | undefined> {
  const named: Drop = { application, version, folder: submission };
  if (isCommittedByManifest(named)) return named;
  const root: Drop = { application, version, folder: "" };
  for (const folder of ["", ...(await packages.folders(dropPrefix(root)))]) {
    const drop: Drop = { application, version, folder };
    if (isCommittedByManifest(drop)) continue;
    if (submissionOf(drop, await packages.list(dropPrefix(drop))) === submission) return drop;
  }
  return undefined;
}
