import type { Notification } from "../../core/notification.ts";
import type { Outcome } from "../../core/outcome.ts";
import { accepted, type ChannelSettings, type Deliver, GivenUp } from "./channels.ts";
import type { KeyVault } from "./key-vault.ts";

type Settings = Extract<ChannelSettings, { kind: "github" }>;

/** Tells a repository by a GitHub App: each time with a token for that repository and one permission, for minutes. */
export function githubChannel(settings: Settings, vault: KeyVault): Deliver {
  const { repository, via, app } = settings;
  return async (notification) => {
    const jwt = await appToken(settings, vault);
    const installation = await ask(app.apiUrl, `/repos/${repository}/installation`, jwt);
    const permission = via === "deployment" ? { deployments: "write" } : { contents: "write" };
    const made = await ask(
      app.apiUrl,
      `/app/installations/${numberIn(installation, "id")}/access_tokens`,
      jwt,
      {
        repositories: [repository.split("/")[1]],
        permissions: permission,
      },
    );
    const token = textIn(made, "token");
    const told = via === "deployment" ? deployed : dispatched;
    await told(settings, token, notification);
  };
}

async function dispatched(
  { app, repository }: Settings,
  token: string,
  notification: Notification,
): Promise<void> {
  const { regions, ...rest } = notification;
  const client_payload = {
    ...rest,
    regions: Object.fromEntries(regions.map(({ name, state }) => [name, state])),
  };
  await ask(app.apiUrl, `/repos/${repository}/dispatches`, token, {
    event_type: "vm-application-release",
    // GitHub takes at most ten members.
    client_payload: { release: client_payload },
  });
}

async function deployed(
  { app, repository, ref }: Settings,
  token: string,
  { application, version, outcome, reason, versionId }: Notification,
): Promise<void> {
  const made = await ask(app.apiUrl, `/repos/${repository}/deployments`, token, {
    ref: ref.replaceAll("{version}", version),
    ...{ task: "publish", environment: `azure-vm-application ${application}` },
    // The release is over: nothing has to be merged or waited for.
    ...{ auto_merge: false, required_contexts: [] },
    payload: { application, version, versionId },
  });
  await ask(app.apiUrl, `/repos/${repository}/deployments/${numberIn(made, "id")}/statuses`, token, {
    state: stateOf(outcome),
    // GitHub takes 140 characters.
    description: `${application} ${version}: ${outcome}${reason ? ` (${reason.code})` : ""}`.slice(0, 140),
  });
}

function stateOf(outcome: Outcome): "success" | "failure" | "error" {
  if (outcome === "published") return "success";
  return outcome === "failed" || outcome === "timed-out" ? "error" : "failure";
}

/** A token of the app itself, signed in Key Vault. */
async function appToken({ app }: Settings, vault: KeyVault): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  // GitHub's clock may be behind; it takes ten minutes at most.
  const claims = { iss: app.clientId, iat: now - 60, exp: now + 480 };
  const text = `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}`;
  return `${text}.${await vault.signed(app.keyUrl, text)}`;
}

async function ask(apiUrl: string, path: string, token: string, body?: object): Promise<unknown> {
  const response = await fetch(`${apiUrl}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...{ accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" },
      ...{ authorization: `Bearer ${token}`, "content-type": "application/json" },
      "user-agent": "azure-vm-application-publisher",
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  accepted(response.status, `GitHub (${path})`);
  return text === "" ? undefined : JSON.parse(text);
}

function numberIn(value: unknown, name: string): number {
  const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  if (typeof found !== "number") throw new GivenUp(`GitHub's answer has no ${name}`);
  return found;
}

function textIn(value: unknown, name: string): string {
  const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  if (typeof found !== "string") throw new GivenUp(`GitHub's answer has no ${name}`);
  return found;
}
