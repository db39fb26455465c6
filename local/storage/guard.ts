import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Network, TokenVerifier } from "../world.ts";
import { authorize, mayRead } from "./authorize.ts";
import type { AuthorizationContext } from "./authorize.ts";
import { blobRequest, headerOf } from "./blob-request.ts";
import type { BlobRequest } from "./blob-request.ts";
import { callerOf } from "./caller.ts";
import type { Caller } from "./caller.ts";
import { copySourceOf } from "./copy-source.ts";
import type { Fault, Faults } from "./faults.ts";
import { forward } from "./forward.ts";
import type { Admitted } from "./forward.ts";
import { operationOf } from "./operations.ts";
import { internalError, notSupported, refusals, renderRefusal } from "./refusals.ts";
import type { Refusal } from "./refusals.ts";
import type { BlobStore } from "./store.ts";
import type { WrittenBlobs } from "./written-blobs.ts";

/** What the guard works with. */
export type GuardParts = {
  /** Asked for each request, because the account's rules may change. */
  context(): AuthorizationContext;
  /** The account's addresses, one for each network. */
  readonly endpoints: readonly string[];
  readonly tokens: TokenVerifier;
  readonly store: BlobStore;
  readonly faults: Faults;
  readonly written: WrittenBlobs;
};

/** Serves the requests that come from `network`: decides about each, then streams it to the store. */
export function guardHandler(parts: GuardParts, network: Network): RequestListener {
  return (incoming, response) => {
    const { socket } = incoming;
    guardRequest(parts, network, incoming, response).catch((error: unknown) => {
      // Mostly one side went away in the middle, which the other one notices by its connection.
      if (response.headersSent || socket.destroyed) socket.destroy();
      else sendRefusal(internalError(String(error)), incoming, response);
    });
  };
}

async function guardRequest(
  parts: GuardParts,
  network: Network,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const admitted = await admit(parts, network, incoming);
  if ("code" in admitted) {
    sendRefusal(admitted, incoming, response);
    return;
  }
  const fault = parts.faults.take(admitted.request, admitted.operation, network);
  if (fault?.kind === "answer") sendRefusal(refusalOf(fault), incoming, response);
  else await forward(parts, admitted, incoming, response, fault);
}

async function admit(
  parts: GuardParts,
  network: Network,
  incoming: IncomingMessage,
): Promise<Admitted | Refusal> {
  const request = blobRequest(incoming.method ?? "GET", incoming.url ?? "/", incoming.headers);
  if (request === undefined) return refusals.badAddress;
  const context = parts.context();
  if (request.account !== context.account.name) return refusals.notFound;
  const operation = operationOf(request);
  if (operation === undefined) return notSupported(`${request.method} ${withoutSecrets(request)}`);
  const caller = await callerOf(request, request.account, parts.tokens);
  const permit = await authorize(context, request, operation, caller, network);
  if ("code" in permit) return permit;
  if (operation.right === "generateUserDelegationKey") return notSupported("user delegation keys");
  const copySource = operation.writes === "CopyBlob" ? sourceFor(parts, context, request, caller) : undefined;
  return typeof copySource === "object" ? copySource : { request, operation, permit, copySource };
}

/** Where the store finds the source of a copy, once the caller may read it. */
function sourceFor(
  { endpoints, store }: GuardParts,
  context: AuthorizationContext,
  request: BlobRequest,
  caller: Caller,
): string | Refusal {
  const source = copySourceOf(headerOf(request, "x-ms-copy-source") ?? "", endpoints);
  if (source === undefined) return notSupported("copies from outside the account");
  if (caller.kind === "identity" && !mayRead(context, source, caller.principalId)) {
    return refusals.missingRight;
  }
  return store.addressOf(source.target);
}

function sendRefusal(refusal: Refusal, incoming: IncomingMessage, response: ServerResponse): void {
  const { status, headers, body } = renderRefusal(refusal, headerOf(incoming, "x-ms-client-request-id"));
  response.writeHead(status, headers);
  response.end(incoming.method === "HEAD" ? undefined : body);
}

function refusalOf(fault: Fault & { readonly kind: "answer" }): Refusal {
  const { status, code, retryAfterSeconds } = fault;
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return { status, code, message: `${code}, as injected.`, headers };
}

function withoutSecrets({ target, query }: BlobRequest): string {
  const names = [...query.keys()].filter((name) => name !== "sig");
  return `${target.split("?")[0] ?? ""}?${names.map((name) => `${name}=${query.get(name) ?? ""}`).join("&")}`;
}
