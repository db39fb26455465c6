// The webhook that the Event Grid extension opens: /runtime/webhooks/EventGrid?functionName=<name>&code=<key>.
import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import type { EventGridFunction } from "./app-functions.ts";
import type { RpcData } from "./core-api.ts";
import type { HostLog } from "./host-log.ts";
import { answer, readBody, urlOf } from "./requests.ts";
import { jsonData } from "./rpc-data.ts";

/** What the webhook needs. */
export type EventGridWebhook = {
  readonly functions: readonly EventGridFunction[];
  readonly invoke: (
    target: EventGridFunction,
    data: RpcData,
    metadata: Readonly<Record<string, RpcData>>,
  ) => Promise<unknown>;
  /** The system key `eventgrid_extension`; every code is taken when there is none. */
  readonly systemKey: string | undefined;
  readonly log: HostLog;
};

const eventSchema = z.looseObject({ id: z.string(), data: z.unknown().optional() });
const validationSchema = z.tuple([z.looseObject({ data: z.looseObject({ validationCode: z.string() }) })]);

/** Answers Event Grid: the handshake of either schema, or one invocation for each event, all at once. */
export async function answerEventGrid(
  webhook: EventGridWebhook,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { searchParams } = urlOf(request);
  const name = searchParams.get("functionName") ?? "";
  const target = webhook.functions.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (webhook.systemKey !== undefined && searchParams.get("code") !== webhook.systemKey) {
    answer(response, 401);
    return;
  }
  if (target === undefined) {
    answer(response, 404, `cannot find function: '${name}'`);
    return;
  }
  if (request.method === "OPTIONS") {
    answerHandshake(request, response);
    return;
  }
  const body: unknown = JSON.parse((await readBody(request)).toString("utf8"));
  if (request.headers["aeg-event-type"] === "SubscriptionValidation") {
    const [{ data }] = validationSchema.parse(body);
    answer(response, 200, { validationResponse: data.validationCode });
    return;
  }
  if (request.headers["aeg-event-type"] === "Unsubscribe") {
    answer(response, 202);
    return;
  }
  const events = z.array(eventSchema).parse(Array.isArray(body) ? body : [body]);
  const outcomes = await Promise.allSettled(
    events.map((event) =>
      webhook.invoke(target, { string: JSON.stringify(event) }, { data: jsonData(event.data) }),
    ),
  );
  for (const outcome of outcomes) {
    if (outcome.status === "fulfilled") continue;
    webhook.log({ level: "error", functionName: target.name, message: String(outcome.reason) });
  }
  // One failure makes Event Grid send the whole payload again.
  answer(response, outcomes.some(({ status }) => status === "rejected") ? 500 : 202);
}

function answerHandshake(request: IncomingMessage, response: ServerResponse): void {
  const origin = request.headers["webhook-request-origin"];
  if (typeof origin !== "string") {
    answer(response, 400);
    return;
  }
  answer(response, 200, undefined, { "WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*" });
}
