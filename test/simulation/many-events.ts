import { type Drop, submissionReportPath } from "../../core/naming.ts";
import { ended, newReport, reportText } from "../../core/report.ts";
import { blobArrived, type Sighting } from "../../functions/triggers/blob-arrived.ts";
import type { Stories, StoryStatus } from "../../functions/vocabulary.ts";
import { InMemoryPackages, InMemoryReports } from "../functions/in-memory-ports.ts";
import { Random } from "./random.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const BEGIN = Date.UTC(2026, 0, 5);
const ACCOUNT = "/subscriptions/s1/resourceGroups/apps/providers/Microsoft.Storage/storageAccounts/vmapps";
/** Instances are forgotten after that time. */
const RETENTION = 26 * HOUR;

/** What became of all events. */
export interface EventsCame {
  readonly events: number;
  readonly sightings: Readonly<Record<Sighting | "nothing", number>>;
  /** How often each submission was published, by its report's path. */
  readonly results: ReadonlyMap<string, number>;
  /** Stories that were started for something that is not there. */
  readonly emptyStories: number;
}

interface Event {
  readonly at: number;
  readonly delivery: unknown;
}

/** Instances of stories that publish after some minutes, if there is a manifest, and are forgotten a day later. */
class PassingStories implements Stories {
  readonly results = new Map<string, number>();
  emptyStories = 0;
  now = BEGIN;
  readonly #instances = new Map<string, { drop: Drop; endsAt: number; hasEnded: boolean }>();
  readonly #random: Random;
  readonly #packages: InMemoryPackages;
  readonly #reports: InMemoryReports;

  constructor(random: Random, packages: InMemoryPackages, reports: InMemoryReports) {
    this.#random = random;
    this.#packages = packages;
    this.#reports = reports;
  }

  async status(instanceId: string): Promise<StoryStatus> {
    const instance = this.#instances.get(instanceId);
    if (!instance) return "absent";
    if (this.now < instance.endsAt) return "running";
    if (!instance.hasEnded) this.#end(instance);
    if (this.now < instance.endsAt + RETENTION) return "ended";
    this.#instances.delete(instanceId);
    return "absent";
  }

  async start(instanceId: string, _story: string, input: object): Promise<void> {
    const { drop } = input as { drop: Drop };
    const endsAt = this.now + this.#random.between(2, 40) * 60 * SECOND;
    this.#instances.set(instanceId, { drop, endsAt, hasEnded: false });
  }

  async raise(): Promise<void> {
    return;
  }

  async purge(): Promise<number> {
    return 0;
  }

