import { app } from "@azure/functions";
import { createActivities } from "./activities.ts";
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
import { publishRelease } from "./orchestrators/publish-release.ts";
import { reconcile } from "./orchestrators/reconcile.ts";
import type { Ports } from "./ports.ts";
import { createStoryActivities } from "./story-activities.ts";
import { STORY } from "./starting.ts";
import { fromEventGrid, fromQueue } from "./triggers/deliveries.ts";
import { onTimer, RECONCILE } from "./triggers/reconcile.ts";

/** Registers every function of the app on the given ports. To be called once, while the app starts. */
export function registerApp(ports: Ports, config: Config): void {
  const names = {
    account: accountNameOf(config.accountId),
    galleryRole: config.role.name,
    galleryScope: config.roleScope,
    galleryIdentity: config.galleryIdentity === "system" ? "(system-assigned)" : config.galleryIdentity,
  };
  registerActivities(createActivities(ports, names, { access: config.access }));
  registerStoryActivities(createStoryActivities(ports, names));
  registerEntity("accessLease", accessLease(ports, { graceSeconds: config.graceSeconds }, names));
  registerEntity("applicationGate", applicationGate);
  registerStory(STORY, publishRelease);
  registerStory(RECONCILE, reconcile);
  app.timer("reconcile", {
    schedule: `0 */${config.reconcileMinutes} * * * *`,
    extraInputs: [storiesInput()],
    handler: onTimer({ retentionHours: config.retentionHours }),
  });

  const watched = { packages: ports.packages, reports: ports.reports, accountId: config.accountId };
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

function accountNameOf(accountId: string): string {
  return accountId.slice(accountId.lastIndexOf("/") + 1);
}
