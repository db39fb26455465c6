import { applicationNameFrom, quoted } from "../core/application.ts";
import type { Release } from "../core/naming.ts";
import { Problem } from "../core/problem.ts";
import type { TargetRegion } from "../core/settings.ts";
import { versionFrom } from "../core/version.ts";
import type { Cloud } from "./cloud.ts";
import { cloudFromInputs } from "./inputs.ts";
import { Faults } from "./faults.ts";
import type { Run } from "./github.ts";
import { missingInput, oneOf, secondsFromMinutes } from "./input-values.ts";
import { settingsFromInputs } from "./settings-inputs.ts";
import { type SignIn, signInFrom } from "./sign-in-inputs.ts";

/** What the Action can do. All but publish go through the pipeline's endpoints. */
export const operations = ["publish", "expand", "status", "promote", "withdraw"] as const;

/** One of the {@link operations}. */
export type ActionOperation = (typeof operations)[number];

/** What the workflow asks of the pipeline's endpoints. */
export interface OperationInputs {
  readonly operation: Exclude<ActionOperation, "publish">;
  readonly release: Release;
  /** The pipeline's address, without a closing slash. */
  readonly url: string;
  readonly audience: string;
  /** None: all regions. */
  readonly targetRegions: readonly TargetRegion[] | undefined;
  readonly cloud: Cloud;
  readonly signIn: SignIn;
  readonly wait: "published" | "none";
  readonly timeoutSeconds: number;
}

type Input = (name: string) => string;

/** The operation that the inputs ask for. */
export function operationFrom(input: Input): ActionOperation {
  return oneOf("operation", input("operation") || "publish", operations);
}

/** The inputs of an operation other than publish, or one problem that tells everything that is wrong with them. */
export function readOperationInputs(
  operation: OperationInputs["operation"],
  input: Input,
  run: Pick<Run, "tag" | "ref">,
  authorityHost: string | undefined,
): OperationInputs {
  const faults = new Faults();
  const application = faults.try(() => required(input, "application", applicationNameFrom));
  const version = faults.try(() => versionOf(input("version"), run));
  const url = faults.try(() => required(input, "pipeline-url", pipelineUrlFrom));
  const audience = faults.try(() => required(input, "pipeline-audience", audienceFrom));
  const settings = faults.try(() => settingsFromInputs(input));
  const signIn = faults.try(() => signInFrom(input("sign-in"), input("client-id"), input("tenant-id")));
  const cloud = faults.try(() => cloudFromInputs(input, authorityHost));
  const wait = faults.try(() => oneOf("wait", input("wait") || "published", ["published", "none"] as const));
  const timeoutSeconds = faults.try(() => secondsFromMinutes("timeout", input("timeout") || "120", "120"));
  faults.try(() => {
    if (operation === "expand" && settings && !settings.targetRegions) {
      throw missingInput("target-regions", "Pass the regions that the version is to be brought to.");
    }
  });
  faults.throwIfAny();
  return {
    operation,
    release: { application: present(application), version: present(version) },
    ...{ url: present(url), audience: present(audience), targetRegions: settings?.targetRegions },
    ...{ cloud: present(cloud), signIn: present(signIn), wait: present(wait) },
    timeoutSeconds: present(timeoutSeconds),
  };
}

function required<Value>(input: Input, name: string, parse: (text: string) => Value): Value {
  if (input(name) === "") throw missingInput(name, `Pass ${name}; action.yml says what it is.`);
  return parse(input(name));
}

function versionOf(text: string, { tag, ref }: Pick<Run, "tag" | "ref">): string {
  const source = text || tag;
  if (source !== undefined) return versionFrom(source);
  throw missingInput("version", `Pass it, e.g. "1.2.0"; this run's ref is ${quoted(ref)}.`);
}

// A token goes there, so nothing but TLS will do; the local Azure answers on this machine.
function pipelineUrlFrom(text: string): string {
  const url = URL.parse(text);
  const isLocal = url?.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  const isPlain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (url && isPlain && (url.protocol === "https:" || isLocal)) {
    return `${url.origin}${url.pathname}`.replace(/\/+$/, "").replace(/\/api$/, "");
  }
  throw new Problem(
    "bad-input",
    `input pipeline-url ${quoted(text.split("?")[0] ?? "")} is no https address without query`,
    "Pass the function app's address, such as https://my-pipeline.azurewebsites.net.",
  );
}

function audienceFrom(text: string): string {
  if (/^[\x21-\x7e]{1,400}$/.test(text)) return text.replace(/\/\.default$/, "");
  throw new Problem(
    "bad-input",
    `input pipeline-audience ${quoted(text)} is no audience`,
    "Pass the application id URI, or the client id, of the pipeline's API as Entra shows it.",
  );
}

// Every value is there once no fault was found; this tells the compiler.
function present<Value>(value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw new Error("an input was neither parsed nor refused");
}
