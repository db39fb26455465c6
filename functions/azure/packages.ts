import type { BlobServiceClient, ContainerClient } from "@azure/storage-blob";
import { spellingProblem } from "../../core/application.ts";
import { MAX_DOCUMENT_BYTES } from "../../core/json.ts";
import { blobUrl, containers, pathOfBlobUrl, profilePath } from "../../core/naming.ts";
import type { DroppedFile } from "../../core/submission.ts";
import type { Lost, Packages } from "../ports.ts";
import { asking, isRefusal, withinSeconds, withinLongActivity } from "./answers.ts";
import { listAll, quotedEtag } from "./listing.ts";
import { textOf } from "./reports.ts";
import { copyVerified, digestOf } from "./vault-copy.ts";

/** More files than a submission by hand can have. */
const MOST_FILES = 200;

/** Drop box, vault and profiles in their containers of one account. */
export function azurePackages(service: BlobServiceClient, endpoint: string): Packages {
  const dropBox = service.getContainerClient(containers.dropBox);
  const vault = service.getContainerClient(containers.vault);
  const profiles = service.getContainerClient(containers.profiles);

  return {
    list: (prefix) =>
      asking("storage", () => list(dropBox, prefix), { container: "incoming", doing: "read" }),

    listAll: () => listAll(dropBox),

    folders: (prefix) =>
      asking("storage", () => listFolders(dropBox, prefix), { container: "incoming", doing: "read" }),

    readDropped: (file) =>
      unlessLost(async () => {
        // Of nothing, no range can be read.
        if (file.size === 0) return { text: "" };
        const stream = await download(dropBox, file, withinSeconds(), MAX_DOCUMENT_BYTES + 1);
        return { text: await textOf(stream) };
      }),

    digest: (file) =>
      unlessLost(async () => digestOf(bytesOf(await download(dropBox, file, withinLongActivity())))),

    copyIntoVault: (file, place) =>
      unlessLost(() =>
        copyVerified(
          async () => bytesOf(await download(dropBox, file, withinLongActivity())),
          vault.getBlockBlobClient(place.path),
          place,
        ),
      ),

    async writeIntoVault(path, text) {
      const options = {
        conditions: { ifNoneMatch: "*" },
        blobHTTPHeaders: { blobContentType: "application/json" },
        abortSignal: withinSeconds(),
      };
      try {
        await asking(
          "storage",
          () => vault.getBlockBlobClient(path).upload(text, Buffer.byteLength(text), options),
          {
            container: containers.vault,
            doing: "write",
          },
        );
      } catch (error) {
        if (!isRefusal(error, 409, "BlobAlreadyExists") && !isRefusal(error, 412)) throw error;
      }
    },

    readFromVault: (path) => readText(vault, path),

    vaultUrl: (path) => blobUrl(endpoint, containers.vault, path),

    vaultPathOf: (url) => pathOfBlobUrl(url, endpoint, containers.vault),

    async readProfile(application) {
      try {
        return await readText(profiles, profilePath(application));
      } catch (error) {
        if (!isRefusal(error, 404, "BlobNotFound")) throw error;
      }
      const known = (await listAll(profiles)).map(({ path }) => path.replace(/\.json$/, ""));
      const problem = spellingProblem(application, known);
      if (problem) throw problem;
      return undefined;
    },
  };
}

async function list(container: ContainerClient, prefix: string): Promise<DroppedFile[]> {
  const files: DroppedFile[] = [];
  const items = container.listBlobsByHierarchy("/", { prefix, abortSignal: withinSeconds() });
  for await (const item of items) {
    if (item.kind === "prefix") continue;
    const { etag, contentLength } = item.properties;
    files.push({ path: item.name, etag: quotedEtag(etag), size: contentLength ?? 0 });
    if (files.length === MOST_FILES) break;
  }
  return files;
}

async function listFolders(container: ContainerClient, prefix: string): Promise<string[]> {
  const folders: string[] = [];
  const items = container.listBlobsByHierarchy("/", { prefix, abortSignal: withinSeconds() });
  for await (const item of items) {
    if (item.kind !== "prefix") continue;
    folders.push(item.name.slice(prefix.length, -1));
    if (folders.length === MOST_FILES) break;
  }
  return folders;
}

async function download(
  container: ContainerClient,
  { path, etag }: DroppedFile,
  abortSignal: AbortSignal,
  bytes?: number,
): Promise<NodeJS.ReadableStream | undefined> {
  const blob = container.getBlockBlobClient(path);
  const options = { conditions: { ifMatch: etag }, maxRetryRequests: 5, abortSignal };
  const context = { container: container.containerName, doing: "read" } as const;
  const answer = await asking("storage", () => blob.download(0, bytes, options), context);
  return answer.readableStreamBody;
}

async function* bytesOf(stream: NodeJS.ReadableStream | undefined): AsyncIterable<Uint8Array> {
  for await (const chunk of stream ?? []) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

async function unlessLost<Result>(read: () => Promise<Result>): Promise<Result | Lost> {
  try {
    return await asking("storage", read);
  } catch (error) {
    if (isRefusal(error, 404, "BlobNotFound")) return "gone";
    if (isRefusal(error, 412)) return "changed";
    throw error;
  }
}

async function readText(container: ContainerClient, path: string): Promise<string> {
  const context = { container: container.containerName, doing: "read" } as const;
  return asking(
    "storage",
    async () => {
      const blob = container.getBlockBlobClient(path);
      const { readableStreamBody } = await blob.download(0, undefined, { abortSignal: withinSeconds() });
      return textOf(readableStreamBody);
    },
    context,
  );
}
