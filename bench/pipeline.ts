import { request } from "node:https";
import { cpus } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type APipeline, publishingJobs, startPipeline } from "./a-pipeline.ts";
import { numberText, Section } from "./bars.ts";
import { interleaved, median, pairedRatio } from "./interleaved.ts";
import { type Link, loopback, slowLink, theLink } from "./link.ts";
import { measureAll, type Usage } from "./processes.ts";
import { startFakeCloud } from "./start-fake-cloud.ts";
import { actionClient, actionThroughPipeline } from "./upload-clients.ts";
import { packageOf } from "./upload.ts";

const MEBIBYTE = 1024 * 1024;
const BLOCK_BYTES = 8 * MEBIBYTE;
const UPLOADS = 20;
const BLOCKS_EACH = 8;

interface Route {
  readonly mebibytes: number;
  readonly link: Link;
  readonly name: string;
}

/** What the benchmarks of the pipeline's endpoints need. `quick`: less of everything. */
export interface PipelineBench {
  readonly folder: string;
  readonly actionMain: string;
  readonly functionApp: string;
  readonly quick: boolean;
  readonly say: (line: string) => void;
}

/** Submissions through the pipeline's endpoints: what many at once take of the host, and how long one takes. */
export async function benchPipeline(bench: PipelineBench): Promise<Section> {
  const section = new Section("pipeline");
  await benchMemory(section, bench);
  await benchRoutes(section, bench, {
    mebibytes: bench.quick ? 64 : 256,
    link: slowLink,
    name: "a link of 40 MB/s",
  });
  await benchRoutes(section, bench, { mebibytes: bench.quick ? 64 : 256, link: theLink, name: "the link" });
  return section;
}

/** Twenty uploads, each a block at a time, as fast as the machine can. */
async function benchMemory(section: Section, { folder, functionApp, quick }: PipelineBench): Promise<void> {
  const pipeline = await startPipeline(folder, functionApp, loopback);
  try {
    const before = pipeline.memory().peak;
    const begun = performance.now();
    const uploads = Array.from({ length: UPLOADS }, (_, index) =>
      sendBlocks(pipeline, index, quick ? 2 : BLOCKS_EACH),
    );
    await Promise.all(uploads);
    const seconds = (performance.now() - begun) / 1000;
    const megabytes = (await pipeline.storage.takeCounts()).bytes / 1e6;
    section.tell(
      `${UPLOADS} uploads at once`,
      `${numberText(megabytes)} MB in ${numberText(seconds)} s; host and app before: ${numberText(before / 1e6)} MB`,
    );
    section.atMost("peak memory of the process of host and app", pipeline.memory().peak / 1e6, 300, "MB");
  } finally {
    await pipeline.stop();
  }
}

async function sendBlocks(pipeline: APipeline, index: number, blocks: number): Promise<void> {
  const [job = publishingJobs[0]] = [publishingJobs[index % publishingJobs.length]];
  if (!job) return;
  const version = `1.0.${index}`;
  const submissions = `/api/applications/benchapp/versions/${version}/submissions`;
  const token = await pipeline.tokenFor({ ...job, ref: `refs/tags/v${version}` });
  const ask = (method: string, path: string, body: Buffer): Promise<string> =>
    answerTo(`${pipeline.url}${path}`, method, token, body);
  const files = [{ file: "app.bin", size: blocks * BLOCK_BYTES }];
  const opened: unknown = JSON.parse(await ask("POST", submissions, Buffer.from(JSON.stringify({ files }))));
  const submission = String(Reflect.get(Object(opened), "submission"));
  const bytes = Buffer.alloc(BLOCK_BYTES, index);
  for (let block = 0; block < blocks; block++) {
    await ask("PUT", `${submissions}/${submission}/files/app.bin/blocks/${block}`, bytes);
  }
}

function answerTo(url: string, method: string, token: string, body: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-length": body.length };
    const signal = AbortSignal.timeout(120_000);
    request(url, { method, headers, signal }, (answer) => {
      text(answer).then((told) => {
        if (answer.statusCode === 200 || answer.statusCode === 201) resolve(told);
        else reject(new Error(`${method} ${url} was answered with ${String(answer.statusCode)}: ${told}`));
      }, reject);
    })
      .once("error", reject)
      .end(body);
  });
}

/** The Action's two routes with the same bytes, each over the same link. */
async function benchRoutes(section: Section, bench: PipelineBench, route: Route): Promise<void> {
  const { mebibytes, link } = route;
  const { folder, actionMain, functionApp, quick, say } = bench;
  const workspace = join(folder, "packages");
  const file = packageOf(workspace, mebibytes);
  const pipeline = await startPipeline(folder, functionApp, link);
  const cloud = await startFakeCloud(join(folder, "certificates"), link);
  try {
    const whole = mebibytes * MEBIBYTE;
    const direct = actionClient(actionMain, "");
    let run = 0;
    const cpuSeconds: number[] = [];
    const runs = await interleaved<Usage>(
      [
        {
          name: "direct",
          run: async () => {
            const usage = await measureAll(direct.programs({ cloud, workspace, file }));
            return checked("direct", usage, (await cloud.takeCounts()).committedBytes, whole, say);
          },
        },
        {
          name: "pipeline",
          run: async () => {
            const program = actionThroughPipeline(actionMain, pipeline, {
              ...{ cloud, workspace, file, version: `2.${mebibytes}.${run++}` },
            });
            const before = pipeline.cpuSeconds();
            const usage = await measureAll([program]);
            cpuSeconds.push(pipeline.cpuSeconds() - before + usage.cpuSeconds);
            const { committedBytes } = await pipeline.storage.takeCounts();
            return checked("pipeline", usage, committedBytes, whole, say);
          },
        },
      ],
      quick ? 1 : 3,
    );
    const seconds = (name: string): number[] => (runs.get(name) ?? []).map((usage) => usage.seconds);
    const what = `${mebibytes} MiB over ${route.name}`;
    section.tell(
      what,
      `through the pipeline ${numberText(median(seconds("pipeline")))} s, of which ${cpus().length} processors worked ${numberText(median(cpuSeconds))} s; direct ${numberText(median(seconds("direct")))} s`,
    );
    section.atMost(
      `${what}: time through the pipeline`,
      pairedRatio(seconds("pipeline"), seconds("direct")),
      1.3,
      "× direct",
    );
  } finally {
    await cloud.stop();
    await pipeline.stop();
  }
}

function checked(
  route: string,
  usage: Usage,
  committed: number,
  whole: number,
  say: (line: string) => void,
): Usage {
  if (committed < whole) throw new Error(`${route}: ${committed} bytes of ${whole} arrived`);
  say(`${route}, ${whole / MEBIBYTE} MiB: ${numberText(usage.seconds)} s`);
  return usage;
}
