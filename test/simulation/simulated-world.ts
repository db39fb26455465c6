import { handDropId, isCommittedByManifest, submissionReportPath } from "../../core/naming.ts";
import { operationOfPath } from "../../core/operation.ts";
import { isFinal } from "../../core/outcome.ts";
import { parseReport } from "../../core/report.ts";
import type { Ports } from "../../functions/ports.ts";
import { RECONCILE } from "../../functions/triggers/reconcile.ts";
import { isFinished, knownHistory } from "../../local/functions-host/durable/instance.ts";
import {
  InMemoryAttestations,
  InMemoryDropBox,
  InMemoryPackages,
  InMemoryReports,
} from "../functions/in-memory-ports.ts";
import type { Actor } from "./actor.ts";
import type { Disturbance } from "./disturbed-ports.ts";
import { DurableHost } from "./durable-host.ts";
import { type Invariant, invariants } from "./invariants.ts";
import type { Observation, VersionWritten } from "./observations.ts";
import { OutsideWorld } from "./outside-world.ts";
import { holdsUnder, type Pipeline, wasToldOfAccess } from "./pipeline.ts";
import type { Random } from "./random.ts";
import type { PlannedSubmission, Scenario } from "./scenario.ts";
import { Schedule } from "./schedule.ts";
import { SimulatedAccess } from "./simulated-access.ts";
import { SimulatedApp } from "./simulated-app.ts";
import { SimulatedGallery } from "./simulated-gallery.ts";
import { BEGIN, type Stage } from "./stage.ts";
import type { Trouble } from "./trouble.ts";
import { Watcher } from "./watcher.ts";

const EFFECTS: ReadonlySet<Observation["kind"]> = new Set(["version-written", "granted", "revoked"]);
/** How long a run may go on after the last trouble. */
const MOST_PEACE = 48 * 3_600_000;

/** What was found wrong, and when. */
export interface Violation {
  readonly invariant: string;
  readonly text: string;
}

/** A pipeline on a simulated Azure, with all that a scenario and a seed do to it. */
export class SimulatedWorld implements Stage {
  /** When the run began, in milliseconds since 1970. */
  readonly begin = BEGIN;
  readonly schedule: Schedule;
  readonly random: Random;
  readonly scenario: Scenario;
  readonly trouble: Trouble;
  readonly host: DurableHost;
  readonly packages = new InMemoryPackages();
  readonly reports = new InMemoryReports();
  readonly access: SimulatedAccess;
  readonly gallery: SimulatedGallery;
  readonly identities = new Set<string>();
  readonly contents = new Map<string, string>();
  readonly results = new Map<string, string>();
  /** Reports of submissions that told once that they may be published. */
  readonly passed = new Set<string>();
  /** When each report was first written, in milliseconds since the beginning. */
  readonly firstTold = new Map<string, number>();
  /** Versions that were withdrawn and that nobody promotes. */
  readonly withdrawn = new Set<string>();
  readonly violations: Violation[] = [];
  readonly lines: string[] | undefined;
  /** What had an effect: versions written, access granted and revoked. */
  readonly effects: Record<string, number> = {};
  readonly ports: Ports;
  readonly disturbance: Disturbance;
  readonly app: SimulatedApp;
  readonly watcher = new Watcher((observation) => this.#seen(observation));
  readonly #outside: OutsideWorld;

  constructor(options: {
    random: Random;
    scenario: Scenario;
    pipeline: Pipeline;
    /** What goes wrong, given the clock. */
    trouble: (now: () => number) => Trouble;
    traces: boolean;
  }) {
    const { random, scenario } = options;
    this.random = random;
    this.scenario = scenario;
    this.lines = options.traces ? [] : undefined;
    this.schedule = new Schedule(BEGIN, random);
    const now = () => this.schedule.now();
    this.trouble = options.trouble(now);
    this.packages.clock = { now };
    this.reports.clock = { now };
    this.access = new SimulatedAccess(random, now, scenario.slowestPropagationSeconds);
    this.gallery = new SimulatedGallery({
      ...{ now, random, packages: this.packages, access: this.access },
      plan: {
        secondsOf: () => random.between(120, scenario.slowestReplicationSeconds),
        failureOf: () => (random.chance(scenario.failureRate) ? "The copy was interrupted." : undefined),
      },
    });
    this.ports = this.#madePorts();
    this.disturbance = this.#madeDisturbance();
    this.app = new SimulatedApp(this, options.pipeline, () => this.isSettled());
    this.#outside = new OutsideWorld(this, this.app);
    this.#outside.rotate(this.gallery.principalId);
    this.watcher.watch(this);
    this.host = this.#madeHost();
  }

  #madePorts(): Ports {
    const { packages, gallery, access, reports } = this;
    const dropBox = new InMemoryDropBox(packages);
    return { packages, dropBox, gallery, access, reports, attestations: new InMemoryAttestations() };
  }

