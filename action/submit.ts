import { containers, dropPrefix, manifestPath, type Submission } from "../core/naming.ts";
import { attestationFile } from "../core/provenance-gate.ts";
import { bundleFor, readBundles } from "./attestation.ts";
import type { Run } from "./github.ts";
import type { Inputs } from "./inputs.ts";
import { type Files, manifestOf, manifestText } from "./manifest.ts";
import type { PackageSource } from "./package-source.ts";
import type { World } from "./publish.ts";
import { uploadFile, uploadText } from "./upload.ts";

/** Brings a submission into the drop box. The manifest goes last: without it, the folder is one that nothing looks at. */
export async function submit(
  submission: Submission,
  sources: Files<PackageSource>,
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
  const bundles =
    inputs.attestation === undefined ? undefined : readBundles(inputs.attestation, run.workspace);
  const sent = await uploadFile(sources.package, folder + sources.package.name, world);
  world.learn({ sha256: sent.sha256 });
  world.log.info(`SHA-256 ${sent.sha256}`);
  const { configuration } = sources;
  const sentConfiguration =
    configuration && (await uploadFile(configuration, folder + configuration.name, world));
  if (bundles) await uploadText(bundleFor(bundles, sent.sha256), folder + attestationFile(sent.file), world);
  const manifest = manifestOf(inputs, run.claims, {
    package: sent,
    ...(sentConfiguration && { configuration: sentConfiguration }),
  });
  world.signal.throwIfAborted();
  world.learn({ submission: submission.submission });
  await uploadText(manifestText(manifest), manifestPath(drop), world);
  world.learn({ outcome: "waiting" });
  world.log.info(`submitted to ${containers.dropBox}/${folder}`);
}
