import type { GalleryVersion } from "./gallery-version.ts";
import type { Release } from "./naming.ts";
import type { Outcome } from "./outcome.ts";
import type { Reason } from "./problem.ts";
import { regionKey } from "./region.ts";
import { regionsOf, replicationOf } from "./replication.ts";
import { type Report, reportSchema } from "./report.ts";

/** What a caller of the API is told of a version: its report without what only the pipeline needs. */
export type VersionStatus = Omit<Report, "schema" | "access">;

/** The status that a report tells. Texts of Azure's lose the ids of resources, principals and requests. */
export function statusOfReport(report: Report): VersionStatus {
  const { schema: _, access: _access, ...told } = report;
  return {
    ...told,
    regions: report.regions.map((region) => ({
      ...region,
      details: region.details === null ? null : withoutIds(region.details),
    })),
    notes: report.notes.map(withoutIds),
    reason: report.reason && reasonWithoutIds(report.reason),
  };
}

/** The status of a version that the gallery has and nobody reported on. */
export function statusOfGallery({ application, version }: Release, found: GalleryVersion): VersionStatus {
  const names = found.targetRegions.map(({ name }) => regionKey(name));
  const regions = regionsOf(found, names).map(({ name, state, progress, details }) => ({
    name: regionKey(name),
    ...{ state, progress, seconds: null },
    details: details === undefined ? null : withoutIds(details),
  }));
  const outcomes = { replicated: "published", replicating: "publishing", failed: "failed" } as const;
  const outcome: Outcome = outcomes[replicationOf(found, names)];
  const isPartly = outcome === "failed" && regions.some(({ state }) => state === "Completed");
  return {
    ...{ application, version, submission: "", outcome: isPartly ? "partly-published" : outcome },
    ...{
      versionId: found.id,
      blobUrl: found.mediaLink.split("?")[0] ?? null,
      sha256: null,
      size: null,
      regions,
      steps: [],
      reason: null,
    },
    notes: ["Nobody published this version through the pipeline; this is what the gallery says."],
    ...{ startedAt: "", updatedAt: "", endedAt: null },
  };
}

/** The report that a status was made of, as far as it tells. */
export function reportOfStatus(status: unknown): Report {
  const told = typeof status === "object" && status !== null ? status : {};
  return reportSchema.parse({ ...told, schema: 1, access: null });
}

/** A reason without ids of Azure's. */
export function reasonWithoutIds({ code, message, nextStep }: Reason): Reason {
  return { code, message: withoutIds(message), nextStep: withoutIds(nextStep) };
}

const GUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;

/** The text without resource ids, GUIDs and the queries of addresses. */
export function withoutIds(text: string): string {
  return text
    .replace(/\/?subscriptions\/[^\s'",;)\]]+/gi, "(resource)")
    .replace(/(https?:\/\/[^\s'"?]+)\?[^\s'"]*/gi, "$1")
    .replace(GUID, "(id)");
}
