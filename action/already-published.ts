import { contentDigests, differingFields } from "../core/content-digests.ts";
import { isFinal } from "../core/outcome.ts";
import { Problem } from "../core/problem.ts";
import { isSameRegion } from "../core/region.ts";
import type { Report } from "../core/report.ts";
import type { Settings } from "../core/settings.ts";
import type { Files } from "./manifest.ts";

/**
 * What a published version means for a submission of these digests: it is the same (nothing to do), it has other content
 * (never to be published), or only the pipeline can finish it, such as a region that is not there yet.
 */
export type Comparison =
  | { readonly is: "same" }
  | { readonly is: "unfinished"; readonly because: string }
  | { readonly is: "other"; readonly problem: Problem };

/** Compares what would be submitted with the report of the published version. */
export function compareWithPublished(
  published: Report,
  digests: Files<{ readonly sha256: string }>,
  settings: Settings,
): Comparison {
  const ours = contentDigests({ ...settings, ...digests });
  // A report without digests of all fields still tells the package's.
  const theirs = published.content ?? { ...ours, package: published.sha256 ?? "unknown" };
  const differing = differingFields(ours, theirs);
  if (differing.length > 0) return { is: "other", problem: otherContent(published, differing, ours, theirs) };
  const missing = (settings.targetRegions ?? []).filter(({ name }) => !isIn(published, name));
  if (missing.length === 0) return { is: "same" };
  return { is: "unfinished", because: `${missing.map(({ name }) => name).join(", ")} does not have it yet` };
}

// A story writes at least whenever a region moves; one that has been silent for so long may be dead.
const FRESH_MS = 60 * 60 * 1000;

/**
 * Whether a submission of the very same content is on its way, so that it need only be waited for: alive, with the same
 * digests, and with every region that is wanted. When in doubt it is not: to submit again does no harm.
 */
export function isUnderWay(
  report: Report,
  digests: Files<{ readonly sha256: string }>,
  settings: Settings,
  now: Date,
): boolean {
  if (isFinal(report.outcome) || !report.content) return false;
  if (now.getTime() - Date.parse(report.updatedAt) > FRESH_MS) return false;
  if (differingFields(contentDigests({ ...settings, ...digests }), report.content).length > 0) return false;
  const wanted = settings.targetRegions ?? [];
  return wanted.every(({ name }) => report.regions.some((region) => isSameRegion(region.name, name)));
}

function isIn(published: Report, name: string): boolean {
  return published.regions.some((region) => isSameRegion(region.name, name) && region.state === "Completed");
}

function otherContent(
  { application, version }: Report,
  fields: readonly string[],
  ours: Readonly<Record<string, string>>,
  theirs: Readonly<Record<string, string>>,
): Problem {
  const differences = fields.map((field) => {
    const isFile = field === "package" || field === "configuration";
    const digest = isFile ? "SHA-256" : "digest";
    return `${field} (this ${digest}: ${ours[field] ?? "none"}, published: ${theirs[field] ?? "none"})`;
  });
  return new Problem(
    "version-exists",
    `${application} ${version} is already published with other content: ${differences.join("; ")}`,
    "Publish under a new version number: Azure never changes package or commands of a version.",
  );
}
