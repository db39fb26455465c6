import type { TokenCredential } from "@azure/identity";
import {
  accountSchema,
  blobServiceSchema,
  containersSchema,
  type DeploymentPlaces,
  type InsideFacts,
  passwordsSchema,
  type PostureFacts,
  settingsSchema,
  siteSchema,
  subscriptionsSchema,
  topicSchema,
  withIdentitySchema,
} from "../../core/posture/facts.ts";
import type { Read } from "../../core/posture/finding.ts";
import { withinSeconds } from "./answers.ts";
import { type Arm, askArm } from "./arm-requests.ts";
import { codeIn, resourceGraph } from "./resource-graph.ts";

const STORAGE = "2023-05-01";
const EVENT_GRID = "2022-06-15";
const WEB = "2024-04-01";

/** Reads everything about a deployment that Resource Manager tells. What cannot be read is told as such. */
export async function readPosture(
  credential: TokenCredential,
  arm: Arm,
  places: DeploymentPlaces,
  inside?: () => Promise<InsideFacts>,
): Promise<PostureFacts> {
  function get<Value>(id: string | undefined, version: string, schema: Schema<Value>, body?: object) {
    if (id === undefined) return Promise.resolve(NOT_NAMED);
    return readArm(credential, arm, `${id}?api-version=${version}`, schema, body);
  }
  const graph = resourceGraph(credential, arm, places.packagesAccountId.split("/")[2] ?? "");
  const { packagesAccountId: account, topicId: topic, functionAppId: app } = places;
  const below = (id: string | undefined, path: string) => id && `${id}/${path}`;
  const [packagesAccount, blobService, containers, hostAccount, gallery, topicFacts, subscriptions] =
    await Promise.all([
      get(account, STORAGE, accountSchema),
      get(`${account}/blobServices/default`, STORAGE, blobServiceSchema),
      get(`${account}/blobServices/default/containers`, STORAGE, containersSchema),
      get(places.hostAccountId, STORAGE, accountSchema),
      get(places.galleryId, arm.galleryApiVersion, withIdentitySchema),
      get(topic, EVENT_GRID, topicSchema),
      get(below(topic, "eventSubscriptions"), EVENT_GRID, subscriptionsSchema),
    ]);
  const [appFacts, settings, passwords, assignments, roles, machines, insideFacts] = await Promise.all([
    get(app, WEB, siteSchema),
    get(below(app, "config/appsettings/list"), WEB, settingsSchema, {}),
    get(below(app, "basicPublishingCredentialsPolicies"), WEB, passwordsSchema),
    reading(() => graph.assignments()),
    reading(() => graph.roles()),
    reading(() => graph.machines()),
    inside?.(),
  ]);
  return {
    ...{
      places,
      at: new Date().toISOString(),
      packagesAccount,
      blobService,
      containers,
      hostAccount,
      gallery,
    },
    ...{ topic: topicFacts, subscriptions, app: appFacts, settings, passwords },
    ...{ assignments, roles, machines, inside: insideFacts },
    groups: { unreadable: "the function app's identity may not read the directory" },
    approvers: undefined,
  };
}

const NOT_NAMED = { unreadable: "the function app's settings do not name it" } as const;

interface Schema<Value> {
  safeParse(value: unknown): { readonly success: true; readonly data: Value } | { readonly success: false };
}

/** One thing that Resource Manager tells. */
export async function readArm<Value>(
  credential: TokenCredential,
  arm: Pick<Arm, "endpoint" | "scope">,
  path: string,
  schema: Schema<Value>,
  body?: object,
): Promise<Read<Value>> {
  return reading(async () => {
    const options = { abortSignal: withinSeconds(), ...(body && { body }) };
    const answer = await askArm(credential, arm, path, options);
    const parsed = schema.safeParse(answer.body);
    if (answer.status === 200 && parsed.success) return parsed.data;
    throw new Error(`Resource Manager answered ${answer.status}${codeIn(answer.body)}`);
  });
}

/** What a read gives, or in one line why it gave nothing. */
export async function reading<Value>(read: () => Promise<Value>): Promise<Read<Value>> {
  try {
    return { value: await read() };
  } catch (error) {
    return { unreadable: messageOf(error) };
  }
}

// What `fetch` throws says only that it failed; its cause says why.
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
  return (text.split("\n")[0] ?? "").slice(0, 300);
}
