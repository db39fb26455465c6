import { app } from "@azure/functions";
import { createActivities } from "./activities.ts";
import { pacedAllowances } from "./callers/allowance.ts";
import {
  callerKey,
  callerText,
  denialOf,
  type Identify,
  objectionTo,
  shareKey,
  submitterOf,
} from "./callers/caller.ts";
import { entraCallers } from "./callers/entra-tokens.ts";
import { githubCallers } from "./callers/github-tokens.ts";
import { identifyBy } from "./callers/identify.ts";
import type { Config } from "./config.ts";
import {
  registerActivities,
  registerEntity,
  registerStory,
  registerStoryActivities,
  storiesInput,
} from "./durable.ts";
import { accessLease } from "./entities/access-lease.ts";
import { applicationGate } from "./entities/application-gate.ts";
import { createNotifications, announcing, NOTIFY } from "./notify.ts";
import type { KeyVault } from "./notifications/key-vault.ts";
import { notify } from "./orchestrators/notify.ts";
import { updateVersion } from "./orchestrators/update-version.ts";
import { publishRelease } from "./orchestrators/publish-release.ts";
import { reconcile } from "./orchestrators/reconcile.ts";
import type { Ports } from "./ports.ts";
import { createStoryActivities } from "./story-activities.ts";
import { STORY, UPDATE_STORY } from "./starting.ts";
import { approvalEndpoints } from "./triggers/approval-endpoints.ts";
import { observed, observedStories, tellSaved } from "./telemetry.ts";
import { fromEventGrid, fromQueue } from "./triggers/deliveries.ts";
import { onTimer, RECONCILE } from "./triggers/reconcile.ts";
import { apiHandler } from "./triggers/http-api.ts";
import { type Look, postureHandler } from "./triggers/posture.ts";
import { submissionEndpoints } from "./triggers/submission-endpoints.ts";
import { versionEndpoints } from "./triggers/version-endpoints.ts";
import type { Examine } from "./triggers/version-operations.ts";
import { createVersionUpdates } from "./version-updates.ts";

/** What the app works with beside its ports. */
export interface Surroundings {
  readonly look: Look;
  readonly vault: KeyVault;
}

/** Registers every function of the app on the given ports. To be called once, while the app starts. */
export function registerApp(ports: Ports, config: Config, { look, vault }: Surroundings): void {
  const names = {
    account: accountNameOf(config.accountId),
    galleryRole: config.role.name,
    galleryScope: config.roleScope,
    galleryIdentity: config.galleryIdentity === "system" ? "(system-assigned)" : config.galleryIdentity,
  };
  const made = createActivities(ports, names, {
    access: config.access,
    functionAppId: config.surroundings.functionAppId,
    onSaved: tellSaved,
  });
  const { saveReport, ...activities } = observed(made);
  registerActivities(activities);
  registerStoryActivities({ saveReport: announcing(saveReport, config.notifications) });
  registerActivities(createNotifications(config.notifications, vault));
  registerStory(NOTIFY, notify);
  registerStoryActivities(observedStories(createStoryActivities(ports, names)));
  registerEntity("accessLease", accessLease(ports, { graceSeconds: config.graceSeconds }, names));
  registerEntity("applicationGate", applicationGate);
  registerStory(STORY, publishRelease);
  registerStory(RECONCILE, reconcile);
  app.timer("reconcile", {
    schedule: `0 */${config.reconcileMinutes} * * * *`,
    extraInputs: [storiesInput()],
    handler: onTimer({ retentionHours: config.retentionHours }),
  });
  const updates = createVersionUpdates(ports, names, config.legacySources);
  registerActivities(updates);
  registerStory(UPDATE_STORY, updateVersion);
  const identify = identifyBy(entraCallers(config.api), githubCallers(config.github));
  registerApi(ports, identify, updates.examineUpdate, look);

  const watched = {
    ...{ packages: ports.packages, reports: ports.reports, accountId: config.accountId },
    galleryId: config.galleryId,
  };
  app.eventGrid("blobArrivedFromEventGrid", {
    extraInputs: [storiesInput()],
    handler: fromEventGrid(watched),
  });
  if (config.eventQueue !== undefined) {
    app.storageQueue("blobArrivedFromQueue", {
      queueName: config.eventQueue,
      connection: "EventQueue",
      extraInputs: [storiesInput()],
      handler: fromQueue(watched),
    });
  }
}

const VERSION = "applications/{application}/versions/{version}";
const SUBMISSION = `${VERSION}/submissions/{submission}`;

function registerApi(ports: Ports, identify: Identify, examine: Examine, look: Look): void {
  const naming = { keyOf: callerKey, shareOf: shareKey, textOf: callerText, submitterOf };
  const callers = { identify, denialOf, objectionTo, ...naming, pauseOf: pacedAllowances() };
  const apiPorts = { ...ports, examine, callers, now: () => new Date() };
  const endpoints = versionEndpoints(apiPorts);
  const submissions = submissionEndpoints(apiPorts);
  const approvals = approvalEndpoints(apiPorts);
  // Blocks pass through to storage; without this the host would hand over each request as a whole.
  app.setup({ enableHttpStream: true });
  const places = [
    ["readVersionStatus", "GET", VERSION, endpoints.read],
    ["expandVersion", "POST", `${VERSION}/regions`, endpoints.expand],
    ["promoteVersion", "POST", `${VERSION}/promote`, endpoints.promote],
    ["withdrawVersion", "POST", `${VERSION}/withdraw`, endpoints.withdraw],
    ["haltVersion", "POST", `${VERSION}/halt`, endpoints.halt],
    ["retrySubmission", "POST", `${SUBMISSION}/retry`, endpoints.retry],
    ["openSubmission", "POST", `${VERSION}/submissions`, submissions.open],
    ["seeSubmission", "GET", SUBMISSION, submissions.see],
    ["sendBlock", "PUT", `${SUBMISSION}/files/{file}/blocks/{block}`, submissions.send],
    ["commitFile", "PUT", `${SUBMISSION}/files/{file}`, submissions.commitFile],
    ["lookAtSubmission", "GET", `${SUBMISSION}/approval`, approvals.lookAt],
    ["approveSubmission", "POST", `${SUBMISSION}/approval`, approvals.approve],
    ["commitSubmission", "PUT", `${SUBMISSION}/manifest`, submissions.commit],
  ] as const;
  for (const [name, method, route, endpoint] of places) {
    app.http(name, {
      ...{ methods: [method], route, authLevel: "anonymous" },
      // Who may call is decided by the token alone; keys of the host open nothing here.
      extraInputs: [storiesInput()],
      handler: apiHandler(apiPorts, endpoint),
    });
  }
  app.http("readPosture", {
    ...{ methods: ["GET"], route: "posture", authLevel: "anonymous" },
    handler: postureHandler(apiPorts.callers, look),
  });
}

function accountNameOf(accountId: string): string {
  return accountId.slice(accountId.lastIndexOf("/") + 1);
}
