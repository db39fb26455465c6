import * as z from "zod";
import type { Refused } from "./answer.ts";
import { bodyRefusal } from "./body-refusal.ts";
import { identityApiVersion } from "./api-versions.ts";

const identity = z.strictObject({
  type: z.enum(["SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned", "None"]).optional(),
  principalId: z.string().nullish(),
  tenantId: z.string().nullish(),
  userAssignedIdentities: z
    .record(z.string(), z.object({ principalId: z.string(), clientId: z.string() }).partial().nullable())
    .nullish(),
});

const galleryBody = z.strictObject({
  id: z.string().nullish(),
  name: z.string().nullish(),
  type: z.string().nullish(),
  location: z.string().nullish(),
  tags: z.record(z.string(), z.string()).nullish(),
  identity: identity.nullish(),
  properties: z
    .strictObject({
      description: z.string().nullish(),
      identifier: z.unknown().optional(),
      provisioningState: z.string().nullish(),
      sharingProfile: z.unknown().optional(),
      softDeletePolicy: z.unknown().optional(),
      sharingStatus: z.unknown().optional(),
    })
    .nullish(),
});

/** A gallery as a client sends it. */
export type GalleryBody = z.infer<typeof galleryBody>;
/** A gallery's identity as a client sends it; a null user-assigned identity is to be removed. */
export type SentIdentity = z.infer<typeof identity>;

/** Reads the body of a PUT or PATCH of a gallery. */
export function parseGalleryBody(
  body: unknown,
  apiVersion: string,
): Refused | { readonly sent: GalleryBody } {
  const parsed = galleryBody.safeParse(body);
  if (!parsed.success) return bodyRefusal(parsed.error, "gallery");
  if (parsed.data.identity && apiVersion < identityApiVersion) {
    const issue = { code: "unrecognized_keys", keys: ["identity"], path: [], message: "" } as const;
    return bodyRefusal({ issues: [issue] }, "gallery");
  }
  return { sent: parsed.data };
}
