import { quoted } from "../core/application.ts";
import type { SubmittedFile } from "../core/effective-manifest.ts";
import { sha256 as sha256Of, type Submission } from "../core/naming.ts";
import { Problem } from "../core/problem.ts";
import { attestationFile } from "../core/provenance-gate.ts";
import { type BundleOf, bundleSource } from "./attestation.ts";
import { asking, type IntakeTools } from "./direct-intake.ts";
import type { Run } from "./github.ts";
import type { Inputs } from "./inputs.ts";
import type { Intake } from "./intake.ts";
import { type Files, manifestOf, manifestText } from "./manifest.ts";
import type { PackageSource } from "./package-source.ts";
import type { Pipeline } from "./pipeline.ts";
import type { OpenFile, OpenSubmission, Submissions } from "./pipeline-submissions.ts";
import { createProgress } from "./progress.ts";
import { retrying } from "./retry.ts";
import { countOfBlocks, sendBlocks } from "./send-blocks.ts";
import { textSource } from "./text-source.ts";
import { digestOf, readUnchanged } from "./upload.ts";

/** Something that is to be sent, and what it was found to be before. */
interface Sending {
  readonly source: PackageSource;
  readonly sha256: string;
}

/** What a submission is made of, before anything of it is sent. */
interface Whole {
  readonly files: readonly Sending[];
  readonly manifest: string;
}

// Blocks that the pipeline has lost between the first look and the commit are sent once more, and then it gives up.
const ROUNDS = 3;

/** The pipeline's endpoints, through which a submission comes in where storage is closed to this machine. */
export function createPipelineIntake(
  url: string,
  { status, submissions }: { readonly status: Pipeline; readonly submissions: Submissions },
  tools: IntakeTools,
): Intake {
  return {
    place: { what: "pipeline", value: url },
    readRelease: (release) => status.statusIfAny(release),
    readSubmission: (submission) => status.statusOf(submission),

    checkMaySubmit: () =>
      Promise.resolve(
        "signed in, and the pipeline tells this job of the release; what it says to a submission shows when one is opened",
      ),

    submit: async (inputs, sources, run) => {
      const bundleOf = bundleSource(inputs.attestation, run.workspace, asking(tools));
      const whole = await wholeOf(inputs, sources, run, bundleOf);
      const names = whole.files.map(({ source: { name, size } }) => ({ file: name, size }));
      // The same content by the same job is the same submission, so that a step that is repeated goes on with it.
      const key = sha256Of(whole.manifest + JSON.stringify(names)).slice(0, 32);
      const open = await retrying(
        "opening a submission",
        () => submissions.open(inputs.release, names, key),
        tools,
      );
      const submission = { ...inputs.release, submission: open.submission };
      const [main] = whole.files;
      if (main) {
        tools.learn({ sha256: main.sha256 });
        tools.log.info(`SHA-256 ${main.sha256}`);
      }
      for (const sending of whole.files) await sendFile(submission, open, sending);
      tools.signal.throwIfAborted();
      tools.learn({ submission: submission.submission });
      await retrying("handing over", () => submissions.commit(submission, whole.manifest), tools);
      tools.learn({ outcome: "waiting" });
      tools.log.info(`submitted to the pipeline as ${submission.submission}`);
      return submission;
    },
  };

  async function sendFile(submission: Submission, open: OpenSubmission, sending: Sending): Promise<void> {
    const { name, size } = sending.source;
    let present = open;
    for (let round = 1; ; round++) {
      const file = fileIn(present, name);
      if (file.sha256 === sending.sha256) return;
      await sendMissing(submission, present, file, sending);
      try {
        const commit = () => submissions.commitFile(submission, name, size, sending.sha256);
        await retrying(`committing ${name}`, commit, tools);
        return;
      } catch (error) {
        const isMissing = error instanceof Problem && error.code === "blocks-missing";
        if (!isMissing || round === ROUNDS) throw error;
        tools.log.info(`${error.message}; sending them again`);
        present = await retrying("reading what has arrived", () => submissions.see(submission), tools);
      }
    }
  }

  async function sendMissing(
    submission: Submission,
    { blockBytes, blocksAtOnce }: OpenSubmission,
    { received }: OpenFile,
    { source, sha256 }: Sending,
  ): Promise<void> {
    const { name, size } = source;
    const arrived = new Set(received);
    const blocks = {
      bytes: blockBytes,
      lanes: blocksAtOnce,
      send: (number: number, bytes: Buffer, signal: AbortSignal) =>
        submissions.sendBlock(submission, name, number, bytes, AbortSignal.any([signal, tools.signal])),
      hasArrived: (number: number) => arrived.has(number),
    };
    if (arrived.size > 0) {
      tools.log.info(`${name}: ${arrived.size} of ${countOfBlocks(size, blocks)} blocks have arrived before`);
    }
    const progress = createProgress(name, size, tools.clock, tools.log);
    const sent = await readUnchanged(source, async (opened, hash) => {
      await sendBlocks(opened, size, blocks, hash, progress.sent, tools);
      return () => Promise.resolve();
    });
    if (sent !== sha256) throw changed(name);
    progress.done();
  }
}

// The manifest names digests, and so does the key: everything is read once before it is sent, and must be the same then.
async function wholeOf(
  inputs: Inputs,
  sources: Files<PackageSource>,
  run: Run,
  bundleOf: BundleOf | undefined,
): Promise<Whole> {
  const main = await sendingOf(sources.package);
  const configuration = sources.configuration && (await sendingOf(sources.configuration));
  const attestation = await bundleOf?.(main.sha256);
  const manifest = manifestOf(inputs, run.claims, {
    package: submittedFile(main),
    ...(configuration && { configuration: submittedFile(configuration) }),
  });
  return {
    files: [
      main,
      ...(configuration ? [configuration] : []),
      ...(attestation === undefined
        ? []
        : [await sendingOf(textSource(attestationFile(main.source.name), attestation))]),
    ],
    manifest: manifestText(manifest),
  };
}

async function sendingOf(source: PackageSource): Promise<Sending> {
  return { source, sha256: await digestOf(source) };
}

function submittedFile({ source: { name, size }, sha256 }: Sending): SubmittedFile {
  return { file: name, size, sha256 };
}

function fileIn({ files, submission }: OpenSubmission, name: string): OpenFile {
  const found = files.find(({ file }) => file === name);
  if (found) return found;
  throw new Error(`${submission} was opened without the file ${quoted(name)}`);
}

function changed(name: string): Problem {
  return new Problem(
    "file-changed",
    `${quoted(name)} changed while it was read`,
    "Let the step that writes the file end before this one, then run the job again. Nothing was published.",
  );
}
