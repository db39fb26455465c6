import { quoted } from "../core/application.ts";
import { Problem } from "../core/problem.ts";

/** The packages account of the pipeline. */
export interface StorageAccount {
  /** For messages: the account's name, or the host when the name is not part of it. */
  readonly name: string;
  /** Without a closing slash. */
  readonly blobEndpoint: string;
}

const NAME = /^[a-z0-9]{3,24}$/;
const NEXT_STEP =
  'Pass the account\'s name alone, e.g. "vmappackages" (3 to 24 lower-case letters and digits), or its blob endpoint, e.g. "https://vmappackages.blob.core.windows.net".';

/** The account that `text`, a name or a blob endpoint, means; `bad-storage-account` when it is neither. */
export function storageAccountFrom(text: string, blobSuffix: string): StorageAccount {
  if (NAME.test(text)) return { name: text, blobEndpoint: `https://${text}.${blobSuffix}` };
  if (!/[.:/]/.test(text)) throw bad(`storage-account ${quoted(text)} is not the name of a storage account`);
  const url = urlFrom(text);
  if (!url) throw bad(`storage-account ${quoted(withoutQuery(text))} is neither a name nor an address`);
  if (url.protocol !== "https:")
    throw bad(`storage-account ${quoted(withoutQuery(text))} is not an https address`);
  // A query would be a SAS: a secret that this Action never needs, and that must not be printed.
  if (url.search || url.username || url.password || url.hash) {
    throw bad(`storage-account "https://${url.host}${url.pathname}?..." carries more than an address`);
  }
  const path = url.pathname.replace(/\/+$/, "");
  const byPath = /^(?:localhost|[\d.]+|\[.*\])$/.test(url.hostname);
  if (path !== "" && !(byPath && /^\/[^/]+$/.test(path))) {
    throw bad(`storage-account ${quoted(text)} names more than the account: the path ${quoted(path)}`);
  }
  const name = byPath ? path.slice(1) || url.host : (url.hostname.split(".")[0] ?? url.host);
  return { name, blobEndpoint: `https://${url.host}${path}` };
}

function urlFrom(text: string): URL | undefined {
  return URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`) ?? undefined;
}

function withoutQuery(text: string): string {
  return text.replace(/\?.*$/s, "?...");
}

function bad(message: string): Problem {
  return new Problem("bad-storage-account", message, NEXT_STEP);
}
