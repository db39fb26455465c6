import { containers, releaseReportPath, type Release, type Submission } from "../../core/naming.ts";
import { newReport, type Report, reportText } from "../../core/report.ts";
import { type AzureAnswer, refusalOf } from "../../core/refusals.ts";
import { AzureRefusal, unanswered } from "../../action/azure-refusal.ts";
import { cloudOf } from "../../action/cloud.ts";
import type { Clock } from "../../action/clock.ts";
import { createDirectIntake } from "../../action/direct-intake.ts";
import type { Log } from "../../action/console.ts";
import type { Run } from "../../action/github.ts";
import type { Inputs } from "../../action/inputs.ts";
import type { Facts } from "../../action/outputs.ts";
import type { Asset, ReleaseAssets } from "../../action/release-asset.ts";
import type { World } from "../../action/publish.ts";
import type { Storage, Written } from "../../action/storage.ts";

export const release: Release = { application: "flooperapp", version: "1.2.0" };
export const account = { name: "vmappackages", blobEndpoint: "https://vmappackages.blob.core.windows.net" };

export function someInputs(change: Partial<Inputs> = {}): Inputs {
  return {
    way: { route: "direct", account, signIn: { with: "environment" } },
    release,
    cloud: cloudOf(undefined),
    package: { from: "workspace", pattern: "app.deb" },
    settings: { install: "./app.deb", remove: "rm app" },
    wait: "published",
    placeOf: () => undefined,
    githubToken: "",
    dryRun: false,
    blockChecksums: false,
    failOn: "any-region",
    timeoutSeconds: 3600,
    ...change,
  };
}

export function aRun(workspace: string): Run {
  return {
    ...{ workspace, apiUrl: "https://api.github.com", id: "77", attempt: "1", ref: "refs/tags/v1.2.0" },
    claims: { repository: "o/r" },
  };
}

export function aReport(change: Partial<Report> = {}): Report {
  return { ...newReport({ ...release, submission: "run-77-1-00000001" }, "2026-01-01T00:00:00Z"), ...change };
}

export function aRegion(
  name: string,
  change: Partial<Report["regions"][number]> = {},
): Report["regions"][number] {
  return { name, state: "Completed", progress: 100, seconds: 42, details: null, ...change };
}

/** Storage in memory. What was written is in `blobs`, in the order of writing; refusals are given once each. */
export class FakeStorage implements Storage {
  readonly account = account.name;
  readonly blobs = new Map<string, Buffer>();
  readonly reports = new Map<string, string>();
  readonly #blocks = new Map<string, Buffer>();
  readonly #refusals: { readonly operation: string; readonly error: Error; readonly after: boolean }[] = [];

  /** The next `operation` is refused with Azure's answer; with `after`, it is done all the same. */
  refuse(operation: keyof Storage, answer: Partial<AzureAnswer>, after = false): void {
    const whole: AzureAnswer = {
      service: "storage",
      status: 500,
      code: "InternalError",
      message: "",
      ...answer,
    };
    const doing = operation === "readReport" ? "read" : "write";
    const context = { account: account.name, doing, container: containers.reports } as const;
    this.#refusals.push({ operation, error: new AzureRefusal(refusalOf(whole, context)), after });
  }

  saveReport(path: string, report: Report): void {
    this.reports.set(path, reportText(report));
  }

  async readReport(path: string): Promise<string | undefined> {
    return this.#do("readReport", () => this.reports.get(path));
  }

  async checkMayCreate(): Promise<void> {
    this.#do("checkMayCreate", () => undefined);
  }

  async createBlob(path: string, bytes: Uint8Array): Promise<Written> {
    return this.#do("createBlob", () => this.#create(path, Buffer.from(bytes)));
  }

  async writeBlock(path: string, blockId: string, bytes: Buffer): Promise<void> {
    this.#do("writeBlock", () => void this.#blocks.set(`${path} ${blockId}`, Buffer.from(bytes)));
  }

