import * as z from "zod";
import type { Refused } from "./answer.ts";
import { bodyRefusal, withoutNulls } from "./body-refusal.ts";

const storageAccountType = z.enum(["Standard_LRS", "Standard_ZRS", "Premium_LRS", "PremiumV2_LRS"]);

const command = z.string().max(4096).optional();

const customAction = z.strictObject({
  name: z.string(),
  script: z.string(),
  description: z.string().optional(),
  parameters: z
    .array(
      z.strictObject({
        name: z.string(),
        required: z.boolean().optional(),
        type: z.enum(["String", "ConfigurationDataBlob", "LogOutputBlob"]).optional(),
        defaultValue: z.string().optional(),
        description: z.string().optional(),
      }),
    )
    .optional(),
});

const targetRegion = z.strictObject({
  name: z.string(),
  regionalReplicaCount: z.int().optional(),
  storageAccountType: storageAccountType.optional(),
  excludeFromLatest: z.boolean().optional(),
  encryption: z.unknown().optional(),
  additionalReplicaSets: z.array(z.unknown()).optional(),
});

const publishingProfile = z.strictObject({
  source: z
    .strictObject({ mediaLink: z.string().optional(), defaultConfigurationLink: z.string().optional() })
    .optional(),
  manageActions: z.strictObject({ install: command, remove: command, update: command }).optional(),
  settings: z
    .strictObject({
      packageFileName: command,
      configFileName: command,
      scriptBehaviorAfterReboot: z.enum(["None", "Rerun"]).optional(),
    })
    .optional(),
  advancedSettings: z.record(z.string(), z.string()).optional(),
  enableHealthCheck: z.boolean().optional(),
  customActions: z.array(customAction).optional(),
  targetRegions: z.array(targetRegion).optional(),
  targetExtendedLocations: z.array(z.unknown()).optional(),
  replicaCount: z.int().optional(),
  excludeFromLatest: z.boolean().optional(),
  publishedDate: z.string().optional(),
  endOfLifeDate: z.iso.datetime({ offset: true, local: true }).optional(),
  storageAccountType: storageAccountType.optional(),
  storageAccountStrategy: z.enum(["PreferStandard_ZRS", "DefaultStandard_LRS"]).optional(),
  replicationMode: z.enum(["Full", "Shallow"]).optional(),
});

const versionBody = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  type: z.string().optional(),
  location: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  properties: z
    .strictObject({
      publishingProfile: publishingProfile.optional(),
      safetyProfile: z
        .strictObject({ allowDeletionOfReplicatedLocations: z.boolean().optional() })
        .optional(),
      provisioningState: z.string().optional(),
      replicationStatus: z.unknown().optional(),
    })
    .optional(),
});

/** A version as a client sends it. */
export type VersionBody = z.infer<typeof versionBody>;
/** A publishing profile as a client sends it. */
export type SentProfile = z.infer<typeof publishingProfile>;
/** A target region as a client sends it. */
export type SentRegion = z.infer<typeof targetRegion>;

/** Reads the body of a PUT or PATCH of a version. */
export function parseVersionBody(
  body: unknown,
  apiVersion: string,
): Refused | { readonly sent: VersionBody } {
  const parsed = versionBody.safeParse(withoutNulls(body));
  if (!parsed.success) return bodyRefusal(parsed.error, "galleryApplicationVersion");
  const strategy = parsed.data.properties?.publishingProfile?.storageAccountStrategy;
  if (strategy !== undefined && apiVersion < "2025-03-03") {
    const at = ["properties", "publishingProfile"];
    const issue = {
      code: "unrecognized_keys",
      keys: ["storageAccountStrategy"],
      path: at,
      message: "",
    } as const;
    return bodyRefusal({ issues: [issue] }, "galleryApplicationVersion");
  }
  return { sent: parsed.data };
}
