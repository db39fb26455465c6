import { createRequire } from "node:module";
import type { Lease } from "../../core/lease.ts";
import {
  type Operation,
  operationId,
  operationOfPath,
  operationPath,
  operationText,
} from "../../core/operation.ts";
import { newestOperation, startUpdating } from "../../functions/starting.ts";
import { handDropId, isCommittedByManifest, submissionReportPath } from "../../core/naming.ts";
import { isFinal } from "../../core/outcome.ts";
import { parseReport } from "../../core/report.ts";
import { sharedBackoff } from "../../functions/azure/shared-backoff.ts";
import type { Ports } from "../../functions/ports.ts";
import { RECONCILE, startReconciling } from "../../functions/triggers/reconcile.ts";
import { blobArrived } from "../../functions/triggers/blob-arrived.ts";
import type { Stories, StoryHost } from "../../functions/vocabulary.ts";
import { jsonTextOf } from "../../local/functions-host/durable/history.ts";
import { type Instance, isFinished, knownHistory } from "../../local/functions-host/durable/instance.ts";
import {
  InMemoryAttestations,
  InMemoryDropBox,
  InMemoryPackages,
  InMemoryReports,
} from "../functions/in-memory-ports.ts";
import type { RawState } from "./action-reader.ts";
import { Actor } from "./actor.ts";
import { type Disturbance, disturbedPorts, request } from "./disturbed-ports.ts";
import { DurableHost, type SimulatedFunctions } from "./durable-host.ts";
import { type Invariant, invariants } from "./invariants.ts";
import type { Observation, VersionWritten } from "./observations.ts";
import { holdsUnder, type Pipeline, wasToldOfAccess } from "./pipeline.ts";
import type { Random } from "./random.ts";
import { OVERWRITTEN, type PlannedSubmission, type Scenario } from "./scenario.ts";
import { Schedule } from "./schedule.ts";
import { SimulatedAccess } from "./simulated-access.ts";
import { SimulatedGallery } from "./simulated-gallery.ts";
import type { Trouble } from "./trouble.ts";

const require = createRequire(import.meta.url);
const { Orchestrator } = require("durable-functions/lib/src/orchestrations/Orchestrator.js");
const { Entity } = require("durable-functions/lib/src/entities/Entity.js");

/** Requests that change something in Resource Manager; all others only read. */
const WRITES: ReadonlySet<string> = new Set([
  ...["gallery.putVersion", "gallery.updateRegions", "gallery.createApplication"],
  ...["access.grant", "access.revoke"],
]);
const VERSION_WRITES: ReadonlySet<string> = new Set(["gallery.putVersion", "gallery.updateRegions"]);
const EFFECTS: ReadonlySet<Observation["kind"]> = new Set(["version-written", "granted", "revoked"]);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const RETENTION_HOURS = 168;
const BEGIN = Date.UTC(2026, 0, 5, 10);
const ACCOUNT = "/subscriptions/s1/resourceGroups/apps/providers/Microsoft.Storage/storageAccounts/vmapps";
/** Event Grid's pauses between deliveries; see "Event Grid message delivery and retry". */
const DELIVERY_PAUSES = [10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200];

/** What was found wrong, and when. */
export interface Violation {
  readonly invariant: string;
  readonly text: string;
}

/** A pipeline on a simulated Azure, with all that a scenario and a seed do to it. */
export class SimulatedWorld {
  readonly schedule: Schedule;
  readonly trouble: Trouble;
  readonly host: DurableHost;
  readonly packages = new InMemoryPackages();
  readonly reports = new InMemoryReports();
  readonly access: SimulatedAccess;
  readonly gallery: SimulatedGallery;
  /** Every identity that the gallery has had. */
  readonly identities = new Set<string>();
  readonly contents = new Map<string, string>();
  readonly results = new Map<string, string>();
  /** Versions that were withdrawn and that nobody promotes. */
  readonly withdrawn = new Set<string>();
  readonly driftedReplays: string[] = [];
  readonly violations: Violation[] = [];
  readonly lines: string[] | undefined;
  readonly counts = { armWrites: 0, armReads: 0 };
  /** When each request went to Resource Manager. */
  readonly requestTimes = { writes: [] as number[], reads: [] as number[] };
  largestEntityBytes = 0;
  /** What had an effect: versions written, access granted and revoked. */
  readonly effects: Record<string, number> = {};
  readonly ports: Ports;
  readonly disturbance: Disturbance;
  readonly #pipeline: Pipeline;
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #backoff = sharedBackoff(() => this.schedule.now());
  readonly #asked = new Map<string, readonly unknown[]>();
  readonly #writers = new Map<string, readonly Actor[]>();
  #isReconciling = false;
  #caller: Actor | undefined;

