import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { applicationNameFrom, quoted } from "../core/application.ts";
import { mergeSettings } from "../core/effective-manifest.ts";
import { regionHint } from "../core/known-regions.ts";
import type { Release } from "../core/naming.ts";
import { Problem } from "../core/problem.ts";
import type { ReleaseFile } from "../core/release-file.ts";
import type { Settings } from "../core/settings.ts";
import { versionFrom } from "../core/version.ts";
import type { Cloud } from "./cloud.ts";
import { Faults } from "./faults.ts";
import type { Run } from "./github.ts";
import { parseReleaseFile } from "./manifest-file.ts";
import { settingsFromInputs } from "./settings-inputs.ts";
import { memberOf, messageOf } from "./thrown.ts";
import { type StorageAccount, storageAccountFrom } from "./storage-account.ts";

/** How the Action proves who it is: GitHub's OIDC token for an identity, or what the job is already signed in with. */
export type SignIn =
  | { readonly with: "github"; readonly clientId: string; readonly tenantId: string }
  | { readonly with: "environment"; readonly clientId?: string };

/** Everything that the workflow asks for, parsed. */
export interface Inputs {
  readonly account: StorageAccount;
  readonly release: Release;
  /** Path or glob from the workspace; so is the configuration. */
  readonly package: string;
  readonly configuration?: string;
  readonly settings: Settings;
  readonly signIn: SignIn;
  readonly wait: "published" | "none";
  readonly timeoutSeconds: number;
  /** What looks wrong but is for the pipeline to decide. */
  readonly warnings: readonly string[];
}

const DEFAULT_MANIFEST = "vmapp.yaml";
const DEFAULT_TIMEOUT_MINUTES = "120";

/** All inputs at once, or one problem that tells everything that is wrong with them. `input` gives "" for what is absent. */
export function readInputs(input: (name: string) => string, run: Run, cloud: Cloud): Inputs {
  const faults = new Faults();
  const file = faults.try(() => readReleaseFile(input("manifest"), run.workspace));
  const overrides = faults.try(() => settingsFromInputs(input));
  const account = faults.try(() => accountFrom(input("storage-account"), cloud));
  const application = faults.try(() => applicationFrom(input("application") || (file?.application ?? "")));
  const version = faults.try(() => versionFromInput(input("version"), run));
  const packagePattern = faults.try(() => packageFrom(input("package") || (file?.package ?? "")));
  const signIn = faults.try(() => signInFrom(input("client-id"), input("tenant-id")));
  const wait = faults.try(() => oneOf("wait", input("wait") || "published", ["published", "none"] as const));
  const timeoutSeconds = faults.try(() => timeoutFrom(input("timeout") || DEFAULT_TIMEOUT_MINUTES));
  faults.try(() => oneOf("operation", input("operation") || "publish", ["publish"] as const));
  faults.throwIfAny();

  const settings = mergeSettings(overrides ?? {}, file ?? {});
  const configuration = input("configuration") || file?.configuration;
  return {
    account: present(account),
    release: { application: present(application), version: present(version) },
    package: present(packagePattern),
    ...(configuration && { configuration }),
    settings,
    signIn: present(signIn),
    wait: present(wait),
    timeoutSeconds: present(timeoutSeconds),
    warnings: (settings.targetRegions ?? []).flatMap(({ name }) => {
      const hint = regionHint(name);
      return hint ? [`target region ${hint}`] : [];
    }),
  };
}

function readReleaseFile(path: string, workspace: string): ReleaseFile {
  const name = path || DEFAULT_MANIFEST;
  let text: string;
  try {
    text = readFileSync(resolve(workspace, name), "utf8");
  } catch (error) {
    if (path === "" && memberOf(error, "code") === "ENOENT") return {};
    throw new Problem(
      "no-manifest",
      `manifest ${quoted(name)} cannot be read: ${messageOf(error)}`,
      "Pass the path of a YAML file in the workspace, and check out the repository before (actions/checkout).",
      { cause: error },
    );
  }
  return parseReleaseFile(text, name);
}

function accountFrom(text: string, cloud: Cloud): StorageAccount {
  if (text !== "") return storageAccountFrom(text, cloud.blobSuffix);
  throw missing("storage-account", "Pass the name of the pipeline's packages account.");
}

function applicationFrom(text: string): string {
  if (text !== "") return applicationNameFrom(text);
  throw missing(
    "application",
    "Pass the name of the VM application in the gallery, or set it in vmapp.yaml.",
  );
}

function packageFrom(text: string): string {
  if (text !== "") return text;
  throw missing(
    "package",
    'Pass a path or glob of the file to publish, e.g. "dist/*.deb", or set it in vmapp.yaml.',
  );
}

function versionFromInput(text: string, run: Run): string {
  const source = text || run.tag;
  if (source !== undefined) return versionFrom(source);
  throw missing(
    "version",
    `Pass it, or start the workflow from a release or tag such as v1.2.0; this run's ref is ${quoted(run.ref)}.`,
  );
}

function signInFrom(clientId: string, tenantId: string): SignIn {
  if (clientId === "" && tenantId !== "") {
    throw missing(
      "client-id",
      "Pass it beside tenant-id: the client id of the identity that trusts this repository.",
    );
  }
  for (const [name, value] of [
    ["client-id", clientId],
    ["tenant-id", tenantId],
  ] as const) {
    if (value !== "" && !/^[0-9A-Za-z][0-9A-Za-z.-]{0,252}$/.test(value)) {
      throw new Problem(
        "bad-input",
        `input ${name} ${quoted(value)} is no id`,
        `Pass ${name} as the portal shows it.`,
      );
    }
  }
  if (tenantId !== "") return { with: "github", clientId, tenantId };
  return { with: "environment", ...(clientId !== "" && { clientId }) };
}

function timeoutFrom(text: string): number {
  const minutes = Number(text);
  if (/^\d{1,5}$/.test(text) && minutes >= 1 && minutes <= 7200) return minutes * 60;
  throw new Problem(
    "bad-input",
    `input timeout ${quoted(text)} is no whole number of minutes between 1 and 7200`,
    `Pass minutes, e.g. "${DEFAULT_TIMEOUT_MINUTES}".`,
  );
}

function oneOf<Choice extends string>(name: string, text: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  const known = choices.map((choice) => `"${choice}"`).join(" or ");
  throw new Problem("bad-input", `input ${name} ${quoted(text)} is not ${known}`, `Pass ${known}.`);
}

function missing(name: string, nextStep: string): Problem {
  return new Problem("missing-input", `input ${name} is missing`, nextStep);
}

// Every value is there once no fault was found; this tells the compiler.
function present<Value>(value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw new Error("an input was neither parsed nor refused");
}
