import type { Release, Submission } from "../core/naming.ts";
import type { Report } from "../core/report.ts";
import type { Run } from "./github.ts";
import type { Inputs } from "./inputs.ts";
import type { Files } from "./manifest.ts";
import type { PackageSource } from "./package-source.ts";
import type { PlanRow } from "./plan.ts";

/** A way into the pipeline: through its drop box, or through its endpoints. */
export interface Intake {
  /** Where it leads, for a plan. */
  readonly place: PlanRow;
  /** The release's report, or undefined when there is none. One attempt; the first is the probe of the whole way. */
  readRelease(release: Release): Promise<Report | undefined>;
  /** A submission's report, or undefined when there is none yet. One attempt. */
  readSubmission(submission: Submission): Promise<Report | undefined>;
  /** Throws what a submission would be answered, as far as that shows without writing. Gives what was found, in words. */
  checkMaySubmit(release: Release, sources: Files<PackageSource>): Promise<string>;
  /** Brings a submission in and hands it over as the last thing. Gives it its name. */
  submit(inputs: Inputs, sources: Files<PackageSource>, run: Run): Promise<Submission>;
}
