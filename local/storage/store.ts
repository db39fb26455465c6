import { Agent, request as sendRequest } from "node:http";
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  generateAccountSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import type { Azurite } from "./azurite.ts";

/** A request for the store: path and query, with everything that follows as it came. */
export type StoreRequest = {
  readonly method: string;
  readonly target: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Readable;
};

/** What a blob's properties say, as far as the guard needs them. */
export type BlobProperties = { readonly size: number; readonly contentType: string };

/** The blob service behind the guard. */
export type BlobStore = {
  /** Streams a request to the store and resolves with its answer, whose body is yet to be read. */
  send(request: StoreRequest): Promise<IncomingMessage>;
  /** A target that the store accepts whoever sends it. */
  signed(target: string): string;
  /** The same as an address, for the store to read from itself. */
  addressOf(target: string): string;
  properties(container: string, path: string): Promise<BlobProperties | undefined>;
  stop(): void;
};

const signatureMilliseconds = 24 * 3_600_000;

/** Talks to one account of an Azurite. */
export function createBlobStore(azurite: Azurite, account: string): BlobStore {
  const agent = new Agent({ keepAlive: true });
  const credential = new StorageSharedKeyCredential(account, azurite.keyOf(account));
  let signature = { text: "", renewAt: 0 };
  const store: BlobStore = {
    send: (request) => send(azurite.blobOrigin, agent, request),
    signed: (target) => {
      if (Date.now() >= signature.renewAt) signature = sign(credential);
      return `${target}${target.includes("?") ? "&" : "?"}${signature.text}`;
    },
    addressOf: (target) => `${azurite.blobOrigin}${store.signed(target)}`,
    properties: async (container, path) => {
      const name = path.split("/").map(encodeURIComponent).join("/");
      const target = store.signed(`/${account}/${container}/${name}`);
      const answer = await store.send({ method: "HEAD", target, headers: {} });
      answer.resume();
      const { "content-length": size = "0", "content-type": contentType = "" } = answer.headers;
      return answer.statusCode === 200 ? { size: Number(size), contentType } : undefined;
    },
    stop: () => agent.destroy(),
  };
  return store;
}

function sign(credential: StorageSharedKeyCredential): { text: string; renewAt: number } {
  const now = Date.now();
  const parameters = generateAccountSASQueryParameters(
    {
      services: AccountSASServices.parse("b").toString(),
      resourceTypes: AccountSASResourceTypes.parse("sco").toString(),
      permissions: AccountSASPermissions.parse("rwdlac"),
      protocol: SASProtocol.HttpsAndHttp,
      startsOn: new Date(now - 3_600_000),
      expiresOn: new Date(now + 2 * signatureMilliseconds),
    },
    credential,
  );
  return { text: parameters.toString(), renewAt: now + signatureMilliseconds };
}

function send(
  origin: string,
  agent: Agent,
  { method, target, headers, body }: StoreRequest,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = sendRequest(`${origin}${target}`, { method, headers, agent });
    outgoing.once("response", resolve);
    outgoing.once("error", reject);
    if (body === undefined) outgoing.end();
    else pipeline(body, outgoing).catch(reject);
  });
}
