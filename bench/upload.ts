import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { numberText, Section } from "./bars.ts";
import { interleaved, median, pairedRatio } from "./interleaved.ts";
import { type Link, loopback, theLink } from "./link.ts";
import { measureAll, type Usage } from "./processes.ts";
import { startFakeCloud } from "./start-fake-cloud.ts";
import type { UploadClient } from "./upload-clients.ts";

const MEBIBYTE = 1024 * 1024;
/** With more, one client's first run has the file read, and another's would take half a minute for nothing. */
const LARGE_MEBIBYTES = 64;

/** One size over one link, and the most that this Action may take of what it is compared with. */
interface Contest {
  readonly mebibytes: number;
  readonly link: Link;
  readonly rounds: number;
  readonly bars: {
    readonly limit?: number;
    readonly azcopy?: number;
    readonly az?: number;
    readonly azcopyMemory?: number;
    readonly memoryMegabytes?: number;
    readonly azcopyCpu?: number;
  };
}

const CONTESTS: readonly Contest[] = [
  { mebibytes: 1, link: loopback, rounds: 7, bars: { azcopy: 0.12, az: 0.1 } },
  { mebibytes: 64, link: theLink, rounds: 5, bars: { limit: 2, azcopy: 0.4 } },
  { mebibytes: 512, link: theLink, rounds: 3, bars: { limit: 1.15, azcopy: 0.62, az: 0.4 } },
  {
    mebibytes: 2048,
    link: theLink,
    rounds: 3,
    bars: { limit: 1.04, azcopy: 0.9, az: 0.45, memoryMegabytes: 120, azcopyMemory: 0.2, azcopyCpu: 0.5 },
  },
];

/** What the benchmarks of uploads need. `quick`: small files and few rounds. */
export interface UploadBench {
  readonly folder: string;
  readonly clients: readonly UploadClient[];
  /** Peers that this machine has not. */
  readonly absent: readonly string[];
  readonly quick: boolean;
  readonly say: (line: string) => void;
}

/** Whole uploads, from the start of the process to its end, against other clients. The first client is judged. */
export async function benchUploads({ folder, clients, absent, quick, say }: UploadBench): Promise<Section> {
  const section = new Section("upload");
  const peers = clients.slice(1).map(({ name, version }) => `${name} ${version}`);
  section.tell("compared with", peers.join("; ") || "nobody");
  if (absent.length > 0) section.tell("left out, because not to be had here", absent.join("; "));
  for (const contest of CONTESTS.filter(({ mebibytes }) => !quick || mebibytes <= 64)) {
    const { mebibytes, link } = contest;
    const workspace = join(folder, "packages");
    const file = packageOf(workspace, mebibytes);
    const cloud = await startFakeCloud(join(folder, "certificates"), link);
    try {
      const contestants = clients.map((client, index) => ({
        name: client.name,
        ...(index > 0 && { onFailure: (why: Error) => leaveOut(client.name, mebibytes, why) }),
        run: async (): Promise<Usage> => {
          const usage = await measureAll(client.programs({ cloud, workspace, file }));
          const { committedBytes } = await cloud.takeCounts();
          if (committedBytes < mebibytes * MEBIBYTE) throw new Error(`${client.name} did not upload ${file}`);
          say(`${client.name}, ${mebibytes} MiB: ${numberText(usage.seconds)} s`);
          return usage;
        },
      }));
      const warmingUp = mebibytes > LARGE_MEBIBYTES ? 1 : contestants.length;
      judge(section, contest, await interleaved(contestants, quick ? 2 : contest.rounds, warmingUp));
    } finally {
      await cloud.stop();
    }
  }
  return section;

  function leaveOut(name: string, mebibytes: number, { message }: Error): void {
    say(`${name}, ${mebibytes} MiB: left out, since it failed: ${message}`);
    const [first = ""] = message.split("\n");
    section.tell(`${mebibytes} MiB: ${name}`, `left out, since it failed: ${first.slice(0, 120)}`);
  }
}

function judge(section: Section, contest: Contest, runs: ReadonlyMap<string, readonly Usage[]>): void {
  const { mebibytes, link, bars } = contest;
  const name = `${mebibytes} MiB${link.delay > 0 ? " over the link" : ""}`;
  const [ours = [], ...others] = runs.values();
  const all = [...runs].map(([client, usages]) => `${client} ${numberText(median(secondsOf(usages)))} s`);
  section.tell(name, all.join(", "));
  if (bars.limit !== undefined && link.bytesPerSecond !== undefined) {
    const limit = (mebibytes * MEBIBYTE) / link.bytesPerSecond;
    section.atMost(`${name}: time`, median(secondsOf(ours)) / limit, bars.limit, "× the link's limit");
  }
  const named = [...runs.keys()].slice(1);
  for (const [index, theirs] of others.entries()) {
    const their = named[index] ?? "";
    const ratio = pairedRatio(secondsOf(ours), secondsOf(theirs));
    const bar = their === "azcopy" ? bars.azcopy : their.startsWith("az ") ? bars.az : undefined;
    if (bar === undefined) section.tell(`${name}: time`, `${numberText(ratio)} × ${their}`);
    else section.atMost(`${name}: time`, ratio, bar, `× ${their}`);
  }
  const azcopy = runs.get("azcopy") ?? [];
  if (bars.memoryMegabytes !== undefined) {
    const peak = median(ours.map(({ peakBytes }) => peakBytes / 1e6));
    section.atMost(`${name}: peak memory`, peak, bars.memoryMegabytes, "MB");
  }
  if (bars.azcopyMemory !== undefined) {
    const ratio = pairedRatio(
      ours.map(({ peakBytes }) => peakBytes),
      azcopy.map(({ peakBytes }) => peakBytes),
    );
    section.atMost(`${name}: peak memory`, ratio, bars.azcopyMemory, "× azcopy");
  }
  if (bars.azcopyCpu !== undefined) {
    const ratio = pairedRatio(
      ours.map(({ cpuSeconds }) => cpuSeconds),
      azcopy.map(({ cpuSeconds }) => cpuSeconds),
    );
    section.atMost(`${name}: processor time`, ratio, bars.azcopyCpu, "× azcopy");
  }
}

function secondsOf(usages: readonly Usage[]): number[] {
  return usages.map(({ seconds }) => seconds);
}

/** A file of that size in the folder, the same bytes each time and none that compress. Gives its name. */
export function packageOf(folder: string, mebibytes: number): string {
  const name = `package-${mebibytes}.bin`;
  const path = join(folder, name);
  if (existsSync(path) && statSync(path).size === mebibytes * MEBIBYTE) return name;
  mkdirSync(folder, { recursive: true });
  const handle = openSync(path, "w");
  let seed = createHash("sha256").update(name).digest();
  const piece = Buffer.alloc(MEBIBYTE);
  for (let at = 0; at < mebibytes; at++) {
    for (let filled = 0; filled < piece.length; filled += seed.length * 1024) {
      seed = createHash("sha256").update(seed).digest();
      for (let copy = 0; copy < 1024; copy++) seed.copy(piece, filled + copy * seed.length);
    }
    writeSync(handle, piece);
  }
  closeSync(handle);
  return name;
}
