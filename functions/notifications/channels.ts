import type { Notification } from "../../core/notification.ts";
import { githubChannel } from "./github.ts";
import type { KeyVault } from "./key-vault.ts";
import { signatureHeader } from "./signature.ts";

/** Somewhere that endings are told to. */
export type ChannelSettings =
  | { readonly kind: "webhook"; readonly url: string; readonly secretUrl: string }
  | {
      readonly kind: "github";
      readonly application: string;
      /** `owner/name`. */
      readonly repository: string;
      readonly via: "deployment" | "repository_dispatch";
      /** What a deployment is of; `{version}` stands for the version. */
      readonly ref: string;
      readonly app: GithubApp;
    };

/** A GitHub App whose private key lies in Key Vault. */
export interface GithubApp {
  readonly clientId: string;
  readonly keyUrl: string;
  readonly apiUrl: string;
}

/** Delivers once; throws a {@link GivenUp} when trying again is of no use, anything else when it may be. */
export type Deliver = (notification: Notification) => Promise<void>;

/** That a receiver will not take a notification, ever. */
export class GivenUp extends Error {}

/** How a channel is delivered to. */
export function channelOf(settings: ChannelSettings, vault: KeyVault): Deliver {
  return settings.kind === "webhook" ? webhook(settings, vault) : githubChannel(settings, vault);
}

/** Whether a channel wants to know of an application. */
export function wants(settings: ChannelSettings, application: string): boolean {
  return settings.kind === "webhook" || settings.application === application;
}

function webhook(
  { url, secretUrl }: Extract<ChannelSettings, { kind: "webhook" }>,
  vault: KeyVault,
): Deliver {
  return async (notification) => {
    const secret = await vault.secret(secretUrl);
    const body = JSON.stringify(notification);
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "azure-vm-application-publisher",
        "x-vm-application-signature": signatureHeader(secret, body, Math.floor(Date.now() / 1000)),
      },
      body,
      signal: AbortSignal.timeout(10_000),
      // Elsewhere, nobody was meant to be told.
      redirect: "error",
    });
    await response.body?.cancel();
    accepted(response.status, "the webhook");
  };
}

/** Returns when an answer is a success; throws otherwise, {@link GivenUp} when a later one would be the same. */
export function accepted(status: number, who: string): void {
  if (status >= 200 && status < 300) return;
  const text = `${who} answered ${status}`;
  throw status >= 400 && status < 500 && status !== 408 && status !== 429
    ? new GivenUp(text)
    : new Error(text);
}
