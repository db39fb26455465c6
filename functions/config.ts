import * as z from "zod";
import type { LegacySource } from "../core/legacy-source.ts";
import { Problem } from "../core/problem.ts";
import { GITHUB_ISSUER } from "../core/publishers.ts";
import type { ChannelSettings } from "./notifications/channels.ts";

const ROLES = {
  contributor: { name: "Storage Blob Data Contributor", id: "ba92f5b4-2d11-453d-a403-e96b0029c9fe" },
  reader: { name: "Storage Blob Data Reader", id: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1" },
} as const;

const ACCOUNT_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+$/i;
const GALLERY_ID =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Compute\/galleries\/([^/]+)$/i;
const IDENTITY_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[^/]+$/i;

const endpoint = z
  .url({ protocol: /^https$/, error: "is no https address" })
  .transform((url) => url.replace(/\/+$/, ""));

function wholeNumber(least: number, most: number) {
  const range = `is no whole number from ${least} to ${most}`;
  return z.coerce.number({ error: range }).int(range).min(least, range).max(most, range);
}

const TOPIC_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.EventGrid\/systemTopics\/[^/]+$/i;
const APP_ID = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Web\/sites\/[^/]+$/i;
const CONTAINER_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+\/blobServices\/default\/containers\/[^/]+$/i;

const legacySource = z.strictObject({
  url: endpoint,
  id: z.string().regex(CONTAINER_ID, "is no id of a container"),
});

const legacySources = z.string().transform((text, context): LegacySource[] => {
  const parsed = z.array(legacySource).safeParse(jsonIn(text));
  if (parsed.success) return parsed.data;
  context.addIssue({
    code: "custom",
    message: 'is no JSON list of {"url": …, "id": …}, one for each container',
  });
  return z.NEVER;
});

const GITHUB = { issuer: GITHUB_ISSUER, jwksUri: `${GITHUB_ISSUER}/.well-known/jwks` };

// Tokens for these audiences are made for others: whoever gets one could bring it here.
const AUDIENCES_OF_OTHERS = [
  /^api:\/\/AzureADTokenExchange/i,
  /^https?:\/\/github\.com/i,
  /^sigstore$/i,
  /^sts\./i,
];

const githubAudience = z
  .string()
  .regex(/^[\x21-\x7e]{8,400}$/, "is no audience of 8 characters or more")
  .refine(
    (audience) => !AUDIENCES_OF_OTHERS.some((other) => other.test(audience)),
    "is an audience that tokens for others have; take the function app's own address",
  );

const githubIssuers = z.string().transform((text, context) => {
  const issuer = z.strictObject({ issuer: endpoint, jwksUri: endpoint });
  const parsed = z.array(issuer).max(10).safeParse(jsonIn(text));
  if (parsed.success) return parsed.data;
  context.addIssue({ code: "custom", message: 'is no JSON list of {"issuer": …, "jwksUri": …}' });
  return z.NEVER;
});

const webhookSchema = z.strictObject({ url: endpoint, secretUrl: endpoint });
const githubSchema = z.strictObject({
  clientId: z.string().min(1),
  keyUrl: endpoint,
  apiUrl: endpoint.default("https://api.github.com"),
  repositories: z.array(
    z.strictObject({
      application: z.string(),
      repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
      via: z.enum(["deployment", "repository_dispatch"]).default("deployment"),
      ref: z.string().default("v{version}"),
    }),
  ),
});

function notificationSetting<Schema extends z.ZodType>(schema: Schema) {
  return z.string().transform((text, context): z.output<Schema> => {
    const parsed = schema.safeParse(jsonIn(text));
    if (parsed.success) return parsed.data;
    const [first] = parsed.error.issues;
    const where = first === undefined || first.path.length === 0 ? "" : ` at ${first.path.join(".")}`;
    context.addIssue({ code: "custom", message: `is not as docs/notifications.md has it${where}` });
    return z.NEVER;
  });
}

// As OpenTelemetry has it: name=value, separated by commas, values encoded as in a URL.
const otlpHeaders = z.string().transform((text, context): Record<string, string> => {
  const pairs = text.split(",").map((pair) => /^\s*([\w-]+)=([\x21-\x7e]*)\s*$/.exec(pair));
  try {
    if (pairs.every((pair) => pair !== null))
      return Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, decodeURIComponent(value)]));
  } catch {
    // Told below.
  }
  context.addIssue({ code: "custom", message: "is no list of name=value, separated by commas" });
  return z.NEVER;
});

