import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { BlobServiceClient, type BlockBlobClient, RestError } from "@azure/storage-blob";
import { trustInThisProcess } from "../local/certificates.ts";
import { type LocalAzure, startLocalAzure } from "../local/local-azure.ts";
import { type Release, releaseReportPath } from "../core/naming.ts";
import { isFinal } from "../core/outcome.ts";
import { parseReport, type Report } from "../core/report.ts";
import { publicRegions, regionName } from "../local/arm/regions.ts";
import { numberText, Section } from "./bars.ts";
import { memoryOf, processThat } from "./processes.ts";

// Those who wait for a place at the lease ask every 400 seconds: faster, five hundred of them would be all there is to do.
const SPEED = 60;
/** Azure takes one write at a time to an application, so the releases are of many. */
const MOST_APPLICATIONS = 50;
const MOST_SECONDS = 400;
/** A crowd that would take longer is left out. */
const PATIENCE_SECONDS = 360;

interface Crowd {
  readonly releases: number;
  readonly regions: number;
}

interface CrowdFigures {
  readonly secondsARelease: number;
  readonly armRequestsARelease: number;
  readonly hostMegabytes: number;
}

/** Many releases at once, and releases to many regions, on the local Azure: all its parts share this machine. */
export async function benchLocal(
  functionApp: string,
  quick: boolean,
  say: (line: string) => void,
): Promise<Section> {
  const section = new Section("local");
  const crowds: number[] = [];
  const figures: CrowdFigures[] = [];
  for (const releases of quick ? [10, 30] : [10, 100, 500]) {
    const expected = (figures.at(-1)?.secondsARelease ?? 0) * releases;
    if (expected > PATIENCE_SECONDS) {
      section.tell(
        `${releases} releases at once`,
        `left out: it would take ${numberText(expected / 60)} min here`,
      );
      continue;
    }
    try {
      const measured = await publishCrowd({ releases, regions: 3 }, functionApp);
      say(`${releases} releases: ${numberText(measured.secondsARelease)} s a release`);
      section.tell(`${releases} releases at once`, figuresText(measured));
      figures.push(measured);
      crowds.push(releases);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      say(`${releases} releases: ${why}`);
      section.tell(`${releases} releases at once`, `not measured: ${why.slice(0, 120)}`);
    }
  }
  // The smallest crowd is mostly waiting; the two largest tell whether a release gets dearer.
  const [few, many] = [figures.at(-2), figures.at(-1)];
  if (few && many) {
    const [fewer, most] = [String(crowds.at(-2)), String(crowds.at(-1))];
    const time = many.secondsARelease / few.secondsARelease;
    section.atMost(`time a release, ${most} at once`, time, 1.1, `× ${fewer} at once`);
    const memory = many.hostMegabytes / few.hostMegabytes;
    section.atMost(`memory of the host, ${most} at once`, memory, 1.5, `× ${fewer} at once`);
  }
  for (const regions of [1, publicRegions.length]) {
    section.tell(
      `${regions} regions`,
      figuresText(await publishCrowd({ releases: 5, regions }, functionApp)),
    );
  }
  return section;
}

function figuresText({ secondsARelease, armRequestsARelease, hostMegabytes }: CrowdFigures): string {
  return `${numberText(secondsARelease)} s and ${numberText(armRequestsARelease)} requests to Resource Manager a release, host ${numberText(hostMegabytes)} MB`;
}

