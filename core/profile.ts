import * as z from "zod";
import { documentFrom, editorSchema, SCHEMA } from "./document.ts";
import { handDropRules } from "./hand-drop.ts";
import { provenanceModes } from "./provenance.ts";
import { publishersSchema } from "./publishers.ts";
import { duplicateRegions } from "./region.ts";
import { regionName, settingsShape } from "./settings.ts";

/** What holds for an application whose profile does not say otherwise, or that has none. */
export const defaultRules = {
  patienceMinutes: 60,
  settlingSeconds: 120,
  timeoutMinutes: 360,
  latest: "when-replicated",
} as const;

const waves = z
  .array(
    z.strictObject({
      regions: z
        .array(regionName)
        .min(1)
        .max(100)
        .describe("Regions of this wave, among the target regions."),
      bakeMinutes: z
        .int()
        .min(1)
        .max(10_080)
        .describe("How long these regions must have the version before the next wave begins."),
    }),
  )
  .max(10)
  .superRefine((list, context) => {
    for (const name of duplicateRegions(list.flatMap(({ regions }) => regions))) {
      context.addIssue({ code: "custom", message: `have the region ${JSON.stringify(name)} more than once` });
    }
  });

const url = z.url({ protocol: /^https$/, error: "is not an address that begins with https://" }).max(2048);

/** The schema of a profile, `applications/<application>.json`; unknown fields are refused. */
export const profileSchema = z.strictObject({
  $schema: editorSchema,
  schema: z.literal(SCHEMA).describe("The form of this document."),
  supportedOSType: z
    .enum(["Linux", "Windows"])
    .describe("Azure's supportedOSType of the application; it cannot be changed later."),
  description: z.string().max(1024).optional().describe("Azure's description of the application."),
  eula: z.string().max(2048).optional().describe("Azure's eula of the application."),
  privacyStatementUri: url.optional().describe("Azure's privacyStatementUri of the application."),
  releaseNoteUri: url.optional().describe("Azure's releaseNoteUri of the application."),
  patienceMinutes: z
    .int()
    .min(1)
    .max(10_080)
    .default(defaultRules.patienceMinutes)
    .describe("How long an incomplete submission waits for its missing files."),
  settlingSeconds: z
    .int()
    .min(5)
    .max(3600)
    .default(defaultRules.settlingSeconds)
    .describe("How long a folder filled by hand must stay unchanged before it counts as complete."),
  timeoutMinutes: z
    .int()
    .min(10)
    .max(1440)
    .default(defaultRules.timeoutMinutes)
    .describe("How long a publication may take before it is given up as timed-out."),
  latest: z
    .enum(["when-replicated", "immediately", "never"])
    .default(defaultRules.latest)
    .describe(
      "When virtual machines that ask for the latest version get a new one: once every region has it, as soon as " +
        "their own region has it, or not before somebody promotes it. A manifest's excludeFromLatest goes before.",
    ),
  waves: waves
    .optional()
    .describe(
      "Regions that get a version first, wave after wave; all other target regions follow at the end. The gallery's own region is always in the first.",
    ),
  callers: z
    .array(z.guid("is no id: pass the object id, or the client id, of a user or an application"))
    .min(1)
    .max(100)
    .optional()
    .describe(
      "Object or client ids in Entra of those who alone may use the pipeline's API for this application. Default: everybody who has the app role.",
    ),
  publishers: publishersSchema
    .optional()
    .describe("The workflows of GitHub's that may publish the application. Default: none."),
  provenance: z
    .enum(provenanceModes)
    .optional()
    .describe(
      "require: a package needs an attestation of one of the publishers; warn: without one, the report has a note. Default: off.",
    ),
  handDrops: z
    .enum(handDropRules)
    .optional()
    .describe(
      "What becomes of submissions whose submitter is not proven. Default: approve with publishers, else publish.",
    ),
  direct: z
    .enum(["hand-drop", "trusted"])
    .optional()
    .describe(
      "trusted: whoever may write to the drop box counts as proven, if it commits its folder with a manifest. Default: hand-drop with publishers, else trusted.",
    ),
  ...settingsShape,
});

/** An application's standing rules. Its settings are defaults for what a manifest leaves out. */
export type Profile = z.infer<typeof profileSchema>;

/** The profile in `text`, or a problem `bad-profile` that lists every fault, or `newer-profile`. */
export function parseProfile(text: string, application: string): Profile {
  return documentFrom(
    profileSchema.superRefine(requireProvable),
    text,
    "profile",
    `profile applications/${application}.json`,
  );
}

/** Whether files dropped by hand for the application can be published: the profile says how to install and remove. */
export function allowsBareDrops(profile: Profile): boolean {
  return profile.install !== undefined && profile.remove !== undefined;
}

function requireProvable({ provenance = "off", publishers = [] }: Profile, context: z.RefinementCtx): void {
  if (provenance === "off" || publishers.some(({ ref }) => ref !== undefined)) return;
  const message = 'needs a publisher with a ref such as "refs/tags/v{version}"';
  context.addIssue({ code: "custom", path: ["provenance"], message });
}