  async commitBlocks(path: string, blockIds: readonly string[]): Promise<Written> {
    return this.#do("commitBlocks", () => {
      const blocks = blockIds.map((id) => this.#blocks.get(`${path} ${id}`)!);
      return this.#create(path, Buffer.concat(blocks));
    });
  }

  #create(path: string, bytes: Buffer): Written {
    if (this.blobs.has(path)) return "exists";
    this.blobs.set(path, bytes);
    return "written";
  }

  #do<Value>(operation: string, action: () => Value): Value {
    const index = this.#refusals.findIndex((refusal) => refusal.operation === operation);
    const [refusal] = index < 0 ? [] : this.#refusals.splice(index, 1);
    if (!refusal) return action();
    if (refusal.after) action();
    throw refusal.error;
  }
}

/** A release on GitHub in memory. Each of `breaks` cuts a download off after so many bytes. */
export class FakeAssets implements ReleaseAssets {
  files: readonly { readonly asset: Asset; readonly bytes: Buffer }[] | undefined;
  breaks: number[] = [];
  tags: readonly string[] = [];

  async list(tags: readonly string[]): Promise<readonly Asset[] | undefined> {
    this.tags = tags;
    return this.files?.map(({ asset }) => asset);
  }

  async read({ id }: Asset, from: number): Promise<AsyncIterable<Uint8Array>> {
    const bytes = this.files?.find(({ asset }) => asset.id === id)?.bytes ?? Buffer.alloc(0);
    const cutAt = this.breaks.shift();
    return (async function* () {
      for (let at = from; at < bytes.length; at += 65_537) {
        if (cutAt !== undefined && at - from >= cutAt) throw unanswered("the connection broke", undefined);
        yield bytes.subarray(at, Math.min(at + 65_537, bytes.length));
      }
    })();
  }
}

/** A clock that only sleeping moves. What was planned for a moment happens when it is slept over. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #plans: { readonly at: number; readonly action: () => void }[] = [];

  now(): number {
    return this.#now * 1000;
  }

  date(): Date {
    return new Date(Date.parse("2026-01-01T00:00:00Z") + this.now());
  }

  after(seconds: number, action: () => void): void {
    this.#plans.push({ at: seconds, action });
  }

  async sleep(seconds: number): Promise<void> {
    this.#now += seconds;
    for (const plan of this.#plans.splice(0)) {
      if (plan.at <= this.#now) plan.action();
      else this.#plans.push(plan);
    }
  }
}

export interface FakeWorld extends World {
  /** Where the intake leads. */
  readonly storage: FakeStorage;
  /** Cancels the job. */
  readonly cancel: () => void;
  readonly assets: FakeAssets;
  readonly clock: FakeClock;
  readonly lines: string[];
  readonly warnings: string[];
  facts(): Facts;
}

/** A world without network, time or chance. */
export function aWorld(): FakeWorld {
  const lines: string[] = [];
  const warnings: string[] = [];
  const log: Log = {
    info: (line) => void lines.push(line),
    warning: (message, place) =>
      void warnings.push(place ? `${place.file}:${place.line}:${place.column}: ${message}` : message),
    debug: () => undefined,
  };
  let facts: Facts = {};
  let random = 0;
  const storage = new FakeStorage();
  const clock = new FakeClock();
  const controller = new AbortController();
  const learn = (news: Facts): void => void (facts = { ...facts, ...news });
  const randomHex = (): string => String(++random).padStart(8, "0");
  const githubBundles = async (): Promise<string[]> => [];
  const tools = { clock, log, learn, signal: controller.signal, randomHex, githubBundles };
  return {
    ...{ storage, clock, log, learn },
    intake: createDirectIntake({ storage, endpoint: account.blobEndpoint }, aRun(""), tools),
    expect: () => undefined,
    assets: new FakeAssets(),
    cancel: () => controller.abort(new Error("cancelled")),
    lines,
    warnings,
    facts: () => facts,
  };
}

/** Lets the pipeline publish the next submission after that many seconds. */
export function pipelinePublishes(world: FakeWorld, submission: Submission, seconds: number): void {
  const report = aReport({
    submission: submission.submission,
    outcome: "published",
    regions: [aRegion("eastus")],
    endedAt: "2026-01-01T00:01:00Z",
  });
  world.clock.after(seconds, () => {
    world.storage.saveReport(`flooperapp/1.2.0/${submission.submission}.json`, report);
    world.storage.saveReport(releaseReportPath(release), report);
  });
}