  /** Lets all stories end. */
  async finish(): Promise<void> {
    this.now += HOUR;
    for (const id of [...this.#instances.keys()]) await this.status(id);
  }

  #end(instance: { drop: Drop; hasEnded: boolean }): void {
    instance.hasEnded = true;
    const { drop } = instance;
    const manifest = `${drop.application}/${drop.version}/${drop.folder}/manifest.json`;
    if (!this.#packages.dropped.has(manifest)) {
      this.emptyStories += 1;
      return;
    }
    const at = new Date(this.now).toISOString();
    const report = ended(newReport({ ...drop, submission: drop.folder }, at), "published", null, at);
    const path = submissionReportPath(report);
    this.#reports.blobs.set(path, { text: reportText(report), etag: at, writtenAt: at });
    this.results.set(path, (this.results.get(path) ?? 0) + 1);
  }
}

/**
 * Delivers `events` events about `submissions` submissions to the handler, in virtual time: duplicates, reordered and
 * late ones, stale, foreign and forged ones. The same seed makes the same events.
 */
export async function deliverMany(seed: number, submissions: number, events: number): Promise<EventsCame> {
  const random = new Random(seed);
  const packages = new InMemoryPackages();
  const reports = new InMemoryReports();
  const stories = new PassingStories(random, packages, reports);
  const ports = { packages, reports, accountId: ACCOUNT };
  const sightings = {
    started: 0,
    woken: 0,
    "finished before": 0,
    foreign: 0,
    "not a submission": 0,
    nothing: 0,
  };
  for (const { at, delivery } of eventsOf(random, packages, submissions, events)) {
    stories.now = at;
    const seen = await blobArrived(ports, stories, delivery, () => undefined);
    for (const sighting of seen) sightings[sighting] += 1;
    if (seen.length === 0) sightings.nothing += 1;
  }
  await stories.finish();
  return { events, sightings, results: stories.results, emptyStories: stories.emptyStories };
}

function eventsOf(random: Random, packages: InMemoryPackages, submissions: number, events: number): Event[] {
  const made: Event[] = [];
  const folders: { at: number; path: string }[] = [];
  for (let index = 0; index < submissions; index += 1) {
    const at = BEGIN + random.between(0, 24) * HOUR;
    const path = `app-${index % 50}/1.${Math.floor(index / 50)}.${index % 7}/run-${index}-1-${random.hex(8)}`;
    folders.push({ at, path });
    packages.dropped.set(`${path}/manifest.json`, {
      ...{ bytes: Buffer.from("{}"), etag: '"1"', writtenAt: "" },
    });
    // The package's event may overtake the manifest's, as one in five does.
    const isReordered = random.chance(0.2);
    const soon = at + random.between(1, 30) * SECOND;
    made.push({ at: soon, delivery: anEvent(`${path}/manifest.json`) });
    made.push({ at: soon + (isReordered ? 1 : -1) * SECOND, delivery: anEvent(`${path}/app.tar.gz`) });
  }
  while (made.length < events) {
    const { at, path } = random.pick(folders);
    const when = at + (random.chance(0.1) ? random.between(0, 48) * HOUR : random.between(0, 600) * SECOND);
    made.push({ at: when, delivery: another(random, path) });
  }
  return made.sort((a, b) => a.at - b.at);
}

// Three in ten are duplicates; the rest is what else arrives in a queue.
function another(random: Random, path: string): unknown {
  const kind = random.next();
  const manifest = `${path}/manifest.json`;
  if (kind < 0.4) return anEvent(manifest);
  if (kind < 0.55) return [anEvent(manifest), anEvent(`${path}/app.tar.gz`), anEvent(manifest)];
  if (kind < 0.65) return aCloudEvent(manifest);
  if (kind < 0.75) return anEvent(manifest, { api: "CreateFile" });
  if (kind < 0.85) return foreign(random, manifest);
  // Stale: of something that has been deleted since.
  if (kind < 0.9) return anEvent(`${path.replace("run-", "run-9")}/app.tar.gz`);
  return forged(random, path);
}

function foreign(random: Random, path: string): unknown {
  return random.pick([
    anEvent(path, { account: ACCOUNT.replace("vmapps", "others") }),
    anEvent(path, { container: "packages" }),
    anEvent(path, { type: "Microsoft.Storage.BlobDeleted" }),
    anEvent(path, { blobType: "PageBlob" }),
  ]);
}

function forged(random: Random, path: string): unknown {
  return random.pick<unknown>([
    null,
    "text",
    { data: { url: "https://evil.example/manifest.json" } },
    anEvent(`../${path}/manifest.json`),
    anEvent(`${path}/../../manifest.json`),
    anEvent(`${path}/a/b/manifest.json`),
    anEvent(`-rf/1.0.0/run-1-1-${random.hex(8)}/manifest.json`),
    anEvent(`app-1/1.0.0/run-0-0-${random.hex(8)}/manifest.json`),
  ]);
}

function anEvent(
  path: string,
  fields: { account?: string; container?: string; type?: string; api?: string; blobType?: string } = {},
): object {
  const { account = ACCOUNT, container = "incoming", type = "Microsoft.Storage.BlobCreated" } = fields;
  return {
    topic: account,
    subject: `/blobServices/default/containers/${container}/blobs/${path}`,
    eventType: type,
    data: { api: fields.api ?? "PutBlockList", blobType: fields.blobType ?? "BlockBlob" },
  };
}

function aCloudEvent(path: string): object {
  return {
    specversion: "1.0",
    source: ACCOUNT,
    subject: `/blobServices/default/containers/incoming/blobs/${path}`,
    type: "Microsoft.Storage.BlobCreated",
    data: { api: "PutBlob", blobType: "BlockBlob" },
  };
}
