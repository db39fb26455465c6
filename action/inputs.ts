import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { applicationNameFrom, quoted } from "../core/application.ts";
import { mergeSettings } from "../core/effective-manifest.ts";
import type { Release } from "../core/naming.ts";
import { Problem } from "../core/problem.ts";
import type { Settings } from "../core/settings.ts";
import { versionFrom } from "../core/version.ts";
import { type Cloud, cloudFrom } from "./cloud.ts";
import { Faults } from "./faults.ts";
import type { Run } from "./github.ts";
import { flagFrom, missingInput, oneOf, secondsFromMinutes } from "./input-values.ts";
import { parseReleaseFile, type PlacedReleaseFile } from "./manifest-file.ts";
import type { Place } from "./place.ts";
import { settingsFromInputs } from "./settings-inputs.ts";
import { memberOf, messageOf } from "./thrown.ts";
import { versionInFile } from "./version-file.ts";
import { type Way, wayFrom } from "./way-inputs.ts";

/** Where a package comes from: a path or glob from the workspace, or a pattern for the name of a release's asset. */
export interface PackageChoice {
  readonly from: "workspace" | "release";
  readonly pattern: string;
}

/** Everything that the workflow asks for, parsed. */
export interface Inputs {
  readonly cloud: Cloud;
  readonly way: Way;
  readonly release: Release;
  readonly package: PackageChoice;
  /** Path or glob from the workspace. */
  readonly configuration?: string;
  /** Path of the package's Sigstore bundle, from the workspace. */
  readonly attestation?: string;
  readonly settings: Settings;
  /** Where a setting stands that came from the manifest and not from an input. */
  readonly placeOf: (path: readonly PropertyKey[]) => Place | undefined;
  /** For reading the assets of a release. */
  readonly githubToken: string;
  readonly dryRun: boolean;
  readonly blockChecksums: boolean;
  readonly wait: "published" | "none";
  readonly failOn: "any-region" | "home-region";
  readonly timeoutSeconds: number;
}

type Input = (name: string) => string;

const DEFAULT_MANIFEST = "vmapp.yaml";
const DEFAULT_TIMEOUT_MINUTES = "120";
const NOTHING: PlacedReleaseFile = { file: {}, placeOf: () => undefined };

/** All inputs at once, or one problem that tells everything that is wrong with them. `input` gives "" for what is absent. */
export function readInputs(input: Input, run: Run, authorityHost: string | undefined): Inputs {
  const faults = new Faults();
  const placed = faults.try(() => readReleaseFile(input("manifest"), run.workspace)) ?? NOTHING;
  const { file } = placed;
  const overrides = faults.try(() => settingsFromInputs(input)) ?? {};
  const cloud = faults.try(() => cloudFromInputs(input, authorityHost));
  const way = wayFrom(input, cloud, faults);
  const application = faults.try(() => applicationFrom(input("application") || (file.application ?? "")));
  const version = faults.try(() => versionFromInputs(input("version"), input("version-file"), run));
  const packageChoice = faults.try(() => packageFrom(input("package"), input("release-asset"), file.package));
  const switches = faults.try(() => switchesFrom(input));
  const timeoutSeconds = faults.try(() =>
    secondsFromMinutes("timeout", input("timeout") || DEFAULT_TIMEOUT_MINUTES, DEFAULT_TIMEOUT_MINUTES),
  );
  const githubToken = input("github-token");
  faults.try(() => oneOf("operation", input("operation") || "publish", ["publish"] as const));
  faults.throwIfAny();

  const configuration = input("configuration") || file.configuration;
  const attestation = input("attestation");
  return {
    cloud: present(cloud),
    way: present(way),
    release: { application: present(application), version: present(version) },
    package: present(packageChoice),
    ...(configuration && { configuration }),
    ...(attestation !== "" && { attestation }),
    settings: mergeSettings(overrides, file),
    placeOf: (path) =>
      path[0] !== undefined && String(path[0]) in overrides ? undefined : placed.placeOf(path),
    githubToken,
    ...present(switches),
    timeoutSeconds: present(timeoutSeconds),
  };
}

function switchesFrom(input: Input): Pick<Inputs, "dryRun" | "blockChecksums" | "wait" | "failOn"> {
  return {
    dryRun: flagFrom("dry-run", input("dry-run")),
    blockChecksums: flagFrom("block-checksums", input("block-checksums")),
    wait: oneOf("wait", input("wait") || "published", ["published", "none"] as const),
    failOn: oneOf("fail-on", input("fail-on") || "any-region", ["any-region", "home-region"] as const),
  };
}

/** The cloud that the inputs name, or else the job's environment. */
export function cloudFromInputs(input: Input, authorityHost: string | undefined): Cloud {
  const name = input("cloud");
  const chosenHost = input("authority-host");
  // A name that the workflow gives goes before what the machine's environment happens to say.
  const host = chosenHost || (name === "" ? authorityHost : undefined);
  const audience = input("oidc-audience");
  return cloudFrom({
    name,
    ...(host !== undefined && { authorityHost: host }),
    ...(audience !== "" && { assertionAudience: audience }),
  });
}

function readReleaseFile(path: string, workspace: string): PlacedReleaseFile {
  const name = path || DEFAULT_MANIFEST;
  const whole = resolve(workspace, name);
  let text: string;
  try {
    text = readFileSync(whole, "utf8");
  } catch (error) {
    if (path === "" && memberOf(error, "code") === "ENOENT") return NOTHING;
    throw new Problem(
      "no-manifest",
      `manifest ${quoted(name)} cannot be read: ${messageOf(error)}`,
      "Pass the path of a YAML file in the workspace, and check out the repository before (actions/checkout).",
      { cause: error },
    );
  }
  return parseReleaseFile(text, relative(workspace, whole));
}

function applicationFrom(text: string): string {
  if (text !== "") return applicationNameFrom(text);
  throw missingInput(
    "application",
    "Pass the name of the VM application in the gallery, or set it in vmapp.yaml.",
  );
}

function packageFrom(path: string, asset: string, pathInFile: string | undefined): PackageChoice {
  if (path !== "" && asset !== "") {
    throw new Problem(
      "bad-input",
      "inputs package and release-asset are both set, and a version has one package",
      "Pass package for a file of the workspace, or release-asset for one of the GitHub release.",
    );
  }
  if (asset !== "") return { from: "release", pattern: asset };
  const pattern = path || pathInFile;
  if (pattern) return { from: "workspace", pattern };
  throw missingInput(
    "package",
    'Pass a path or glob of the file to publish, e.g. "dist/*.deb", or set it in vmapp.yaml; or pass release-asset.',
  );
}

function versionFromInputs(text: string, file: string, run: Run): string {
  const source = text || (file && versionInFile(file, run.workspace)) || run.tag;
  if (source) return versionFrom(source);
  throw missingInput(
    "version",
    `Pass it, or version-file, or start the workflow from a release or tag such as v1.2.0; this run's ref is ${quoted(run.ref)}.`,
  );
}

// Every value is there once no fault was found; this tells the compiler.
function present<Value>(value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw new Error("an input was neither parsed nor refused");
}
