import { type Drop, isCommittedByManifest } from "../../core/naming.ts";
import type { Operation } from "../../core/operation.ts";
import { digestOf } from "../functions/in-memory-ports.ts";
import type { Random } from "./random.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Something that is put into the drop box. */
export interface PlannedSubmission {
  readonly drop: Drop;
  /** Whether it came through the endpoints, so that the pipeline knows who submitted it. */
  readonly isProven: boolean;
  readonly at: number;
  readonly files: readonly { readonly name: string; readonly content: string }[];
  /** Its bytes and commands, as its manifest has them. */
  readonly sha256: string;
  readonly install: string;
  readonly remove: string;
  /** When the events of its last file are delivered. */
  readonly events: readonly number[];
  /** When somebody writes other bytes to the package's path, if anybody does. */
  readonly overwrittenAt: number | undefined;
}

/** An application whose profile takes proven submitters only. */
export const GUARDED = "tools";

/** What somebody writes over a package. */
export const OVERWRITTEN = "bytes that somebody else wrote";

/** Digests of the bytes that a submission may be published with: of a drop by hand, whatever was put there. */
export function digestsOf({ sha256, overwrittenAt, drop }: PlannedSubmission): string[] {
  const isOpen = overwrittenAt !== undefined && !isCommittedByManifest(drop);
  return isOpen ? [sha256, digestOf(OVERWRITTEN)] : [sha256];
}

/** That somebody asks for a version in more regions, in `latest`, or out of it. */
export interface PlannedOperation {
  readonly at: number;
  readonly operation: Operation;
}

/** Everything that a seed lets happen from outside. Times are milliseconds since the beginning. */
export interface Scenario {
  readonly submissions: readonly PlannedSubmission[];
  readonly operations: readonly PlannedOperation[];
  readonly slowestPropagationSeconds: number;
  readonly slowestReplicationSeconds: number;
  readonly failureRate: number;
  readonly outages: readonly { readonly from: number; readonly to: number }[];
  readonly externalDeletions: readonly number[];
  readonly foreignAssignment: boolean;
  readonly kills: readonly { readonly at: number; readonly purges: boolean }[];
  /** How many of the stories whose version replicates an operator ends. */
  readonly killsReplicating: number;
  readonly reconcileMinutes: number;
  readonly wipes: readonly number[];
  readonly rotations: readonly number[];
  readonly machineStops: readonly number[];
  /** Until when something may still be put into the drop box or happen to the pipeline. */
  readonly lastAt: number;
  /** From here on nothing goes wrong any more. */
  readonly peaceFrom: number;
}

/** What scenarios may contain; what the pipeline cannot yet stand is left out. */
export interface ScenarioLimits {
  readonly kills: boolean;
  readonly losesEvents: boolean;
  readonly wipes: boolean;
}

const REGIONS = ["eastus", "westeurope", "japaneast", "westus", "northeurope"];

/** What happens with that seed. */
export function scenarioOf(random: Random, limits: ScenarioLimits): Scenario {
  const submissions = random
    .some(["1.0.0", "1.1.0", "2.0.0", "2.0.1"], random.whole(1, 3))
    .flatMap((version) => submissionsOf(random, version, random.pick(["agent", "tools"]), limits));
  const last = Math.max(...submissions.map(({ at }) => at));
  const sometimes = (probability: number, most: number): number[] =>
    random.chance(probability) ? [random.between(0, last + most)] : [];
  return {
    submissions,
    operations: operationsOf(random, submissions),
    slowestPropagationSeconds: random.pick([0, 60, 210, 600]),
    slowestReplicationSeconds: random.pick([240, 600, 2520]),
    failureRate: random.pick([0, 0.05, 0.05, 0.3]),
    outages: sometimes(0.1, HOUR).map((from) => ({ from, to: from + random.between(MINUTE, 6 * HOUR) })),
    externalDeletions: sometimes(0.05, HOUR),
    foreignAssignment: random.chance(0.05),
    kills: limits.kills ? sometimes(0.2, HOUR).map((at) => ({ at, purges: random.chance(0.3) })) : [],
    killsReplicating: limits.kills ? random.pick([0, 0, 0.4]) : 0,
    reconcileMinutes: random.pick([5, 15, 30]),
    wipes: limits.wipes ? sometimes(0.03, HOUR) : [],
    rotations: sometimes(0.03, HOUR),
    machineStops: sometimes(0.5, HOUR),
    lastAt: last + HOUR,
    peaceFrom: last + 8 * HOUR,
  };
}

/** A world in which nothing happens but these submissions. */
export function calmScenario(submissions: readonly PlannedSubmission[]): Scenario {
  return {
    submissions,
    operations: [],
    slowestPropagationSeconds: 30,
    slowestReplicationSeconds: 150,
    failureRate: 0,
    outages: [],
    externalDeletions: [],
    foreignAssignment: false,
    kills: [],
    killsReplicating: 0,
    reconcileMinutes: 15,
    wipes: [],
    rotations: [],
    machineStops: [],
    lastAt: Math.max(...submissions.map(({ at }) => at)) + MINUTE,
    peaceFrom: HOUR,
  };
}