// An app setting that is empty counts as not set.
const settings = z.object({
  PACKAGES_ENDPOINT: endpoint,
  PACKAGES_ACCOUNT_ID: z.string().regex(ACCOUNT_ID, "is no id of a storage account"),
  GALLERY_ID: z.string().regex(GALLERY_ID, "is no id of a gallery"),
  GALLERY_IDENTITY: z
    .string()
    .refine(
      (text) => text === "system" || IDENTITY_ID.test(text),
      'is neither "system" nor the id of a user-assigned identity',
    )
    .default("system"),
  GALLERY_ROLE: z.enum(["contributor", "reader"]).default("contributor"),
  GALLERY_ROLE_SCOPE: z.enum(["account", "container"]).default("account"),
  ACCESS: z.enum(["leased", "standing"]).default("leased"),
  ACCESS_GRACE_MINUTES: wholeNumber(0, 1440).default(10),
  RECONCILE_MINUTES: wholeNumber(1, 30).default(5),
  RETENTION_HOURS: wholeNumber(25, 8760).default(168),
  GALLERY_API_VERSION: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(-preview)?$/, "is no api-version such as 2024-03-03")
    .default("2024-03-03"),
  ARM_ENDPOINT: endpoint.default("https://management.azure.com"),
  ARM_SCOPE: z.string().optional(),
  AZURE_CLIENT_ID: z.string().optional(),
  TRUST_ROOTS: z.string().optional(),
  EVENT_QUEUE: z
    .string()
    .regex(/^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/, "is no name of a queue")
    .optional(),
  API_TENANT_ID: z.guid("is no id of a tenant").optional(),
  API_AUDIENCE: z
    .string()
    .regex(/^[\x21-\x7e]{1,400}$/, "is no audience")
    .optional(),
  API_ISSUER: endpoint.optional(),
  API_JWKS_URI: endpoint.optional(),
  AZURE_AUTHORITY_HOST: endpoint.default("https://login.microsoftonline.com"),
  GITHUB_AUDIENCE: githubAudience.optional(),
  GITHUB_ISSUERS: githubIssuers.prefault(JSON.stringify([GITHUB])),
  LEGACY_SOURCES: legacySources.default([]),
  NOTIFY_WEBHOOK: notificationSetting(webhookSchema).optional(),
  NOTIFY_GITHUB: notificationSetting(githubSchema).optional(),
  HOST_ACCOUNT_ID: z.string().regex(ACCOUNT_ID, "is no id of a storage account").optional(),
  EVENT_TOPIC_ID: z.string().regex(TOPIC_ID, "is no id of a system topic").optional(),
  FUNCTION_APP_ID: z.string().regex(APP_ID, "is no id of a function app").optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: otlpHeaders.default({}),
  AzureWebJobsStorage__blobServiceUri: endpoint.optional(),
  EventQueue__queueServiceUri: endpoint.optional(),
});

/** What the function app works on. */
export interface Config {
  /** The packages account's blob endpoint, without a closing slash. */
  readonly packagesEndpoint: string;
  /** The packages account's ARM id. */
  readonly accountId: string;
  /** The gallery's ARM id. */
  readonly galleryId: string;
  readonly gallery: {
    readonly subscriptionId: string;
    readonly resourceGroup: string;
    readonly name: string;
  };
  /** `system`, or the ARM id of the user-assigned identity that reads packages. */
  readonly galleryIdentity: string;
  readonly role: { readonly name: string; readonly id: string };
  /** The ARM id at which the role is assigned. */
  readonly roleScope: string;
  /** `standing`: the role is there for good, and the pipeline neither gives it nor takes it away. */
  readonly access: "leased" | "standing";
  /** How long access that nobody needs any more is kept for the next. */
  readonly graceSeconds: number;
  /** How often the reconciler runs. */
  readonly reconcileMinutes: number;
  /** How long ended instances are kept. */
  readonly retentionHours: number;
  readonly arm: { readonly endpoint: string; readonly scope: string; readonly galleryApiVersion: string };
  /** The function app's own identity, when it is a user-assigned one. */
  readonly clientId: string | undefined;
  /** A folder of trust roots for attestations, instead of the published ones. */
  readonly trustRoots: string | undefined;
  /** The queue that Event Grid fills; without it there is no queue trigger. */
  readonly eventQueue: string | undefined;
  /** Whose tokens the HTTP endpoints take; undefined: nobody's. */
  readonly api:
    | {
        readonly tenantId: string;
        readonly audience: string;
        readonly issuer: string;
        readonly jwksUri: string;
      }
    | undefined;
  /** Whose tokens of GitHub Actions jobs the HTTP endpoints take; undefined: nobody's. */
  readonly github:
    | {
        readonly audience: string;
        readonly issuers: readonly { readonly issuer: string; readonly jwksUri: string }[];
      }
    | undefined;
  /** Containers outside the vault that versions may have been published from. */
  readonly legacySources: readonly LegacySource[];
  /** Where endings are told to. */
  readonly notifications: readonly ChannelSettings[];
  /** Where spans and numbers are sent to; undefined: none are made. */
  readonly collector:
    { readonly endpoint: string; readonly headers: Readonly<Record<string, string>> } | undefined;
  /** The rest of the deployment, which only the posture looks at. */
  readonly surroundings: {
    readonly hostAccountId: string | undefined;
    readonly topicId: string | undefined;
    readonly functionAppId: string | undefined;
    /** Endpoints of the host account. */
    readonly hostBlobs: string | undefined;
    readonly hostQueues: string | undefined;
  };
}

