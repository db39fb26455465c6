import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { BlobClient, BlobServiceClient } from "@azure/storage-blob";
import { containers, pathOfBlobUrl } from "../core/naming.ts";
import type { Report } from "../core/report.ts";
import { galleryAssignments, type LocalAzure } from "./local-azure.ts";

/** Something that must be so after a release, and whether it is. */
export interface Check {
  readonly says: string;
  readonly holds: boolean;
}

/** What can be seen from outside after a release: the vault's bytes, the gallery's access, the closed door. */
export async function checksOf(azure: LocalAzure, report: Report, file: string): Promise<Check[]> {
  const url = report.blobUrl;
  if (url === null) return [];
  const [inVault, onDisk, anonymous] = await Promise.all([
    digestInVault(azure, url),
    digestOf(createReadStream(file)),
    statusWithoutToken(url),
  ]);
  const left = galleryAssignments(azure).length;
  return [
    { says: `the vault has the file's bytes (SHA-256 ${inVault.slice(0, 12)}…)`, holds: inVault === onDisk },
    { says: `role assignments of the gallery that are left: ${left}`, holds: left === 0 },
    { says: `reading the package without a token is answered with ${anonymous}`, holds: anonymous >= 400 },
  ];
}

/** That storage's firewall keeps the machine out that runs the Action, whoever it is. */
export async function closedToRunner(azure: LocalAzure): Promise<Check> {
  const account = azure.storage.endpoints.internet;
  const token = await azure.identity.tokenFor(azure.identities.uploader, "https://storage.azure.com");
  const url = `${account}/${containers.dropBox}/x?comp=block&blockid=eA==`;
  const answer = await fetch(url, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "x-ms-version": "2024-11-04" },
  });
  const code = answer.headers.get("x-ms-error-code") ?? String(answer.status);
  return {
    says: `storage answers the runner's network with ${code}, even to whoever may upload`,
    holds: code === "AuthorizationFailure",
  };
}

async function digestInVault(azure: LocalAzure, url: string): Promise<string> {
  const path = pathOfBlobUrl(url, azure.storage.endpoints["function-subnet"], containers.vault);
  if (path === undefined) return "not in the vault";
  const service = BlobServiceClient.fromConnectionString(azure.storage.backstage.blobConnectionString);
  const { readableStreamBody } = await service
    .getContainerClient(containers.vault)
    .getBlobClient(path)
    .download();
  return readableStreamBody ? digestOf(readableStreamBody) : "empty";
}

async function digestOf(stream: NodeJS.ReadableStream): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(stream, hash);
  return hash.digest("hex");
}

async function statusWithoutToken(url: string): Promise<number> {
  try {
    await new BlobClient(url).getProperties();
    return 200;
  } catch (error) {
    return error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 0;
  }
}
