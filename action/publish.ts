import type { Submission } from "../core/naming.ts";
import { isFinal } from "../core/outcome.ts";
import { Problem } from "../core/problem.ts";
import { type Report, reportLine } from "../core/report.ts";
import { compareWithPublished, isUnderWay } from "./already-published.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./console.ts";
import { dryRun } from "./dry-run.ts";
import { findSources } from "./find-sources.ts";
import { tellFindings } from "./findings.ts";
import { follow } from "./follow.ts";
import type { Run } from "./github.ts";
import type { Inputs } from "./inputs.ts";
import type { Intake } from "./intake.ts";
import { checkManifest, type Files } from "./manifest.ts";
import type { Facts } from "./outputs.ts";
import type { PackageSource } from "./package-source.ts";
import { sizeText } from "./progress.ts";
import type { ReleaseAssets } from "./release-asset.ts";
import { retrying } from "./retry.ts";
import { digestOf } from "./upload.ts";

/** What publishing needs from outside. */
export interface World {
  readonly intake: Intake;
  readonly assets: ReleaseAssets;
  readonly clock: Clock;
  readonly log: Log;
  /** Is told what is known of the release as soon as it is known. */
  readonly learn: (facts: Facts) => void;
  /** Is told how much will probably be sent, before anything is asked. */
  readonly expect: (bytes: number) => void;
}

type Digests = Files<{ readonly sha256: string }>;

/** Brings a release to the pipeline and, unless told otherwise, waits until it is published. */
export async function publish(inputs: Inputs, run: Run, world: World): Promise<void> {
  const { log, learn } = world;
  const { release } = inputs;
  learn(release);
  const sources = await findSources(inputs, run.workspace, world);
  tellFindings(inputs, sources, log);
  checkManifest(inputs, run.claims, sources);
  log.info(
    `${inputs.dryRun ? "dry run of" : "publishing"} ${release.application} ${release.version}: ${sources.package.name}, ${sizeText(sources.package.size)}`,
  );

  if (!inputs.dryRun) world.expect(sources.package.size);
  const before = await readRelease(inputs, world);
  if (inputs.dryRun) return dryRun(inputs, sources, before, world);
  const state = await stateOf(before, sources, inputs, world);
  if (state.is === "settled") return;

  const submission =
    state.is === "under-way"
      ? { ...release, submission: state.submission }
      : await world.intake.submit(inputs, sources, run);
  if (inputs.wait === "published") await follow(submission, inputs, world);
}

// Reading it is also the probe: network, rights, tenant and addresses show here, before anything is sent.
async function readRelease(inputs: Inputs, world: World): Promise<Report | undefined> {
  try {
    return await retrying(
      "reading the release's report",
      () => world.intake.readRelease(inputs.release),
      world,
    );
  } catch (error) {
    const isNeeded = inputs.wait === "published" || inputs.dryRun;
    if (isNeeded || !(error instanceof Problem) || error.code !== "storage-role") throw error;
    world.log.warning(`${error.message}; going on without it, since wait is "none". ${error.nextStep}`);
    return undefined;
  }
}

type State =
  | { readonly is: "new" }
  | { readonly is: "settled" }
  | { readonly is: "under-way"; readonly submission: Submission["submission"] };

async function stateOf(
  before: Report | undefined,
  sources: Files<PackageSource>,
  { settings }: Inputs,
  world: World,
): Promise<State> {
  const { log, learn, clock } = world;
  if (!before || (isFinal(before.outcome) && before.outcome !== "published")) return { is: "new" };
  log.info(`${reportLine(before)}; comparing its content with this package`);
  const digests = await digestsOf(sources);
  if (before.outcome !== "published") {
    if (!isUnderWay(before, digests, settings, clock.date())) return { is: "new" };
    learn({ report: before, sha256: digests.package.sha256 });
    log.info("the content is the same and on its way: joining it");
    return { is: "under-way", submission: before.submission };
  }
  learn({ sha256: digests.package.sha256 });
  const comparison = compareWithPublished(before, digests, settings);
  if (comparison.is === "other") {
    learn({ outcome: "refused" });
    throw comparison.problem;
  }
  if (comparison.is === "unfinished") {
    log.info(`the content is the same, but ${comparison.because}: submitting it again`);
    return { is: "new" };
  }
  learn({ report: before });
  log.info("the content is the same: nothing to upload");
  return { is: "settled" };
}

async function digestsOf({ package: main, configuration }: Files<PackageSource>): Promise<Digests> {
  const sha256 = await digestOf(main);
  if (!configuration) return { package: { sha256 } };
  return { package: { sha256 }, configuration: { sha256: await digestOf(configuration) } };
}
