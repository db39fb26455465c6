import type { Submission } from "../core/naming.ts";
import { reportLine } from "../core/report.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./console.ts";
import { follow } from "./follow.ts";
import type { OperationInputs } from "./operation-inputs.ts";
import type { Facts } from "./outputs.ts";
import type { Begun, Pipeline } from "./pipeline.ts";
import { retrying } from "./retry.ts";

/** What an operation needs from outside. */
export interface OperationWorld {
  readonly pipeline: Pipeline;
  readonly clock: Clock;
  readonly log: Log;
  readonly learn: (facts: Facts) => void;
}

/** Has the pipeline do something with a published version and, unless told otherwise, waits until it is done. */
export async function operate(inputs: OperationInputs, world: OperationWorld): Promise<void> {
  const { operation, release, timeoutSeconds } = inputs;
  const { pipeline, log, learn } = world;
  learn(release);
  if (operation === "status") {
    const report = await retrying("reading the status", () => pipeline.status(release), world);
    learn({ report });
    log.info(reportLine(report));
    return;
  }
  const begin = () => pipeline.begin(release, operation, bodyOf(operation, inputs));
  const submission = await retrying(`asking to ${operation}`, begin, world);
  learn({ submission, outcome: "waiting" });
  log.info(`asked to ${operation} ${release.application} ${release.version}: ${submission}`);
  if (inputs.wait === "none") return;
  const intake = { readSubmission: (of: Submission) => pipeline.statusOf(of) };
  await follow({ ...release, submission }, { timeoutSeconds, failOn: "any-region" }, { ...world, intake });
}

function bodyOf(operation: Begun, { targetRegions }: OperationInputs): object {
  if (operation === "expand") return { targetRegions };
  return targetRegions ? { regions: targetRegions.map(({ name }) => name) } : {};
}