/** The configuration in app settings, or a problem `bad-settings` that lists every fault. */
export function configFrom(environment: Readonly<Record<string, string | undefined>>): Config {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = settings.safeParse(present);
  if (!parsed.success) throw badSettings(parsed.error, present);
  const { PACKAGES_ENDPOINT, PACKAGES_ACCOUNT_ID, GALLERY_ID: galleryId, ...rest } = parsed.data;
  const [, subscriptionId = "", resourceGroup = "", name = ""] = GALLERY_ID.exec(galleryId) ?? [];
  const container = `${PACKAGES_ACCOUNT_ID}/blobServices/default/containers/packages`;
  return {
    packagesEndpoint: PACKAGES_ENDPOINT,
    accountId: PACKAGES_ACCOUNT_ID,
    galleryId,
    gallery: { subscriptionId, resourceGroup, name },
    galleryIdentity: rest.GALLERY_IDENTITY,
    role: ROLES[rest.GALLERY_ROLE],
    roleScope: rest.GALLERY_ROLE_SCOPE === "container" ? container : PACKAGES_ACCOUNT_ID,
    access: rest.ACCESS,
    graceSeconds: rest.ACCESS_GRACE_MINUTES * 60,
    reconcileMinutes: rest.RECONCILE_MINUTES,
    retentionHours: rest.RETENTION_HOURS,
    arm: {
      endpoint: rest.ARM_ENDPOINT,
      scope: rest.ARM_SCOPE ?? `${rest.ARM_ENDPOINT}/.default`,
      galleryApiVersion: rest.GALLERY_API_VERSION,
    },
    clientId: rest.AZURE_CLIENT_ID,
    trustRoots: rest.TRUST_ROOTS,
    eventQueue: rest.EVENT_QUEUE,
    api: apiFrom(rest),
    github:
      rest.GITHUB_AUDIENCE === undefined
        ? undefined
        : { audience: rest.GITHUB_AUDIENCE, issuers: rest.GITHUB_ISSUERS },
    legacySources: rest.LEGACY_SOURCES,
    notifications: notificationsFrom(rest.NOTIFY_WEBHOOK, rest.NOTIFY_GITHUB),
    collector:
      rest.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : { endpoint: rest.OTEL_EXPORTER_OTLP_ENDPOINT, headers: rest.OTEL_EXPORTER_OTLP_HEADERS },
    surroundings: {
      hostAccountId: rest.HOST_ACCOUNT_ID,
      topicId: rest.EVENT_TOPIC_ID,
      functionAppId: rest.FUNCTION_APP_ID,
      hostBlobs: rest.AzureWebJobsStorage__blobServiceUri,
      hostQueues: rest.EventQueue__queueServiceUri,
    },
  };
}

type ApiSetting = "API_TENANT_ID" | "API_AUDIENCE" | "API_ISSUER" | "API_JWKS_URI" | "AZURE_AUTHORITY_HOST";

// One without the other names nobody: the endpoints then refuse everybody, and the rest of the app works.
function apiFrom(given: Pick<z.output<typeof settings>, ApiSetting>): Config["api"] {
  const { API_TENANT_ID: tenantId, API_AUDIENCE: audience, AZURE_AUTHORITY_HOST: authority } = given;
  if (tenantId === undefined || audience === undefined) return undefined;
  return {
    tenantId,
    audience,
    issuer: given.API_ISSUER ?? `${authority}/${tenantId}/v2.0`,
    jwksUri: given.API_JWKS_URI ?? `${authority}/${tenantId}/discovery/v2.0/keys`,
  };
}

function notificationsFrom(
  webhook: z.output<typeof webhookSchema> | undefined,
  github: z.output<typeof githubSchema> | undefined,
): ChannelSettings[] {
  return [
    ...(webhook ? [{ kind: "webhook" as const, ...webhook }] : []),
    ...(github ? githubChannels(github) : []),
  ];
}

function githubChannels({ repositories, ...app }: z.output<typeof githubSchema>): ChannelSettings[] {
  return repositories.map((each) => ({ kind: "github", ...each, app }));
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function badSettings(error: z.ZodError, present: Record<string, string | undefined>): Problem {
  const faults = error.issues.map((issue) => {
    const name = String(issue.path[0]);
    const value = present[name];
    // Its value may be a secret.
    if (name === "OTEL_EXPORTER_OTLP_HEADERS") return `${name} ${issue.message}`;
    return value === undefined
      ? `${name} is missing`
      : `${name} ${issue.message} (got ${JSON.stringify(value)})`;
  });
  return new Problem(
    "bad-settings",
    `app settings: ${faults.join("; ")}`,
    "Correct them among the function app's environment variables, then start it again.",
  );
}
