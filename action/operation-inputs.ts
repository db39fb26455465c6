import { applicationNameFrom, quoted } from "../core/application.ts";
import type { Release } from "../core/naming.ts";
import type { TargetRegion } from "../core/settings.ts";
import { versionFrom } from "../core/version.ts";
import type { Cloud } from "./cloud.ts";
import { cloudFromInputs } from "./inputs.ts";
import { Faults } from "./faults.ts";
import type { Run } from "./github.ts";
import { missingInput, oneOf, secondsFromMinutes } from "./input-values.ts";
import { type PipelineAccess, pipelineFrom } from "./pipeline-inputs.ts";
import { settingsFromInputs } from "./settings-inputs.ts";

/** What the Action can do. All but publish go through the pipeline's endpoints. */
export const operations = ["publish", "expand", "status", "promote", "withdraw"] as const;

/** One of the {@link operations}. */
export type ActionOperation = (typeof operations)[number];

/** What the workflow asks of the pipeline's endpoints. */
export interface OperationInputs {
  readonly operation: Exclude<ActionOperation, "publish">;
  readonly release: Release;
  readonly pipeline: PipelineAccess;
  /** None: all regions. */
  readonly targetRegions: readonly TargetRegion[] | undefined;
  readonly cloud: Cloud;
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
  const pipeline = faults.try(() => pipelineFrom(input));
  const settings = faults.try(() => settingsFromInputs(input));
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
    ...{ pipeline: present(pipeline), targetRegions: settings?.targetRegions },
    ...{ cloud: present(cloud), wait: present(wait) },
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

// Every value is there once no fault was found; this tells the compiler.
function present<Value>(value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw new Error("an input was neither parsed nor refused");
}
