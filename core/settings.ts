import * as z from "zod";
import { FILE_NAME, fileNameFault } from "./file-name.ts";
import { duplicateRegions, regionKey } from "./region.ts";

/** Azure's limit for each command (`manageActions`), in characters. */
export const MAX_COMMAND_CHARACTERS = 4096;

/** The schema of a region's name. Regions have letters and digits; display names have spaces, e.g. "East US 2". */
export const regionName = z
  .string()
  .max(60)
  .regex(/^[A-Za-z][A-Za-z0-9 ]*$/, 'is not a region such as "eastus2" or "East US 2"')
  .describe('A region by its name, "eastus2", or its display name, "East US 2".');

const storageAccountType = z.enum(["Standard_LRS", "Standard_ZRS", "Premium_LRS", "PremiumV2_LRS"]);

// VM application documentation says 1 to 10 in its limits and 1 to 3 in an error text: the service has the last word.
const replicas = z.int().min(1).max(10);

/** A region that a version is copied to, in Azure's fields. A plain name stands for `{ name }`. */
export const targetRegionSchema = z.strictObject({
  name: regionName,
  regionalReplicaCount: replicas.optional().describe("Replicas in this region. Default: replicaCount."),
  storageAccountType: storageAccountType
    .optional()
    .describe("Storage of the replicas in this region. It cannot be changed once the version exists."),
  excludeFromLatest: z
    .boolean()
    .optional()
    .describe("Whether virtual machines in this region that ask for the latest version pass over this one."),
});

const targetRegions = z
  .array(
    z.union([regionName.transform((name) => ({ name })), targetRegionSchema], {
      error: 'must be a region\'s name such as "eastus2", or an object with a name',
    }),
  )
  .min(1)
  .max(100)
  .superRefine((regions, context) => {
    for (const name of duplicateRegions(regions.map((region) => region.name))) {
      context.addIssue({ code: "custom", message: `has the region ${JSON.stringify(name)} more than once` });
    }
  })
  .transform((regions): TargetRegion[] =>
    regions.map((region) => ({ ...region, name: regionKey(region.name) })),
  );

const command = z
  .string()
  .min(1)
  .max(MAX_COMMAND_CHARACTERS)
  .refine((text) => text === "" || text.trim() !== "", "is blank")
  .refine((text) => !text.includes("\0"), "has a NUL character");

const fileName = z
  .string()
  .superRefine((name, context) => {
    const fault = fileNameFault(name);
    if (fault) context.addIssue({ code: "custom", message: fault });
  })
  .meta({ pattern: FILE_NAME.source });

const customAction = z.strictObject({
  name: z.string().min(1).max(80),
  script: command,
  description: z.string().max(1024).optional(),
  parameters: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(80),
        required: z.boolean().optional(),
        type: z.enum(["String", "ConfigurationDataBlob", "LogOutputBlob"]).optional(),
        defaultValue: z.string().max(4096).optional(),
        description: z.string().max(1024).optional(),
      }),
    )
    .max(50)
    .optional(),
});

// ARM: at most 50 tags, names up to 512 and values up to 256 characters; names without <>%&\?/
const tagName = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[^<>%&\\?/]*$/, String.raw`has one of <>%&\?/, which no tag's name may have`);
const tags = z
  .record(tagName, z.string().max(256))
  .refine(
    (map) => Object.keys(map).length <= 40,
    "has more than 40 tags (Azure allows 50, and some are ours)",
  );

/**
 * How a version is published, in Azure's names for the fields: `manageActions`, `settings`, `publishingProfile` of
 * a gallery application version. Every field is optional here; manifest and profile complete one another.
 */
export const settingsShape = {
  install: command
    .optional()
    .describe("Command that installs the package; it runs as root or SYSTEM in the package's folder."),
  remove: command.optional().describe("Command that removes the application."),
  update: command
    .optional()
    .describe(
      "Command that updates an older version. Without it the old one is removed and this one installed.",
    ),
  packageFileName: fileName
    .optional()
    .describe("Name of the package on the virtual machine. Default: its name in the submission."),
  configFileName: fileName
    .optional()
    .describe("Name of the configuration on the virtual machine. Default: its name in the submission."),
  scriptBehaviorAfterReboot: z
    .enum(["None", "Rerun"])
    .optional()
    .describe("Whether a command that was cut short by a reboot runs again. Azure's default: None."),
  targetRegions: targetRegions
    .optional()
    .describe("Regions that the version is copied to. The gallery's own region is added when it is missing."),
  replicaCount: replicas
    .optional()
    .describe("Replicas in each region that does not say its own number. Azure's default: 1."),
  storageAccountType: storageAccountType
    .optional()
    .describe("Storage of the replicas. It cannot be changed once the version exists."),
  excludeFromLatest: z
    .boolean()
    .optional()
    .describe("Whether virtual machines that ask for the latest version pass over this one."),
  endOfLifeDate: z.iso
    .datetime({ offset: true, error: 'is not a date and time such as "2030-01-31T00:00:00Z"' })
    .optional()
    .describe("When the version's support ends; Azure shows it and does nothing."),
  enableHealthCheck: z.boolean().optional().describe("Azure's enableHealthCheck. Azure's default: false."),
  customActions: z
    .array(customAction)
    .max(20)
    .optional()
    .describe("Further scripts that can be run on virtual machines that have the application."),
  advancedSettings: z
    .record(z.string().min(1).max(256), z.string().max(1024))
    .optional()
    .describe("Settings that Azure hands to the extension that runs the commands."),
  tags: tags.optional().describe("Tags of the version's resource."),
};

/** The schema of {@link Settings}; unknown fields are refused. */
export const settingsSchema = z.strictObject(settingsShape);

/** What a manifest, a profile or the Action's inputs say of how a version is published. */
export type Settings = z.infer<typeof settingsSchema>;

/** A region of {@link Settings}, its name in the short form `eastus2`. */
export type TargetRegion = z.infer<typeof targetRegionSchema>;

/** The names of all {@link Settings} fields. */
export const settingsFields: readonly (keyof Settings)[] = settingsSchema.keyof().options;