  #madeDisturbance(): Disturbance {
    const { schedule, random, trouble, trace, watcher } = this;
    return {
      ...{ schedule, random, trouble, trace },
      onSent: (actor, method, args) => watcher.sent(actor, method, args),
      onArrived: (actor, method, args) => watcher.arrived(actor, method, args),
      onRequest: (actor, method) => watcher.requested(actor, method, schedule.now()),
    };
  }

  #madeHost(): DurableHost {
    const { schedule, random, trouble, trace, watcher, app } = this;
    return new DurableHost({
      ...{ schedule, random, trouble, trace, maxEntityBatch: 5 },
      functionsOf: (actor) => app.functionsOf(actor),
      onBatch: (operations, before, after) => watcher.batchEnded(operations, before, after, schedule.now()),
      onTurn: (instance, state) => app.compareReplay(instance, state),
    });
  }

  /** Lets the scenario happen until everything has ended, and judges it. */
  async run(): Promise<void> {
    this.#outside.plan();
    this.app.reconcileOften();
    const end = BEGIN + this.scenario.peaceFrom + MOST_PEACE;
    await this.schedule.run(end, () => this.violations.length > 0);
    if (this.violations.length > 0) return;
    for (const invariant of invariants) {
      for (const text of invariant.atEnd?.(this) ?? []) this.#violated(invariant, text);
    }
  }

  /** Whether all has ended: every submission has its result, no story runs, nobody has access. */
  isSettled(): boolean {
    return (
      this.schedule.now() > BEGIN + this.scenario.lastAt &&
      [...this.host.hub.instances.values()].every(
        (instance) => isFinished(instance) || instance.name === RECONCILE,
      ) &&
      [...this.access.assignments.values()].every(({ owner }) => owner !== "pipeline") &&
      this.withoutResult().length === 0
    );
  }

  /** Whether the story that somebody works for had been told that it has access. */
  hadAccess({ owner, execution }: Actor): boolean {
    const instance = this.host.hub.instances.get(owner);
    // Of a story that was purged or lost, only zombies are left, and they were told before.
    return instance?.executionId !== execution || wasToldOfAccess(knownHistory(instance));
  }

  /** Whether a story that is running holds the lease under that token. */
  holds({ id, token }: { readonly id: string; readonly token: number }): boolean {
    const instance = this.host.hub.instances.get(id);
    return instance !== undefined && !isFinished(instance) && holdsUnder(token, knownHistory(instance));
  }

  submissionsOf({ application, version }: VersionWritten): readonly PlannedSubmission[] {
    return this.scenario.submissions.filter(
      ({ drop }) => drop.application === application && drop.version === version,
    );
  }

  /** The submissions, and the operations that were asked for, whose report is not final, or not there. */
  withoutResult(): string[] {
    const submitted = this.scenario.submissions.map((submission) => this.reportPathOf(submission));
    const asked = [...this.reports.blobs.keys()].flatMap((path) => {
      const found = operationOfPath(path);
      return found ? [submissionReportPath({ ...found.release, submission: found.id })] : [];
    });
    return [...submitted, ...asked].filter((path) => {
      const blob = this.reports.blobs.get(path);
      return !blob || !isFinal(parseReport(blob.text).outcome);
    });
  }

  /** Whether somebody asks for the version in `latest`, sooner or later. */
  isPromoted(application: string, version: string): boolean {
    return this.scenario.operations.some(
      ({ operation }) =>
        operation.kind === "promote" &&
        operation.application === application &&
        operation.version === version,
    );
  }

  /** How long the run has gone on, in milliseconds. */
  elapsed(): number {
    return this.schedule.now() - BEGIN;
  }

  /** Where a submission's report is; of a drop by hand, as its files are now. */
  reportPathOf({ drop }: PlannedSubmission): string {
    if (isCommittedByManifest(drop)) return submissionReportPath({ ...drop, submission: drop.folder });
    const prefix = `${drop.application}/${drop.version}/${drop.folder}/`;
    const files = [...this.packages.dropped].filter(([path]) => path.startsWith(prefix));
    const submission = handDropId(files.map(([path, { etag }]) => ({ path, etag })));
    return submissionReportPath({ ...drop, submission });
  }

  #seen(observation: Observation): void {
    const { kind } = observation;
    if (EFFECTS.has(kind)) this.effects[kind] = (this.effects[kind] ?? 0) + 1;
    for (const invariant of invariants) {
      const text = invariant.onObservation?.(observation, this);
      if (text !== undefined) this.#violated(invariant, text);
    }
    if (kind === "version-written" && observation.by) this.#outside.maybeKill(observation.by.owner);
  }

  #violated({ id, sentence }: Invariant, text: string): void {
    this.trace(() => `VIOLATION ${id} ${sentence} ${text}`);
    this.violations.push({ invariant: id, text });
  }

  readonly trace = (line: () => string): void => {
    this.lines?.push(`${new Date(this.schedule.now()).toISOString().slice(5, 23)} ${line()}`);
  };
}