/** A submission by the Action, of its own content. */
export function plainSubmission(fields: {
  application?: string;
  version?: string;
  folder?: string;
  at?: number;
  targetRegions?: readonly string[];
  extra?: Record<string, unknown>;
}): PlannedSubmission {
  const { application = "agent", version = "1.0.0", folder = "run-1-1-0a1b2c3d", at = 0 } = fields;
  const content = `the bytes of ${application} ${version}`;
  const sha256 = digestOf(content);
  const manifest = {
    ...{ schema: 1, application, version, install: "install.sh", remove: "remove.sh" },
    package: { file: "app.tar.gz", size: content.length, sha256 },
    targetRegions: fields.targetRegions ?? ["eastus", "westeurope"],
    ...fields.extra,
  };
  return {
    drop: { application, version, folder },
    isProven: false,
    at,
    files: [
      { name: "app.tar.gz", content },
      { name: "manifest.json", content: JSON.stringify(manifest) },
    ],
    ...{ sha256, install: "install.sh", remove: "remove.sh" },
    events: [at + 2 * SECOND],
    overwrittenAt: undefined,
  };
}

function operationsOf(random: Random, submissions: readonly PlannedSubmission[]): PlannedOperation[] {
  if (!random.chance(0.4)) return [];
  return Array.from({ length: random.whole(1, 3) }, () => {
    const { drop, at } = random.pick(submissions);
    return { at: at + random.between(0, 90 * MINUTE), operation: operationOn(random, drop) };
  });
}

function operationOn(random: Random, { application, version }: Drop): Operation {
  const kind = random.pick(["expand", "expand", "expand", "promote", "withdraw"] as const);
  if (kind !== "expand") return { kind, application, version, regions: null };
  const targetRegions = random.some(REGIONS, random.whole(1, 3)).map((name) => ({ name }));
  return { kind, application, version, targetRegions };
}

function submissionsOf(
  random: Random,
  version: string,
  application: string,
  limits: ScenarioLimits,
): PlannedSubmission[] {
  const first = aSubmission(random, { application, version, content: `the bytes of ${version}` }, limits);
  if (!random.chance(0.25)) return [first];
  const content = random.chance(0.6) ? `the bytes of ${version}` : `other bytes of ${version}`;
  return [first, aSubmission(random, { application, version, content }, limits)];
}

function aSubmission(
  random: Random,
  { application, version, content }: { application: string; version: string; content: string },
  limits: ScenarioLimits,
): PlannedSubmission {
  const at = random.between(0, random.pick([5 * MINUTE, 3 * HOUR]));
  const byHand = random.chance(0.15);
  const run = byHand ? `by-hand-${random.hex(4)}` : `run-${random.whole(1, 9)}-1-${random.hex(8)}`;
  // Of a guarded application, a quarter goes around the endpoints all the same.
  const isProven = application === GUARDED && !byHand && !/[048c]$/.test(run);
  const folder = isProven ? `api-${digestOf(run).slice(0, 32)}` : run;
  const install = byHand ? "install.sh" : `install.sh --of ${version}`;
  const sha256 = digestOf(content);
  const manifest = {
    schema: 1,
    application,
    version,
    package: { file: "app.tar.gz", size: content.length, sha256 },
    install,
    remove: "remove.sh",
    targetRegions: random.some(REGIONS, random.whole(1, 4)),
  };
  const files = [
    { name: "app.tar.gz", content },
    ...(byHand ? [] : [{ name: "manifest.json", content: JSON.stringify(manifest) }]),
  ];
  return {
    ...{ drop: { application, version, folder }, isProven },
    at,
    files,
    sha256,
    install,
    remove: "remove.sh",
    events: eventsOf(random, at, limits),
    overwrittenAt: random.chance(0.03) ? at + random.between(0, HOUR) : undefined,
  };
}

/** Deliveries of one event: soon, late, twice, days later, or never. */
function eventsOf(random: Random, at: number, limits: ScenarioLimits): number[] {
  const soon = at + random.between(1, random.pick([10, 600])) * SECOND;
  const again = random.chance(0.3) ? [at + random.between(0, 2 * HOUR)] : [];
  const late = random.chance(0.1) ? [at + random.between(0, 48) * HOUR] : [];
  const isLost = limits.losesEvents && random.chance(0.1);
  return isLost ? late : [soon, ...again, ...late];
}

const published = plainSubmission({});
const release = { application: "agent", version: "1.0.0" };

/** A publication, and an operation on the version some hours later. */
function withOperation(operation: Operation, submission = published): Scenario {
  return { ...calmScenario([submission]), operations: [{ at: 3 * HOUR, operation }] };
}

/** What is tried with a crash at every moment: a publication, operations some hours later, a reconciliation. */
export const crashScenarios: readonly (readonly [string, Scenario])[] = [
  ["publish", calmScenario([published])],
  ["expand", withOperation({ kind: "expand", ...release, targetRegions: [{ name: "japaneast" }] })],
  ["withdraw", withOperation({ kind: "withdraw", ...release, regions: null })],
  [
    "promote",
    withOperation(
      { kind: "promote", ...release, regions: null },
      plainSubmission({ extra: { excludeFromLatest: true } }),
    ),
  ],
  ["reconcile", calmScenario([{ ...published, events: [] }])],
];
