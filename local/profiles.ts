import { BlobServiceClient } from "@azure/storage-blob";
import { containers, profilePath } from "../core/naming.ts";
import type { profileSchema } from "../core/profile.ts";
import type { z } from "zod";
import { type LocalAzure, localJob } from "./local-azure.ts";

/** Writes an application's profile, as an administrator would. */
export async function writeProfile(
  azure: LocalAzure,
  application: string,
  profile: z.input<typeof profileSchema>,
): Promise<void> {
  const service = BlobServiceClient.fromConnectionString(azure.storage.backstage.blobConnectionString);
  const blob = service.getContainerClient(containers.profiles).getBlockBlobClient(profilePath(application));
  const text = JSON.stringify(profile, null, 2);
  await blob.upload(text, Buffer.byteLength(text));
}

/** The publisher of a profile whose job is the local one. */
export function localPublisher(azure: LocalAzure) {
  return {
    issuer: azure.identity.github.issuer,
    repositoryId: localJob.repositoryId,
    ownerId: localJob.repositoryOwnerId,
    workflow: `${localJob.repository}/.github/workflows/release.yml`,
    environment: localJob.environment ?? "",
  };
}
