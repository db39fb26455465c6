import { parseEffectiveManifest } from "../../core/effective-manifest.ts";
import type { Submitter } from "../../core/submitter.ts";
import { withSubmitter } from "../../core/submitter-tags.ts";

/** The tags that a version gets whose manifest has these. */
export function submitterTags(tags: object, submitter: Submitter | undefined) {
  const file = { file: "app.tar.gz", size: 3, sha256: "a".repeat(64) };
  const manifest = parseEffectiveManifest(
    JSON.stringify({
      ...{ schema: 1, application: "flooperapp", version: "1.2.0", package: file, tags },
      ...{ install: "i", remove: "r", packageFileName: "app.tar.gz", targetRegions: [{ name: "eastus" }] },
    }),
  );
  return withSubmitter(manifest, submitter).tags;
}
