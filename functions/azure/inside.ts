import type { TokenCredential } from "@azure/identity";
import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import { containers, pathOfBlobUrl } from "../../core/naming.ts";
import type { InsideFacts, VersionBlob } from "../../core/posture/facts.ts";
import type { Arm } from "./arm-requests.ts";
import { askArm } from "./arm-requests.ts";
import { withinSeconds } from "./answers.ts";
import { reading } from "./posture.ts";
import { textOf } from "./reports.ts";

/** What the inside of a deployment is looked at by. */
export interface Insides {
  readonly packagesEndpoint: string;
  readonly galleryId: string;
  readonly hostBlobs: string | undefined;
  readonly hostQueues: string | undefined;
  readonly eventQueue: string | undefined;
  /** Addresses that must be reached, and what for; which ones, depends on what the profiles ask for. */
  readonly hosts: (profiles: readonly string[]) => readonly HostToReach[];
}

/** An address that the function app asks, and what for. */
export interface HostToReach {
  readonly url: string;
  readonly purpose: string;
}

/** More is not counted. */
const MOST = 1000;
const STORAGE_SCOPE = "https://storage.azure.com/.default";

/** Looks into both accounts and out of the subnet, as only the function app can. */
export async function readInside(
  credential: TokenCredential,
  arm: Arm,
  insides: Insides,
): Promise<InsideFacts> {
  const storage = new BlobServiceClient(insides.packagesEndpoint, credential, {
    retryOptions: { maxTries: 2 },
  });
  const profiles = await reading(() => readProfiles(storage.getContainerClient(containers.profiles)));
  const needed = insides.hosts("value" in profiles ? profiles.value.map(({ text }) => text) : []);
  const [deadLetters, poisonMessages, hosts, versions] = await Promise.all([
    reading(() => countDeadLetters(credential, insides)),
    reading(() => countPoison(credential, insides)),
    Promise.all(needed.map(reach)),
    reading(() => readVersions(credential, arm, insides, storage.getContainerClient(containers.vault))),
  ]);
  return { deadLetters, poisonMessages, hosts, profiles, versions };
}

async function countDeadLetters(credential: TokenCredential, { hostBlobs }: Insides): Promise<number> {
  if (hostBlobs === undefined) throw new Error("the settings do not name the host account's blobs");
  const service = new BlobServiceClient(hostBlobs, credential, { retryOptions: { maxTries: 2 } });
  let count = 0;
  const blobs = service.getContainerClient("dead-letters").listBlobsFlat({ abortSignal: withinSeconds() });
  for await (const _blob of blobs) if (++count === MOST) break;
  return count;
}

async function countPoison(
  credential: TokenCredential,
  { hostQueues, eventQueue }: Insides,
): Promise<number> {
  // The Event Grid trigger has no queue, and so no poison messages.
  if (eventQueue === undefined) return 0;
  if (hostQueues === undefined) throw new Error("the settings do not name the host account's queues");
  const abortSignal = withinSeconds();
  const token = await credential.getToken(STORAGE_SCOPE, { abortSignal });
  const response = await fetch(`${hostQueues}/${eventQueue}-poison?comp=metadata`, {
    headers: { authorization: `Bearer ${token?.token ?? ""}`, "x-ms-version": "2024-11-04" },
    signal: abortSignal,
  });
  await response.arrayBuffer();
  // The host makes the queue when it has the first message for it.
  if (response.status === 404) return 0;
  if (response.status !== 200) throw new Error(`the queue service answered ${response.status}`);
  return Number(response.headers.get("x-ms-approximate-messages-count"));
}

async function reach({ url, purpose }: HostToReach): Promise<InsideFacts["hosts"][number]> {
  const { host } = new URL(url);
  // Any answer shows that the host was reached.
  const answer = await reading(async () => (await fetch(url, { signal: withinSeconds() })).arrayBuffer());
  return { host, purpose, fault: "unreadable" in answer ? answer.unreadable : null };
}

async function readProfiles(container: ContainerClient): Promise<{ name: string; text: string }[]> {
  const profiles: { name: string; text: string }[] = [];
  for await (const { name } of container.listBlobsFlat({ abortSignal: withinSeconds() })) {
    const { readableStreamBody } = await container
      .getBlobClient(name)
      .download(0, undefined, { abortSignal: withinSeconds() });
    profiles.push({ name, text: await textOf(readableStreamBody) });
    if (profiles.length === MOST) break;
  }
  return profiles;
}

async function readVersions(
  credential: TokenCredential,
  arm: Arm,
  { galleryId, packagesEndpoint }: Insides,
  vault: ContainerClient,
): Promise<VersionBlob[]> {
  const there = new Set<string>();
  for await (const { name } of vault.listBlobsFlat({ abortSignal: withinSeconds(45) })) there.add(name);
  const versions: VersionBlob[] = [];
  const list = (path: string) => listArm(credential, arm, `${path}?api-version=${arm.galleryApiVersion}`);
  for (const application of await list(`${galleryId}/applications`)) {
    const applicationName = textIn(application, "name");
    for (const version of await list(`${galleryId}/applications/${applicationName}/versions`)) {
      const mediaLink = textIn(version, "properties", "publishingProfile", "source", "mediaLink");
      const path = pathOfBlobUrl(mediaLink, packagesEndpoint, containers.vault);
      const blob = path === undefined ? "elsewhere" : there.has(path) ? "there" : "gone";
      versions.push({ application: applicationName, version: textIn(version, "name"), blob });
    }
  }
  return versions;
}

async function listArm(credential: TokenCredential, arm: Arm, path: string): Promise<unknown[]> {
  const found: unknown[] = [];
  let next: string | undefined = path;
  while (next !== undefined && found.length < MOST) {
    const answer = await askArm(credential, arm, next, { abortSignal: withinSeconds() });
    const value = memberOf(answer.body, "value");
    if (answer.status !== 200 || !isList(value)) throw new Error(`the gallery answered ${answer.status}`);
    found.push(...value);
    const link = textIn(answer.body, "nextLink");
    // The link names the host again.
    next = link.startsWith(arm.endpoint) ? link.slice(arm.endpoint.length) : undefined;
  }
  return found;
}

function textIn(value: unknown, ...path: readonly string[]): string {
  const found = path.reduce(memberOf, value);
  return typeof found === "string" ? found : "";
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
