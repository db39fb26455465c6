// The extension's HTTP endpoints for durable clients, under `/durabletask/` of a loopback port.
import {
  findInstances,
  newInstanceId,
  purge,
  raiseEvent,
  setSuspended,
  signalEntity,
  startOrchestration,
  terminate,
  type ClientAnswer,
  type InstanceFilter,
} from "./client.ts";
import { managementUrls } from "./client-binding.ts";
import type { DurableEngine } from "./engine.ts";
import { schedulerIdOf } from "./entity-messages.ts";
import type { Entity } from "./instance.ts";
import { instanceStatus, statusCodeOf, type StatusOptions } from "./instance-status.ts";

/** A request below `/durabletask/`: decoded path segments, query and body text. */
export type ClientRequest = {
  readonly method: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: string;
  readonly baseUrl: string;
};

/** An answer whose body is sent as JSON. */
export type ClientResponse = { readonly status: number; readonly body?: unknown };

/** Answers a durable client. */
export async function answerClient(engine: DurableEngine, request: ClientRequest): Promise<ClientResponse> {
  const [collection, ...rest] = request.path;
  if (request.method === "POST" && !isJsonOrEmpty(request.body)) {
    return { status: 400, body: { message: "The body is not JSON." } };
  }
  switch (collection) {
    case "orchestrators":
      return startWith(engine, request, rest);
    case "instances":
      return rest.length === 0 || rest[0] === ""
        ? answerMany(engine, request)
        : answerOne(engine, request, rest);
    case "entities":
      return answerEntities(engine, request, rest);
    default:
      return notFound;
  }
}

const notFound: ClientResponse = { status: 404, body: { message: "There is no such endpoint." } };

async function startWith(
  engine: DurableEngine,
  request: ClientRequest,
  [name = "", wantedId]: readonly string[],
): Promise<ClientResponse> {
  if (request.method !== "POST") return notFound;
  const instanceId = wantedId ?? newInstanceId();
  const answer = await startOrchestration(engine, name, instanceId, request.body || "null");
  if (answer.status !== 202) return responseOf(answer);
  return { status: 202, body: managementUrls(request.baseUrl, "", instanceId) };
}

function answerMany(engine: DurableEngine, { method, query }: ClientRequest): ClientResponse {
  const filter = filterFrom(query);
  if (method === "GET") {
    const instances = findInstances(engine, filter);
    return { status: 200, body: instances.map((instance) => instanceStatus(instance, optionsFrom(query))) };
  }
  if (method !== "DELETE") return notFound;
  if (filter.createdTimeFrom === undefined) {
    return { status: 400, body: { message: "Please provide value for 'createdTimeFrom' parameter." } };
  }
  const instancesDeleted = purge(engine, findInstances(engine, filter));
  return instancesDeleted > 0 ? { status: 200, body: { instancesDeleted } } : { status: 404, body: {} };
}

function answerOne(
  engine: DurableEngine,
  { method, query, body }: ClientRequest,
  [instanceId = "", operation, eventName = ""]: readonly string[],
): ClientResponse {
  const instance = engine.hub.instances.get(instanceId);
  const unknown: ClientResponse = {
    status: 404,
    body: { message: `No instance with ID '${instanceId}' found.` },
  };
  switch (`${method} ${operation ?? ""}`.toLowerCase()) {
    case "get ":
      if (instance === undefined) return unknown;
      return { status: statusCodeOf(instance), body: instanceStatus(instance, optionsFrom(query)) };
    case "delete ": {
      const instancesDeleted = purge(engine, instance === undefined ? [] : [instance]);
      return instancesDeleted === 0 ? unknown : { status: 200, body: { instancesDeleted } };
    }
    case "post raiseevent":
      return responseOf(raiseEvent(engine, instanceId, eventName, body === "" ? null : body));
    case "post terminate":
      return responseOf(terminate(engine, instanceId, query.get("reason") ?? ""));
    case "post suspend":
      return responseOf(setSuspended(engine, instanceId, true));
    case "post resume":
      return responseOf(setSuspended(engine, instanceId, false));
    default:
      return { status: 501, body: { message: `This host does not support ${method} ${operation ?? ""}.` } };
  }
}

function answerEntities(
  engine: DurableEngine,
  { method, query, body }: ClientRequest,
  [name = "", key]: readonly string[],
): ClientResponse {
  if (method === "POST" && key !== undefined) {
    return responseOf(signalEntity(engine, { name, key }, query.get("op") ?? "", body === "" ? null : body));
  }
  if (method !== "GET") return notFound;
  if (key !== undefined) {
    const entity = engine.hub.entities.get(schedulerIdOf({ name, key }));
    return entity?.exists === true ? { status: 200, body: stateOf(entity) } : { status: 404, body: {} };
  }
  const entities = [...engine.hub.entities.values()].filter(
    (entity) => entity.exists && (name === "" || entity.name === name.toLowerCase()),
  );
  const withState = query.get("fetchState")?.toLowerCase() === "true";
  return {
    status: 200,
    body: entities.map((entity) => ({
      entityId: { name: entity.name, key: entity.key },
      lastOperationTime: entity.lastOperationTime,
      ...(withState ? { state: stateOf(entity) } : {}),
    })),
  };
}

function stateOf(entity: Entity): unknown {
  return entity.state === null ? null : JSON.parse(entity.state);
}

function responseOf({ status, message }: ClientAnswer): ClientResponse {
  return message === undefined ? { status } : { status, body: { message } };
}

function filterFrom(query: URLSearchParams): InstanceFilter {
  const from = query.get("createdTimeFrom");
  const to = query.get("createdTimeTo");
  const statuses = query.get("runtimeStatus");
  const prefix = query.get("instanceIdPrefix");
  return {
    ...(from === null ? {} : { createdTimeFrom: Date.parse(from) }),
    ...(to === null ? {} : { createdTimeTo: Date.parse(to) }),
    ...(statuses === null ? {} : { runtimeStatus: statuses.split(",") }),
    ...(prefix === null ? {} : { instanceIdPrefix: prefix }),
  };
}

function optionsFrom(query: URLSearchParams): StatusOptions {
  const isOn = (name: string): boolean => query.get(name)?.toLowerCase() === "true";
  return {
    showInput: query.get("showInput")?.toLowerCase() !== "false",
    showHistory: isOn("showHistory"),
    showHistoryOutput: isOn("showHistoryOutput"),
  };
}

function isJsonOrEmpty(text: string): boolean {
  if (text === "") return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
