import type { VersionRecord } from "./records.ts";
import { nameOf } from "./resource-id.ts";
import type { ReplicationStatus } from "./version-life.ts";
import { provisioningState } from "./version-life.ts";

/** A version in JSON, as it looks at `now`. */
export function renderVersion(
  version: VersionRecord,
  now: number,
  form: { readonly apiVersion: string; readonly replicationStatus?: ReplicationStatus | undefined },
): unknown {
  const { storageAccountStrategy, ...profile } = version.profile;
  const isNew = form.apiVersion >= "2025-03-03" && storageAccountStrategy !== undefined;
  const allowDeletionOfReplicatedLocations = version.allowDeletionOfReplicatedLocations;
  return {
    name: nameOf(version.id),
    id: version.id,
    type: "Microsoft.Compute/galleries/applications/versions",
    location: version.location,
    tags: version.tags,
    properties: {
      publishingProfile: { ...profile, ...(isNew && { storageAccountStrategy }) },
      ...(allowDeletionOfReplicatedLocations !== undefined && {
        safetyProfile: { allowDeletionOfReplicatedLocations },
      }),
      provisioningState: provisioningState(version, now),
      ...(form.replicationStatus && { replicationStatus: form.replicationStatus }),
    },
  };
}
