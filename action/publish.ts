import { quoted } from "../core/application.ts";
import {
  containers,
  dropPrefix,
  manifestPath,
  releaseReportPath,
  runFolder,
  type Submission,
} from "../core/naming.ts";
import { Problem } from "../core/problem.ts";
import { type Report, reportLine } from "../core/report.ts";
import { compareWithPublished } from "./already-published.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./console.ts";
import { follow } from "./follow.ts";
import type { Run } from "./github.ts";
import type { Inputs } from "./inputs.ts";
import { checkManifest, type Files, manifestOf, manifestText } from "./manifest.ts";
import type { Facts } from "./outputs.ts";
import { findFile, type PackageFile } from "./package-file.ts";
import { sizeText } from "./progress.ts";
import { readReport } from "./report-file.ts";
import { retrying } from "./retry.ts";
import type { Storage } from "./storage.ts";
import { digestOf, uploadFile, uploadText } from "./upload.ts";

/** What publishing needs from outside. */
export interface World {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: Log;
  /** Eight hex digits that nobody can guess. */
  readonly randomHex: () => string;
  /** Is told what is known of the release as soon as it is known. */
  readonly learn: (facts: Facts) => void;
}

/** Brings a release into the drop box and, unless told otherwise, waits until it is published. */
export async function publish(inputs: Inputs, run: Run, world: World): Promise<void> {
  const { log, learn } = world;
  const { release } = inputs;
  learn(release);
  for (const warning of inputs.warnings) log.warning(warning);
  const files = findFiles(inputs, run.workspace);
  for (const warning of [files.package, files.configuration].flatMap((file) => file?.warnings ?? [])) {
    log.warning(warning);
  }
  checkManifest(inputs, run.claims, files);
  log.info(
    `publishing ${release.application} ${release.version}: ${files.package.name}, ${sizeText(files.package.size)}`,
  );

  const before = await readRelease(inputs, world);
  if (before?.outcome === "published" && (await isSettled(before, files, inputs, world))) return;

  const submission = { ...release, submission: runFolder(run.id, run.attempt, world.randomHex()) };
  await submit(submission, files, inputs, run, world);
  if (inputs.wait === "none") return;
  await follow(submission, inputs.timeoutSeconds, world);
}

function findFiles(inputs: Inputs, workspace: string): Files<PackageFile> {
  const found = findFile(inputs.package, "package", workspace);
  if (inputs.configuration === undefined) return { package: found };
  const configuration = findFile(inputs.configuration, "configuration", workspace);
  if (configuration.name.toLowerCase() === found.name.toLowerCase()) {
    throw new Problem(
      "bad-file",
      `package and configuration are both named ${quoted(found.name)}; they lie in one folder of the drop box`,
      "Rename one of the files.",
    );
  }
  return { package: found, configuration };
}

// Reading it is also the probe: firewall, role, tenant and name of the account show here, before anything is sent.
async function readRelease(inputs: Inputs, world: World): Promise<Report | undefined> {
  try {
    return await retrying(
      "reading the release's report",
      () => readReport(world.storage, releaseReportPath(inputs.release)),
      world,
    );
  } catch (error) {
    if (inputs.wait === "published" || !(error instanceof Problem) || error.code !== "storage-role")
      throw error;
    world.log.warning(`${error.message}; going on without it, since wait is "none". ${error.nextStep}`);
    return undefined;
  }
}

async function isSettled(
  published: Report,
  files: Files<PackageFile>,
  { settings }: Inputs,
  { log, learn }: World,
): Promise<boolean> {
  log.info(`${reportLine(published)}; comparing its content with this package`);
  const sha256 = await digestOf(files.package);
  learn({ sha256 });
  const configuration = files.configuration && { sha256: await digestOf(files.configuration) };
  const comparison = compareWithPublished(
    published,
    { package: { sha256 }, ...(configuration && { configuration }) },
    settings,
  );
  if (comparison.is === "other") {
    learn({ outcome: "refused" });
    throw comparison.problem;
  }
  if (comparison.is === "unfinished") {
    log.info(`the content is the same, but ${comparison.because}: submitting it again`);
    return false;
  }
  learn({ report: published });
  log.info("the content is the same: nothing to upload");
  return true;
}

// The manifest goes last: without it, the folder is one that nothing looks at.
async function submit(
  submission: Submission,
  files: Files<PackageFile>,
  inputs: Inputs,
  run: Run,
  world: World,
): Promise<void> {
  const drop = {
    application: submission.application,
    version: submission.version,
    folder: submission.submission,
  };
  const folder = dropPrefix(drop);
  const sent = await uploadFile(files.package, folder + files.package.name, world);
  world.learn({ sha256: sent.sha256 });
  world.log.info(`SHA-256 ${sent.sha256}`);
  const { configuration } = files;
  const sentConfiguration =
    configuration && (await uploadFile(configuration, folder + configuration.name, world));
  const manifest = manifestOf(inputs, run.claims, {
    package: sent,
    ...(sentConfiguration && { configuration: sentConfiguration }),
  });
  await uploadText(manifestText(manifest), manifestPath(drop), world);
  world.learn({ submission: submission.submission, outcome: "waiting" });
  world.log.info(`submitted to ${containers.dropBox}/${folder}`);
}
