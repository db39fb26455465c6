import {
  containers,
  type Drop,
  dropPrefix,
  manifestPath,
  type Release,
  releaseReportPath,
  runFolder,
  submissionReportPath,
} from "../core/naming.ts";
import { attestationFile } from "../core/provenance-gate.ts";
import { bundleSource } from "./attestation.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./console.ts";
import type { Run } from "./github.ts";
import type { GithubBundles } from "./github-attestations.ts";
import type { Intake } from "./intake.ts";
import { manifestOf, manifestText } from "./manifest.ts";
import type { Facts } from "./outputs.ts";
import { readReport } from "./report-file.ts";
import { retrying } from "./retry.ts";
import type { Storage } from "./storage.ts";
import { uploadFile, uploadText } from "./upload.ts";

/** What a way into the pipeline needs from outside. */
export interface IntakeTools {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the job is cancelled: nothing is handed over after that. */
  readonly signal: AbortSignal;
  readonly learn: (facts: Facts) => void;
  readonly githubBundles: GithubBundles;
}

/** GitHub's bundles of a file, asked for again as long as GitHub's trouble passes by itself. */
export function asking(tools: IntakeTools): GithubBundles {
  return (sha256) => retrying("asking for the attestation", () => tools.githubBundles(sha256), tools);
}

interface DirectTools extends IntakeTools {
  /** Eight hex digits that nobody can guess. */
  readonly randomHex: () => string;
}

/** The drop box itself. A submission's manifest goes last: without it, the folder is one that nothing looks at. */
export function createDirectIntake(
  { storage, endpoint }: { readonly storage: Storage; readonly endpoint: string },
  run: Pick<Run, "id" | "attempt">,
  tools: DirectTools,
): Intake {
  const newDrop = ({ application, version }: Release): Drop => ({
    ...{ application, version },
    folder: runFolder(run.id, run.attempt, tools.randomHex()),
  });
  const upload = { ...tools, storage };

  return {
    place: { what: "storage account", value: endpoint },
    readRelease: (release) => readReport(storage, releaseReportPath(release)),
    readSubmission: (submission) => readReport(storage, submissionReportPath(submission)),

    checkMaySubmit: async (release, sources) => {
      const path = dropPrefix(newDrop(release)) + sources.package.name;
      await retrying("checking the right to create", () => storage.checkMayCreate(path), tools);
      return "signed in, reports can be read, and the drop box would take the package";
    },

    submit: async (inputs, sources, { workspace, claims }) => {
      const drop = newDrop(inputs.release);
      const folder = dropPrefix(drop);
      const bundleOf = bundleSource(inputs.attestation, workspace, asking(tools));
      const sent = await uploadFile(sources.package, folder + sources.package.name, upload);
      tools.learn({ sha256: sent.sha256 });
      tools.log.info(`SHA-256 ${sent.sha256}`);
      const { configuration } = sources;
      const sentConfiguration =
        configuration && (await uploadFile(configuration, folder + configuration.name, upload));
      if (bundleOf) {
        await uploadText(await bundleOf(sent.sha256), folder + attestationFile(sent.file), upload);
      }
      const manifest = manifestOf(inputs, claims, {
        package: sent,
        ...(sentConfiguration && { configuration: sentConfiguration }),
      });
      tools.signal.throwIfAborted();
      tools.learn({ submission: drop.folder });
      await uploadText(manifestText(manifest), manifestPath(drop), upload);
      tools.learn({ outcome: "waiting" });
      tools.log.info(`submitted to ${containers.dropBox}/${folder}`);
      return { ...inputs.release, submission: drop.folder };
    },
  };
}
