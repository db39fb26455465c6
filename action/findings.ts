import { type Finding, findingsOf } from "../core/lint.ts";
import { Problem } from "../core/problem.ts";
import type { Log } from "./console.ts";
import type { Inputs } from "./inputs.ts";
import type { Files } from "./manifest.ts";
import { MarkedProblem } from "./place.ts";
import type { PackageSource } from "./package-source.ts";

/** Warns of what is doubtful about a release, at its place in the manifest; what could not be taken back stops it. */
export function tellFindings(inputs: Inputs, sources: Files<PackageSource>, log: Log): void {
  for (const warning of [sources.package, sources.configuration].flatMap(
    (source) => source?.warnings ?? [],
  )) {
    log.warning(warning);
  }
  const { configuration } = sources;
  const findings = findingsOf(inputs.settings, {
    package: sources.package.name,
    ...(configuration && { configuration: configuration.name }),
  });
  for (const finding of findings.filter(({ level }) => level === "warning")) {
    log.warning(finding.text, inputs.placeOf(finding.path));
  }
  const errors = findings.filter(({ level }) => level === "error");
  if (errors.length > 0) throw stopped(errors, inputs);
}

function stopped(errors: readonly Finding[], { placeOf }: Inputs): Problem {
  const marks = errors.flatMap(({ path, text }) => {
    const place = placeOf(path);
    return place ? [{ place, message: text }] : [];
  });
  const problem = new Problem(
    "secret-in-command",
    errors.map(({ text }) => text).join("\n"),
    "Take it out of the command and change it where it is valid: it stands in this repository or workflow already.",
  );
  return new MarkedProblem(problem, marks);
}
