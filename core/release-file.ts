import * as z from "zod";
import { check, type Fault } from "./faults.ts";
import { settingsShape } from "./settings.ts";

const path = z.string().min(1).max(1024);

/** The schema of `vmapp.yaml`; unknown fields are refused. */
export const releaseFileSchema = z.strictObject({
  application: z.string().optional().describe("Name of the VM application in the gallery."),
  package: path.optional().describe("Path or glob of the package, from the workspace."),
  configuration: path.optional().describe("Path or glob of the configuration, from the workspace."),
  ...settingsShape,
});

/** What stands in `vmapp.yaml` beside the code: how an application is published, release after release. */
export type ReleaseFile = z.infer<typeof releaseFileSchema>;

/** The release file that `value`, a parsed YAML document, holds, or every fault with its place. */
export function releaseFileFrom(
  value: unknown,
): { readonly file: ReleaseFile } | { readonly faults: readonly Fault[] } {
  const checked = check(releaseFileSchema, value);
  return "value" in checked ? { file: checked.value } : checked;
}
