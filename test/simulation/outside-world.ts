import { MANIFEST_FILE } from "../../core/file-name.ts";
import { sha256 } from "../../core/naming.ts";
import { type Operation, operationId, operationPath, operationText } from "../../core/operation.ts";
import { newUpload, uploadPath, uploadText } from "../../core/upload.ts";
import { newestOperation, startUpdating } from "../../functions/starting.ts";
import { blobArrived } from "../../functions/triggers/blob-arrived.ts";
import { isFinished } from "../../local/functions-host/durable/instance.ts";
import { Actor } from "./actor.ts";
import { disturbedPorts } from "./disturbed-ports.ts";
import { GUARDED, OVERWRITTEN, type PlannedSubmission } from "./scenario.ts";
import type { SimulatedApp } from "./simulated-app.ts";
import { ACCOUNT, BEGIN, type Stage } from "./stage.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** How often a caller asks who gets no answer. */
const MOST_ASKED = 5;
/** Event Grid's pauses between deliveries; see "Event Grid message delivery and retry". */
const DELIVERY_PAUSES = [10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200];

/** Everybody who is not the pipeline: submitters and callers, Event Grid, operators, and those who do harm. */
export class OutsideWorld {
  readonly #stage: Stage;
  readonly #app: SimulatedApp;

  constructor(stage: Stage, app: SimulatedApp) {
    this.#stage = stage;
    this.#app = app;
  }

  /** Puts all that the scenario has into the schedule. */
  plan(): void {
    const { schedule, trouble, scenario } = this.#stage;
    const { submissions, operations, outages, peaceFrom } = scenario;
    trouble.peaceFrom = BEGIN + peaceFrom;
    trouble.outages.push(...outages.map(({ from, to }) => ({ from: BEGIN + from, to: BEGIN + to })));
    const applications = new Set(submissions.map(({ drop }) => drop.application));
    for (const application of applications) this.#setUpApplication(application);
    for (const submission of submissions) this.#planSubmission(submission);
    for (const { at, operation } of operations) schedule.at(BEGIN + at, () => this.#ask(operation));
    this.#planMischief();
  }

  #planMischief(): void {
    const { schedule, trace, access, gallery, host, random, scenario } = this.#stage;
    for (const at of scenario.externalDeletions) {
      schedule.at(BEGIN + at, () => {
        trace(() => "somebody deletes the role assignment");
        access.deleteBySomebody(gallery.principalId);
        gallery.loseAccess();
      });
    }
    if (scenario.foreignAssignment) access.assignBySomebody(gallery.principalId);
    for (const at of scenario.rotations) schedule.at(BEGIN + at, () => this.rotate(random.hex(32)));
    for (const at of scenario.machineStops) {
      schedule.at(BEGIN + at, () => {
        trace(() => "the machine stops");
        host.stopMachine();
      });
    }
    for (const { at, purges } of scenario.kills) schedule.at(BEGIN + at, () => this.#killAny(purges));
    for (const at of scenario.wipes) {
      schedule.at(BEGIN + at, () => {
        trace(() => "the task hub is lost");
        host.wipe();
      });
    }
  }

  #setUpApplication(application: string): void {
    const { gallery, packages } = this.#stage;
    gallery.applications.add(application);
    const profile = {
      schema: 1,
      supportedOSType: "Linux",
      install: "install.sh",
      remove: "remove.sh",
      targetRegions: ["eastus", "westeurope"],
      ...(application === GUARDED && { direct: "hand-drop", handDrops: "refuse" }),
    };
    packages.profiles.set(application, JSON.stringify(profile));
  }