  constructor(options: {
    random: Random;
    scenario: Scenario;
    pipeline: Pipeline;
    /** What goes wrong, given the clock. */
    trouble: (now: () => number) => Trouble;
    traces: boolean;
  }) {
    const { random, scenario, pipeline } = options;
    this.#random = random;
    this.#scenario = scenario;
    this.#pipeline = pipeline;
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
    this.#rotate(this.gallery.principalId);
    this.ports = {
      packages: this.packages,
      dropBox: new InMemoryDropBox(this.packages),
      gallery: this.gallery,
      access: this.access,
      reports: this.reports,
      attestations: new InMemoryAttestations(),
    };
    this.#observe();
    this.disturbance = {
      ...{ schedule: this.schedule, random, trouble: this.trouble, trace: (line) => this.#trace(line) },
      onSent: (actor, method, args) => this.#sent(actor, method, args),
      onArrived: (actor, method, args) => this.#arrived(actor, method, args),
      onRequest: (actor, method) => this.#requested(actor, method),
    };
    this.host = new DurableHost({
      ...{ schedule: this.schedule, random, trouble: this.trouble, maxEntityBatch: 5 },
      functionsOf: (actor) => this.#functionsOf(actor),
      trace: (line) => this.#trace(line),
      onBatch: (operations, before, after) => this.#batchEnded(operations, before, after),
      onTurn: (instance, state) => this.#compareReplay(instance, state),
    });
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

  /** Another story's write of a version of that application that is on its way, by a machine that lives. */
  otherWriteOf(application: string, actor: Actor | undefined): Actor | undefined {
    const writers = this.#writers.get(application) ?? [];
    const others = writers.filter((other) => other.isAlive && other.owner !== actor?.owner);
    if (actor?.isAlive) this.#writers.set(application, [...others, actor]);
    return actor?.isAlive ? others[0] : undefined;
  }

  submissionsOf({ application, version }: VersionWritten): readonly PlannedSubmission[] {
    return this.#scenario.submissions.filter(
      ({ drop }) => drop.application === application && drop.version === version,
    );
  }

  /** The submissions, and the operations that were asked for, whose report is not final, or not there. */
  withoutResult(): string[] {
    const submitted = this.#scenario.submissions.map((submission) =>
      submissionReportPath({ ...submission.drop, submission: this.#idOf(submission) }),
    );
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
    return this.#scenario.operations.some(
      ({ operation }) =>
        operation.kind === "promote" &&
        operation.application === application &&
        operation.version === version,
    );
  }

  #idOf({ drop }: PlannedSubmission): string {
    if (isCommittedByManifest(drop)) return drop.folder;
    const prefix = `${drop.application}/${drop.version}/${drop.folder}/`;
    const files = [...this.packages.dropped].filter(([path]) => path.startsWith(prefix));
    return handDropId(files.map(([path, { etag }]) => ({ path, etag })));
  }

  /** Lets the scenario happen until everything has ended, and judges it. */
  async run(): Promise<void> {
    this.#plan();
    this.#reconcileOften();
    const end = BEGIN + this.#scenario.peaceFrom + 48 * 60 * MINUTE;
    await this.schedule.run(end, () => this.violations.length > 0);
    if (this.violations.length > 0) return;
    for (const invariant of invariants) {
      for (const text of invariant.atEnd?.(this) ?? []) this.#violated(invariant, text);
    }
  }