async function publishCrowd({ releases, regions }: Crowd, functionApp: string): Promise<CrowdFigures> {
  const dataFolder = await mkdtemp(join(tmpdir(), "bench-local-"));
  const applications = applicationsOf(releases);
  const azure = await startLocalAzure({ dataFolder, functionApp, speed: SPEED, applications });
  try {
    trustInThisProcess(azure.certificates);
    // Of its own, Azure takes 300 versions to a region: this subscription has asked for more.
    azure.arm.settings.versionsPerRegion = 1000;
    for (const application of applications) await writeProfileOf(azure, application);
    const host = processThat(["functions-host", dataFolder]);
    const begun = performance.now();
    const crowd = releasesOf(releases);
    for (const release of crowd) await submit(azure, release, regions);
    await allPublished(azure, crowd);
    const seconds = (performance.now() - begun) / 1000;
    return {
      secondsARelease: seconds / releases,
      armRequestsARelease: azure.arm.calls.list().length / releases,
      hostMegabytes: memoryOf(host).peak / 1e6,
    };
  } finally {
    await azure.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

/** Writes the application's profile, as an administrator would. */
export async function writeProfileOf(
  azure: LocalAzure,
  application: string,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const profile = { schema: 1, supportedOSType: "Linux", install: "./install.sh", remove: "./remove.sh" };
  const text = JSON.stringify({ ...profile, ...fields });
  await write(backstage(azure), "applications", `${application}.json`, text);
}

/** The release's report, once there is one. */
export async function reportOf(
  azure: LocalAzure,
  { application, version }: Release,
): Promise<Report | undefined> {
  const reports = backstage(azure).getContainerClient("reports");
  return readReport(reports.getBlockBlobClient(releaseReportPath({ application, version })));
}

function backstage({ storage }: LocalAzure): BlobServiceClient {
  return BlobServiceClient.fromConnectionString(storage.backstage.blobConnectionString);
}

/** Submits a release as the Action does: through the guard, signed in, the manifest last. */
export async function submit(
  azure: LocalAzure,
  { application, version }: Release,
  regions: number,
): Promise<void> {
  const { uploader } = azure.identities;
  const token = await azure.identity.tokenFor(uploader, "https://storage.azure.com");
  const account = new BlobServiceClient(azure.storage.endpoints.runner, {
    getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
  });
  const folder = `${application}/${version}/run-1-1-${randomBytes(4).toString("hex")}`;
  const bytes = `package of ${version}`;
  const manifest = {
    schema: 1,
    application,
    version,
    package: {
      file: "app.bin",
      size: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    },
    targetRegions: publicRegions.slice(0, regions).map(regionName),
  };
  await write(account, "incoming", `${folder}/app.bin`, bytes);
  await write(account, "incoming", `${folder}/manifest.json`, JSON.stringify(manifest));
}

async function write(
  account: BlobServiceClient,
  container: string,
  path: string,
  content: string,
): Promise<void> {
  await account
    .getContainerClient(container)
    .getBlockBlobClient(path)
    .upload(content, Buffer.byteLength(content));
}

async function allPublished(azure: LocalAzure, releases: readonly Release[]): Promise<void> {
  let open = [...releases];
  for (const begun = performance.now(); open.length > 0;) {
    if (performance.now() - begun > MOST_SECONDS * 1000)
      throw new Error(`${open.length} releases did not end`);
    const [first] = open;
    const { outcome, reason } = (first && (await reportOf(azure, first))) ?? {};
    if (outcome === undefined || !isFinal(outcome)) {
      await delay(200);
    } else if (outcome === "published") {
      open = open.slice(1);
    } else {
      throw new Error(
        `${first?.application} ${first?.version} ended as ${outcome}: ${reason?.message ?? ""}`,
      );
    }
  }
}

function applicationsOf(releases: number): string[] {
  return Array.from({ length: Math.min(releases, MOST_APPLICATIONS) }, (_, index) => `benchapp${index + 1}`);
}

function releasesOf(releases: number): Release[] {
  const applications = applicationsOf(releases);
  return Array.from({ length: releases }, (_, index) => ({
    application: applications[index % applications.length] ?? "",
    version: `1.0.${index + 1}`,
  }));
}

// One request: a report may be written anew between two.
async function readReport(blob: BlockBlobClient): Promise<Report | undefined> {
  try {
    const { readableStreamBody } = await blob.download();
    return readableStreamBody && parseReport(await text(readableStreamBody));
  } catch (error) {
    if (error instanceof RestError && error.statusCode === 404) return undefined;
    throw error;
  }
}
