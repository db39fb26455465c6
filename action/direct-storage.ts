import { createHash, randomUUID } from "node:crypto";
import type { TokenCredential } from "@azure/identity";
import { blobUrl, containers } from "../core/naming.ts";
import { hasAzureCode } from "./azure-refusal.ts";
import { bearerTokens } from "./bearer-tokens.ts";
import { askHttps, type HttpsAnswer } from "./https-request.ts";
import type { StorageAccount } from "./storage-account.ts";
import { storageQuestions } from "./storage-questions.ts";
import { NO_BLOCK, ONLY_BLOCK, type Storage, type StorageOptions, type Written } from "./storage.ts";

// Uploading is what this Action is for: these few requests are sent without a client library in between, which would
// take longer to load than a small package takes to upload, and copies each block once more.
const API_VERSION = "2024-11-04";
const SCOPE = "https://storage.azure.com/.default";
const BLOCK_TIMEOUT_MS = 300_000;
const TIMEOUT_MS = 60_000;

interface BlobRequest {
  readonly method: "GET" | "PUT";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The packages account over its REST interface, to the same effect as Azure's own client in `storage.ts`. */
export function createDirectStorage(
  account: StorageAccount,
  credential: TokenCredential,
  { clientId, blockChecksums }: StorageOptions = {},
): Storage {
  const tokens = bearerTokens(credential, SCOPE);

  async function send({ headers, ...request }: BlobRequest): Promise<HttpsAnswer> {
    const attempt = async (token: string): Promise<HttpsAnswer> =>
      askHttps({
        ...request,
        headers: {
          ...headers,
          authorization: `Bearer ${token}`,
          "user-agent": "azure-vm-application-publisher",
          "x-ms-version": API_VERSION,
          "x-ms-date": new Date().toUTCString(),
          "x-ms-client-request-id": randomUUID(),
        },
      });
    let answer = await attempt(await tokens.current());
    // An account of another tenant names it in its refusal.
    const tenantId = answer.status === 401 ? tenantIn(answer.headers["www-authenticate"]) : undefined;
    if (tenantId !== undefined) answer = await attempt(await tokens.ofTenant(tenantId));
    if (answer.status < 200 || answer.status > 299) throw new BlobError(answer);
    return answer;
  }

  const { ask, create } = storageQuestions(account, clientId);

  function createBy(request: BlobRequest): Promise<Written> {
    return create(() => send({ ...request, headers: { ...request.headers, "if-none-match": "*" } }));
  }

  const dropUrl = (path: string): string => blobUrl(account.blobEndpoint, containers.dropBox, path);

  const writeBlock: Storage["writeBlock"] = (path, blockId, body, signal) =>
    ask("write", async () => {
      const md5 = blockChecksums ? createHash("md5").update(body).digest("base64") : undefined;
      await send({
        method: "PUT",
        url: `${dropUrl(path)}?comp=block&blockid=${encodeURIComponent(blockId)}`,
        ...(md5 !== undefined && { headers: { "content-md5": md5 } }),
        body,
        timeoutMs: BLOCK_TIMEOUT_MS,
        signal,
      });
    });

  const commitBlocks: Storage["commitBlocks"] = (path, blockIds, contentType) =>
    createBy(blockList(dropUrl(path), blockIds, { "x-ms-blob-content-type": contentType }));

  return {
    account: account.name,
    writeBlock,
    commitBlocks,

    readReport: (path) =>
      ask("read", async () => {
        const url = blobUrl(account.blobEndpoint, containers.reports, path);
        try {
          return (await send({ method: "GET", url, timeoutMs: TIMEOUT_MS })).text;
        } catch (error) {
          if (hasAzureCode(error, "BlobNotFound")) return undefined;
          throw error;
        }
      }),

    checkMayCreate: (path) =>
      ask("write", async () => {
        try {
          // Azure judges the right to write first; then it finds that nobody ever sent this block.
          await send(blockList(dropUrl(path), [NO_BLOCK], { "if-none-match": "*" }));
        } catch (error) {
          if (!hasAzureCode(error, "InvalidBlockList")) throw error;
        }
      }),

    createBlob: async (path, body, contentType) => {
      // Put Blob has no checksum that is checked on arrival, Put Block has.
      if (blockChecksums) {
        await writeBlock(path, ONLY_BLOCK, Buffer.from(body), new AbortController().signal);
        return commitBlocks(path, [ONLY_BLOCK], contentType);
      }
      const headers = { "x-ms-blob-content-type": contentType };
      return createBy(wholeBlob(dropUrl(path), body, headers, BLOCK_TIMEOUT_MS));
    },
  };
}

function blockList(
  url: string,
  blockIds: readonly string[],
  headers: Readonly<Record<string, string>>,
): BlobRequest {
  const ids = blockIds.map((id) => `<Uncommitted>${id}</Uncommitted>`).join("");
  return {
    method: "PUT",
    url: `${url}?comp=blocklist`,
    headers: { ...headers, "content-type": "application/xml" },
    body: Buffer.from(`<?xml version="1.0" encoding="utf-8"?><BlockList>${ids}</BlockList>`),
    timeoutMs: TIMEOUT_MS,
  };
}

function wholeBlob(
  url: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): BlobRequest {
  return {
    method: "PUT",
    url,
    headers: { ...headers, "x-ms-blob-type": "BlockBlob" },
    body,
    timeoutMs,
  };
}

// Has the members of the client library's errors, so that both are told apart in one place.
class BlobError extends Error {
  override readonly name = "BlobError";
  readonly statusCode: number;
  readonly code: string | undefined;
  readonly details: { readonly errorCode?: string; readonly message?: string };
  readonly response: { readonly headers: { get(name: string): string | undefined } };

  constructor({ status, headers, text }: HttpsAnswer) {
    const code = oneHeader(headers["x-ms-error-code"]) ?? /<Code>([^<]+)</.exec(text)?.[1];
    const message = /<Message>([^<\n]+)/.exec(text)?.[1];
    super(message ?? code ?? `status ${status}`);
    this.statusCode = status;
    this.code = code;
    this.details = {
      ...(code !== undefined && { errorCode: code }),
      ...(message !== undefined && { message }),
    };
    this.response = { headers: { get: (name) => oneHeader(headers[name]) } };
  }
}

function oneHeader(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}

function tenantIn(challenge: string | undefined): string | undefined {
  return /authorization_uri="?https:\/\/[^/]+\/([^/"?,\s]+)/.exec(challenge ?? "")?.[1];
}