  #plan(): void {
    const { schedule, trouble } = this;
    const { submissions, operations, outages, peaceFrom, ...events } = this.#scenario;
    trouble.peaceFrom = BEGIN + peaceFrom;
    trouble.outages.push(...outages.map(({ from, to }) => ({ from: BEGIN + from, to: BEGIN + to })));
    const applications = new Set(submissions.map(({ drop }) => drop.application));
    for (const application of applications) this.#setUpApplication(application);
    for (const submission of submissions) this.#planSubmission(submission);
    for (const { at, operation } of operations) this.schedule.at(BEGIN + at, () => this.#ask(operation));
    for (const at of events.externalDeletions) {
      schedule.at(BEGIN + at, () => {
        this.#trace(() => "somebody deletes the role assignment");
        this.access.deleteBySomebody(this.gallery.principalId);
        this.gallery.loseAccess();
      });
    }
    if (events.foreignAssignment) this.access.assignBySomebody(this.gallery.principalId);
    for (const at of events.rotations) {
      schedule.at(BEGIN + at, () => this.#rotate(this.#random.hex(32)));
    }
    for (const at of events.machineStops) {
      schedule.at(BEGIN + at, () => {
        this.#trace(() => "the machine stops");
        this.host.stopMachine();
      });
    }
    for (const { at, purges } of events.kills) schedule.at(BEGIN + at, () => this.#killAny(purges));
    for (const at of events.wipes) {
      schedule.at(BEGIN + at, () => {
        this.#trace(() => "the task hub is lost");
        this.host.wipe();
      });
    }
  }

  #setUpApplication(application: string): void {
    this.gallery.applications.add(application);
    const profile = {
      schema: 1,
      supportedOSType: "Linux",
      install: "install.sh",
      remove: "remove.sh",
      targetRegions: ["eastus", "westeurope"],
    };
    this.packages.profiles.set(application, JSON.stringify(profile));
  }

  #planSubmission({ drop, at, files, events, overwrittenAt }: PlannedSubmission): void {
    const path = (name: string) => `${drop.application}/${drop.version}/${drop.folder}/${name}`;
    this.schedule.at(BEGIN + at, () => {
      for (const { name, content } of files) this.packages.drop(path(name), content);
    });
    const last = eventOf(path(files.at(-1)?.name ?? ""));
    for (const time of events) this.schedule.at(BEGIN + time, () => this.#deliver(last, 0));
    if (overwrittenAt !== undefined) {
      this.schedule.at(BEGIN + overwrittenAt, () => {
        this.#trace(() => `somebody overwrites ${path("app.tar.gz")}`);
        this.packages.drop(path("app.tar.gz"), OVERWRITTEN);
        this.schedule.in(5 * SECOND, () => this.#deliver(eventOf(path("app.tar.gz")), 0));
      });
    }
  }

  /** As the endpoint begins it: it is kept, then its story is started. */
  #ask(operation: Operation): void {
    const actor = new Actor("trigger", "operation", "api");
    this.#begin(operation, actor).catch((error: unknown) =>
      this.#trace(() => `the caller is told: ${String(error)}`),
    );
    this.#reconcileOften();
  }

