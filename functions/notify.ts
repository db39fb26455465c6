import { type Notification, notificationInstanceId, notificationOf } from "../core/notification.ts";
import type { Report } from "../core/report.ts";
import { telemetryLine } from "../core/telemetry.ts";
import { type ChannelSettings, channelOf, GivenUp, wants } from "./notifications/channels.ts";
import type { KeyVault } from "./notifications/key-vault.ts";
import { operationScope } from "./operation-scope.ts";
import type { StoryHost } from "./vocabulary.ts";

/** The name of the story that tells of endings. */
export const NOTIFY = "notification";

/** The activities by which endings are told. */
export type NotificationActivities = ReturnType<typeof createNotifications>;

/** What stories can have done about whoever wants to know. Safe to run twice: a receiver may hear twice. */
export function createNotifications(channels: readonly ChannelSettings[], vault: KeyVault) {
  return {
    /** Delivers once. `again`: it may work later; on the last attempt that is the end of it. */
    deliverNotification: async (input: {
      notification: Notification;
      channel: number;
      isLast: boolean;
    }): Promise<"delivered" | "again" | "given up"> => {
      const settings = channels[input.channel];
      // The setting was removed meanwhile.
      if (!settings) return "given up";
      const log = operationScope()?.log ?? (() => undefined);
      const tell = (delivered: boolean): void => {
        const { application, version } = input.notification;
        const operation = operationScope()?.operation ?? "";
        const release = { operation, application, version };
        log(telemetryLine({ event: "notification", ...release, channel: settings.kind, delivered }));
      };
      try {
        await channelOf(settings, vault)(input.notification);
        tell(true);
        return "delivered";
      } catch (error) {
        log(`a notification was not delivered: ${error instanceof Error ? error.message : String(error)}`);
        if (!input.isLast && !(error instanceof GivenUp)) return "again";
        tell(false);
        return "given up";
      }
    },
  };
}

type SaveReport<Answer> = (input: { report: Report }) => Promise<Answer>;

/** Saves a report, and has its ending told once it is saved. That telling goes wrong changes nothing. */
export function announcing<Answer>(save: SaveReport<Answer>, channels: readonly ChannelSettings[]) {
  return async (input: { report: Report }, { stories, log }: StoryHost): Promise<Answer> => {
    const answer = await save(input);
    const notification = answer === "saved" ? notificationOf(input.report) : undefined;
    const wanted = channels.flatMap((channel, index) =>
      notification && wants(channel, notification.application) ? [index] : [],
    );
    if (!notification || wanted.length === 0) return answer;
    try {
      const instanceId = notificationInstanceId(notification);
      const isTold = (await stories.status(instanceId)) !== "absent";
      if (!isTold) await stories.start(instanceId, NOTIFY, { notification, channels: wanted });
    } catch (error) {
      log(`an ending could not be told: ${error instanceof Error ? error.message : String(error)}`);
    }
    return answer;
  };
}
