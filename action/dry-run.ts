import { isFinal } from "../core/outcome.ts";
import { type Report, reportLine } from "../core/report.ts";
import { compareWithPublished } from "./already-published.ts";
import type { Inputs } from "./inputs.ts";
import type { Files } from "./manifest.ts";
import type { PackageSource } from "./package-source.ts";
import { planOf } from "./plan.ts";
import type { World } from "./publish.ts";
import { digestOf } from "./upload.ts";

/** Shows what a release would be and checks all that can be checked without writing; refuses what would be refused. */
export async function dryRun(
  inputs: Inputs,
  sources: Files<PackageSource>,
  before: Report | undefined,
  world: World,
): Promise<void> {
  const { log, learn, intake } = world;
  const { configuration } = sources;
  const digests: Files<string> = {
    package: await digestOf(sources.package),
    ...(configuration && { configuration: await digestOf(configuration) }),
  };
  const plan = [...planOf(inputs, sources, digests), intake.place];
  learn({ sha256: digests.package, plan });
  log.info("the effective plan (inputs over manifest; the profile in the pipeline fills in the rest):");
  for (const { what, value } of plan) log.info(`  ${what}: ${value}`);

  log.info(await intake.checkMaySubmit(inputs.release, sources));
  const state = stateText(inputs, digests, before);
  learn({ plan: [...plan, { what: "what it would come to", value: state }] });
  log.info(state);
}

function stateText(inputs: Inputs, digests: Files<string>, before: Report | undefined): string {
  if (!before) return "nothing of this version was submitted before: it would be published";
  if (before.outcome !== "published") {
    return `${reportLine(before)}: the same content would ${isFinal(before.outcome) ? "be tried again" : "join it"}`;
  }
  const configuration = digests.configuration;
  const comparison = compareWithPublished(
    before,
    {
      package: { sha256: digests.package },
      ...(configuration !== undefined && { configuration: { sha256: configuration } }),
    },
    inputs.settings,
  );
  if (comparison.is === "other") throw comparison.problem;
  return comparison.is === "same"
    ? "this very content is published: there would be nothing to do"
    : `this content is published, but ${comparison.because}: it would be submitted again`;
}