  async #begin(operation: Operation, actor: Actor): Promise<void> {
    const id = operationId(operation, undefined);
    const record = { operation, askedBy: "somebody" };
    const { reports } = disturbedPorts(this.ports, actor, this.disturbance);
    await reports.write(operationPath(operation, id), operationText(record), undefined);
    const stories = this.#storiesOf(actor);
    const newest = await newestOperation(stories, id, record);
    if (!newest.isRunning) await startUpdating(stories, id, record, newest, { again: true });
  }

  #deliver(event: object, attempt: number): void {
    const actor = new Actor("trigger", "blobArrived", "event");
    const again = (): void => {
      const pause = DELIVERY_PAUSES[attempt];
      if (pause !== undefined) this.schedule.in(pause * SECOND, () => this.#deliver(event, attempt + 1));
    };
    actor.onCrash = again;
    const watched = { ...disturbedPorts(this.ports, actor, this.disturbance), accountId: ACCOUNT };
    void blobArrived(watched, this.#storiesOf(actor), event, (line) => this.#trace(() => line)).catch(
      (error: unknown) => {
        this.#trace(() => `the delivery fails: ${String(error)}`);
        if (actor.isAlive) again();
      },
    );
  }

  #hostOf(actor: Actor): StoryHost {
    return { stories: this.#storiesOf(actor), log: (line) => this.#trace(() => line) };
  }

  #storiesOf(actor: Actor): Stories {
    const ask = <Answer>(method: string, effect: () => Answer): Promise<Answer> =>
      request(actor, `stories.${method}`, "storage", [], this.disturbance, () =>
        Promise.resolve().then(effect),
      );
    return {
      status: (id) =>
        ask("status", () => {
          const instance = this.host.hub.instances.get(id);
          return !instance ? "absent" : isFinished(instance) ? "ended" : "running";
        }),
      start: (id, story, input) =>
        ask("start", () => {
          this.host.start(id, story, input);
          this.#reconcileOften();
        }),
      raise: (id, event) => ask("raise", () => this.host.raise(id, event)),
      purge: (before) => ask("purge", () => this.host.purgeEnded(before)),
    };
  }

  /** The timer of the reconciler, for as long as there is anything to do. */
  #reconcileOften(): void {
    if (this.#isReconciling) return;
    this.#isReconciling = true;
    this.schedule.in(this.#random.between(0, this.#scenario.reconcileMinutes) * MINUTE, () =>
      this.#onTimer(),
    );
  }

  #onTimer(): void {
    if (this.isSettled()) {
      this.#isReconciling = false;
      return;
    }
    this.schedule.in(this.#scenario.reconcileMinutes * MINUTE, () => this.#onTimer());
    const actor = new Actor("trigger", "timer", "timer");
    const hour = new Date(this.schedule.now());
    void startReconciling(this.#storiesOf(actor), { retentionHours: RETENTION_HOURS }, hour).catch(
      (error: unknown) => this.#trace(() => `the timer fails: ${String(error)}`),
    );
  }

  /** Whether all has ended: every submission has its result, no story runs, nobody has access. */
  isSettled(): boolean {
    const { lastAt } = this.#scenario;
    return (
      this.schedule.now() > BEGIN + lastAt &&
      [...this.host.hub.instances.values()].every(
        (instance) => isFinished(instance) || instance.name === RECONCILE,
      ) &&
      [...this.access.assignments.values()].every(({ owner }) => owner !== "pipeline") &&
      this.withoutResult().length === 0
    );
  }

  #killAny(purges: boolean): void {
    const running = [...this.host.hub.instances.values()].filter((instance) => !isFinished(instance));
    if (running.length > 0) this.#kill(this.#random.pick(running).instanceId, purges);
  }

  #kill(instanceId: string, purges: boolean): void {
    const instance = this.host.hub.instances.get(instanceId);
    if (!instance || isFinished(instance)) return;
    this.#trace(() => `an operator ${purges ? "purges" : "terminates"} ${instanceId.slice(0, 6)}`);
    this.trouble.counts.kills += 1;
    if (purges) this.host.purge(instanceId);
    else this.host.terminate(instanceId);
  }

  /** Operators interfere with what seems to take long. */
  #maybeKill(instanceId: string): void {
    const random = this.#random;
    if (!random.chance(this.#scenario.killsReplicating)) return;
    const purges = random.chance(0.3);
    this.schedule.in(random.between(0.2, 10) * MINUTE, () => this.#kill(instanceId, purges));
  }

  #rotate(principalId: string): void {
    this.#trace(() => `the gallery's identity is ${principalId}`);
    this.gallery.principalId = principalId;
    this.identities.add(principalId);
    this.access.principals.add(principalId);
  }

  #functionsOf(actor: Actor): SimulatedFunctions {
    const { orchestrators, activitiesOf, entitiesOf } = this.#pipeline;
    const ports = (): Ports => {
      const disturbed = disturbedPorts(this.ports, actor, this.disturbance);
      const [gallery, access] = [
        this.#backoff.gallery(disturbed.gallery),
        this.#backoff.access(disturbed.access),
      ];
      return { ...disturbed, gallery, access };
    };
    return {
      has: () => true,
      orchestrate: (name, input) => new Orchestrator(orchestrators[name]).handle(input, {}),
      runActivity: async (name, input) =>
        jsonTextOf(await activitiesOf(ports(), this.#hostOf(actor))[name]?.(input)),
      runEntity: async (name, input) => {
        const handler = entitiesOf(ports())[name];
        return jsonTextOf(await new Entity(handler).handle(input, {}));
      },
    };
  }

  /** A turn repeats all that was asked for before; whether it does, inputs and all, is looked at now and then. */
  #compareReplay({ instanceId, executionId }: Instance, { actions: [actions = []] }: RawState): void {
    const before = this.#asked.get(executionId);
    if (before && this.#random.chance(0.02)) {
      const [past, now] = [before, actions.slice(0, before.length)].map(askedText);
      if (past !== now)
        this.driftedReplays.push(`${instanceId.slice(0, 6)} asked for ${now}, before for ${past}`);
    }
    this.#asked.set(executionId, actions);
  }

  #batchEnded(operations: readonly string[], before: string | null, after: string | null): void {
    this.largestEntityBytes = Math.max(this.largestEntityBytes, after?.length ?? 0);
    if (!operations.includes("sweep") || operations.includes("release")) return;
    const holdersIn = (state: string | null): Lease["holders"] =>
      state === null ? [] : (JSON.parse(state) as Lease).holders;
    const left = holdersIn(after);
    const dropped = holdersIn(before).filter(
      ({ id, token }) => !left.some((other) => other.id === id && other.token >= token),
    );
    this.#seen({ kind: "swept", dropped, at: this.schedule.now() / 1000 });
  }

  #observe(): void {
    this.access.onGranted = (principalId) => {
      this.#seen({ kind: "granted", by: this.#caller, principalId });
    };
    this.access.onRevoked = (principalId) => {
      const replicating = this.gallery.principalId === principalId ? this.gallery.replicating() : [];
      this.#seen({ kind: "revoked", by: this.#caller, principalId, replicating });
      this.gallery.loseAccess();
    };
    this.gallery.onWritten = (written) => {
      this.#seen({ kind: "version-written", by: this.#caller, ...written });
      if (this.#caller) this.#maybeKill(this.#caller.owner);
    };
    const write = this.reports.write.bind(this.reports);
    this.reports.write = async (path, text, etag) => {
      const answer = await write(path, text, etag);
      if (answer === "written") this.#seen({ kind: "report-written", by: this.#caller, path, text });
      return answer;
    };
  }

  #sent(actor: Actor, method: string, args: readonly unknown[]): void {
    if (VERSION_WRITES.has(method)) {
      const { application } = args[0] as { application: string };
      this.#seen({ kind: "version-write-sent", by: actor, application });
    }
  }

  #arrived(actor: Actor, method: string, args: readonly unknown[]): void {
    if (!VERSION_WRITES.has(method)) return;
    const { application } = args[0] as { application: string };
    const others = (this.#writers.get(application) ?? []).filter((other) => other !== actor);
    this.#writers.set(application, others);
  }

  #requested(actor: Actor, method: string): void {
    // Effects happen at once, so what is seen next is this actor's doing.
    this.#caller = actor;
    if (!/^(?:gallery|access)[.]/.test(method)) return;
    const isWrite = WRITES.has(method);
    this.requestTimes[isWrite ? "writes" : "reads"].push(this.schedule.now());
    this.counts[isWrite ? "armWrites" : "armReads"] += 1;
  }

  #seen(observation: Observation): void {
    const { kind } = observation;
    if (EFFECTS.has(kind)) this.effects[kind] = (this.effects[kind] ?? 0) + 1;
    for (const invariant of invariants) {
      const text = invariant.onObservation?.(observation, this);
      if (text !== undefined) this.#violated(invariant, text);
    }
  }

  #violated({ id, sentence }: Invariant, text: string): void {
    this.#trace(() => `VIOLATION ${id} ${sentence} ${text}`);
    this.violations.push({ invariant: id, text });
  }

  #trace(line: () => string): void {
    this.lines?.push(`${new Date(this.schedule.now()).toISOString().slice(5, 23)} ${line()}`);
  }
}

// A timer that lost a race is cancelled afterwards.
function askedText(actions: readonly unknown[]): string {
  return JSON.stringify(actions, (key, value: unknown) => (key === "isCanceled" ? undefined : value));
}

function eventOf(path: string): object {
  return {
    topic: ACCOUNT,
    subject: `/blobServices/default/containers/incoming/blobs/${path}`,
    eventType: "Microsoft.Storage.BlobCreated",
    data: { api: "PutBlockList", blobType: "BlockBlob" },
  };
}
