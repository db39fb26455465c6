import * as z from "zod";
import { APPLICATION_NAME, APPLICATION_NAME_RULE, isApplicationName } from "./application.ts";
import { documentFrom, editorSchema, SCHEMA } from "./document.ts";
import { FILE_NAME, isSameFileName, MANIFEST_FILE, packageNameFault } from "./file-name.ts";
import { settingsShape } from "./settings.ts";
import { VERSION, versionRuleBrokenBy } from "./version.ts";

export { SCHEMA } from "./document.ts";

/** Azure's limit for a package: 2 GB, taken as 2^31 bytes (VM applications overview, "Limits"). */
export const MAX_PACKAGE_BYTES = 2_147_483_648;
/** Above this a package is warned of: "2 GB" in the documentation may mean this. */
export const LARGE_PACKAGE_BYTES = 2_000_000_000;
/** Azure's limit for a configuration. */
export const MAX_CONFIGURATION_BYTES = 1_073_741_824;

/** The schema of the name of a file that is submitted; any other could leave its folder, or pose as the manifest. */
export const submittedNameSchema = z.string().superRefine((name, context) => {
  const fault = packageNameFault(name);
  if (fault) context.addIssue({ code: "custom", message: fault });
});

/** The form of a SHA-256 everywhere: 64 lower-case hex digits. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "is not 64 lower-case hex digits");

function submittedFile(what: string, limitBytes: number) {
  return z
    .strictObject({
      file: submittedNameSchema.meta({
        description: "Name of the file; it lies in the manifest's folder.",
        pattern: FILE_NAME.source,
      }),
      size: z
        .int()
        .min(1, "is 0: an empty file cannot be published")
        .max(limitBytes, `is more than the ${limitBytes} bytes that Azure takes`)
        .optional()
        .describe("Bytes. When given, a file of another size is refused."),
      sha256: sha256Schema.optional().describe("When given, a file with another SHA-256 is refused."),
    })
    .describe(what);
}

// What the submitter says of itself. Nothing is decided by it; what was proven stands in the report.
const claims = z
  .strictObject({
    repository: z.string().max(200).optional(),
    commit: z.string().max(80).optional(),
    ref: z.string().max(300).optional(),
    actor: z.string().max(100).optional(),
    runUrl: z.string().max(500).optional(),
  })
  .describe("Where the submission says that it comes from. Shown, never believed.");

/** The schema of `manifest.json`; unknown fields are refused. */
export const manifestSchema = z
  .strictObject({
    $schema: editorSchema,
    schema: z.literal(SCHEMA).describe("The form of this document."),
    application: z
      .string()
      .refine(isApplicationName, APPLICATION_NAME_RULE)
      .meta({ description: "Name of the VM application in the gallery.", pattern: APPLICATION_NAME.source }),
    version: z
      .string()
      .superRefine((text, context) => {
        const rule = versionRuleBrokenBy(text);
        if (rule !== undefined) context.addIssue({ code: "custom", message: rule });
      })
      .meta({ description: "MAJOR.MINOR.PATCH, such as 1.2.0.", pattern: VERSION.source }),
    package: submittedFile("The one file that virtual machines receive.", MAX_PACKAGE_BYTES),
    configuration: submittedFile(
      "A second file for virtual machines that bring none of their own.",
      MAX_CONFIGURATION_BYTES,
    ).optional(),
    claims: claims.optional(),
    ...settingsShape,
  })
  .superRefine(({ package: { file }, configuration }, context) => {
    if (!configuration || !isSameFileName(file, configuration.file)) return;
    context.addIssue({
      code: "custom",
      path: ["configuration", "file"],
      message: "is the package's name too",
    });
  });

/** What is to be published and how: the content of a submission's `manifest.json`. */
export type Manifest = z.infer<typeof manifestSchema>;

/** The manifest in `text`, or a problem `bad-manifest` that lists every fault, or `newer-manifest`. */
export function parseManifest(text: string): Manifest {
  return documentFrom(manifestSchema, text, "manifest", MANIFEST_FILE);
}
