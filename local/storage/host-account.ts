// The function app's own account, as far as one looks into it with a token: the length of a queue, dead letters.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { QueueServiceClient } from "@azure/storage-queue";
import type { Certificates } from "../certificates.ts";
import { listenHttps } from "../listener.ts";
import type { AccessControl, TokenVerifier } from "../world.ts";
import type { AccountName } from "./account.ts";

/** What the host account's endpoint needs. */
export type HostAccountOptions = {
  readonly account: AccountName;
  readonly certificates: Certificates;
  readonly access: AccessControl;
  readonly tokens: TokenVerifier;
  /** Of Azurite, where the queues really are. */
  readonly connectionString: string;
  /** Names of the blobs in `dead-letters`. */
  readonly deadLetters: () => readonly string[];
};

type Reply = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

const storageAccounts = "Microsoft.Storage/storageAccounts";

/** Serves the host account over HTTPS. */
export async function startHostAccount(options: HostAccountOptions) {
  const listener = await listenHttps(options.certificates);
  listener.serve(handlerOf(options));
  return { endpoint: `${listener.origin}/${options.account.name}`, stop: () => listener.stop() };
}

function handlerOf(options: HostAccountOptions): RequestListener {
  return (request, response) => {
    answer(options, request).then(
      (reply) => send(response, reply),
      (error: unknown) => send(response, { status: 500, body: String(error) }),
    );
  };
}

async function answer(options: HostAccountOptions, request: IncomingMessage): Promise<Reply> {
  const url = new URL(request.url ?? "/", "https://host");
  const caller = await options.tokens.verify(request.headers.authorization, [
    ...["https://storage.azure.com", "https://storage.azure.com/"],
  ]);
  if (!caller) return { status: 401 };
  const [, account = "", name = ""] = url.pathname.split("/");
  if (account !== options.account.name) return { status: 404 };
  const may = (action: string, isDataAction: boolean, scope: string): boolean =>
    options.access.isAllowed({ principalId: caller.principalId, action, isDataAction, scope });
  if (url.searchParams.get("comp") === "metadata") {
    const scope = `${options.account.id}/queueServices/default/queues/${name}`;
    const isAllowed = may(`${storageAccounts}/queueServices/queues/read`, false, scope);
    return isAllowed ? queueLength(options, name) : { status: 403 };
  }
  if (url.searchParams.get("comp") === "list" && name === "dead-letters") {
    const scope = `${options.account.id}/blobServices/default/containers/dead-letters`;
    const isAllowed = may(`${storageAccounts}/blobServices/containers/blobs/read`, true, scope);
    return isAllowed ? { status: 200, body: listing(options.deadLetters()) } : { status: 403 };
  }
  return { status: 501, body: `The local host account does not do ${request.method ?? ""} ${url.pathname}.` };
}

async function queueLength({ connectionString }: HostAccountOptions, name: string): Promise<Reply> {
  const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient(name);
  if (!(await queue.exists())) return { status: 404 };
  const { approximateMessagesCount = 0 } = await queue.getProperties();
  return { status: 200, headers: { "x-ms-approximate-messages-count": String(approximateMessagesCount) } };
}

function listing(names: readonly string[]): string {
  const blobs = names.map(
    (name) =>
      `<Blob><Name>${name}</Name><Properties><Last-Modified>Thu, 01 Jan 2026 00:00:00 GMT</Last-Modified>` +
      "<Etag>0x1</Etag><Content-Length>1</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>",
  );
  return (
    '<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="dead-letters">' +
    `<Blobs>${blobs.join("")}</Blobs><NextMarker /></EnumerationResults>`
  );
}

function send(response: ServerResponse, { status, headers = {}, body = "" }: Reply): void {
  response.writeHead(status, { "content-type": "application/xml", "x-ms-version": "2024-11-04", ...headers });
  response.end(body);
}