  #planSubmission(submission: PlannedSubmission): void {
    const { drop, at, files, events, overwrittenAt } = submission;
    const { schedule, packages, trace } = this.#stage;
    const path = (name: string) => `${drop.application}/${drop.version}/${drop.folder}/${name}`;
    schedule.at(BEGIN + at, () => {
      for (const { name, content } of files) packages.drop(path(name), content);
      if (submission.isProven) this.#keepUpload(submission);
    });
    const last = eventOf(path(files.at(-1)?.name ?? ""));
    for (const time of events) schedule.at(BEGIN + time, () => this.#deliver(last, 0));
    if (overwrittenAt !== undefined) {
      schedule.at(BEGIN + overwrittenAt, () => {
        trace(() => `somebody overwrites ${path("app.tar.gz")}`);
        packages.drop(path("app.tar.gz"), OVERWRITTEN);
        schedule.in(5 * SECOND, () => this.#deliver(eventOf(path("app.tar.gz")), 0));
      });
    }
  }

  /** As the endpoints keep who submitted which manifest. */
  #keepUpload({ drop, files, at }: PlannedSubmission): void {
    const submission = { ...drop, submission: drop.folder };
    const by = { kind: "entra", objectId: "the submitter", clientId: "its application" } as const;
    const upload = newUpload(submission, { opener: "the submitter", by, files: [] }, new Date(BEGIN + at));
    const manifest = files.find(({ name }) => name === MANIFEST_FILE)?.content ?? "";
    const kept = { ...upload, manifestSha256: sha256(manifest) };
    void this.#stage.reports.write(uploadPath(submission), uploadText(kept), undefined);
  }

  /** As the endpoint begins it: it is kept, then its story is started. */
  #ask(operation: Operation, attempt = 1): void {
    const { schedule, trace } = this.#stage;
    const actor = new Actor("trigger", "operation", "api");
    // Whoever gets no answer at all asks once more, as the Action does.
    actor.onCrash = () => {
      if (attempt < MOST_ASKED) schedule.in(30 * SECOND, () => this.#ask(operation, attempt + 1));
    };
    this.#begin(operation, actor).catch((error: unknown) =>
      trace(() => `the caller is told: ${String(error)}`),
    );
    this.#app.reconcileOften();
  }

  async #begin(operation: Operation, actor: Actor): Promise<void> {
    const id = operationId(operation, undefined);
    const record = { operation, askedBy: "somebody" };
    const { reports } = disturbedPorts(this.#stage.ports, actor, this.#stage.disturbance);
    await reports.write(operationPath(operation, id), operationText(record), undefined);
    const stories = this.#app.storiesOf(actor);
    const newest = await newestOperation(stories, id, record);
    if (!newest.isRunning) await startUpdating(stories, id, record, newest, { again: true });
  }

  #deliver(event: object, attempt: number): void {
    const { schedule, trace, ports, disturbance } = this.#stage;
    const actor = new Actor("trigger", "blobArrived", "event");
    const again = (): void => {
      const pause = DELIVERY_PAUSES[attempt];
      if (pause !== undefined) schedule.in(pause * SECOND, () => this.#deliver(event, attempt + 1));
    };
    actor.onCrash = again;
    const watched = { ...disturbedPorts(ports, actor, disturbance), accountId: ACCOUNT };
    void blobArrived(watched, this.#app.storiesOf(actor), event, (line) => trace(() => line)).catch(
      (error: unknown) => {
        trace(() => `the delivery fails: ${String(error)}`);
        if (actor.isAlive) again();
      },
    );
  }

  #killAny(purges: boolean): void {
    const { host, random } = this.#stage;
    const running = [...host.hub.instances.values()].filter((instance) => !isFinished(instance));
    if (running.length > 0) this.#kill(random.pick(running).instanceId, purges);
  }

  #kill(instanceId: string, purges: boolean): void {
    const { host, trace, trouble } = this.#stage;
    const instance = host.hub.instances.get(instanceId);
    if (!instance || isFinished(instance)) return;
    trace(() => `an operator ${purges ? "purges" : "terminates"} ${instanceId.slice(0, 6)}`);
    trouble.counts.kills += 1;
    if (purges) host.purge(instanceId);
    else host.terminate(instanceId);
  }

  /** Operators interfere with what seems to take long. */
  maybeKill(instanceId: string): void {
    const { random, schedule, scenario } = this.#stage;
    if (!random.chance(scenario.killsReplicating)) return;
    const purges = random.chance(0.3);
    schedule.in(random.between(0.2, 10) * MINUTE, () => this.#kill(instanceId, purges));
  }

  /** Gives the gallery another identity. */
  rotate(principalId: string): void {
    const { trace, gallery, identities, access } = this.#stage;
    trace(() => `the gallery's identity is ${principalId}`);
    gallery.principalId = principalId;
    identities.add(principalId);
    access.principals.add(principalId);
  }
}

function eventOf(path: string): object {
  return {
    topic: ACCOUNT,
    subject: `/blobServices/default/containers/incoming/blobs/${path}`,
    eventType: "Microsoft.Storage.BlobCreated",
    data: { api: "PutBlockList", blobType: "BlockBlob" },
  };
}
