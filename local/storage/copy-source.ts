import { blobRequest } from "./blob-request.ts";
import type { BlobRequest } from "./blob-request.ts";

/** The blob that a copy reads, when it is one of the guarded account; undefined for any other address. */
export function copySourceOf(address: string, endpoints: readonly string[]): BlobRequest | undefined {
  if (!URL.canParse(address)) return undefined;
  const { origin, pathname, search } = new URL(address);
  const source = blobRequest("GET", `${pathname}${search}`, {});
  const isOurs = source !== undefined && endpoints.includes(`${origin}/${source.account}`);
  return isOurs && source.path !== undefined ? source : undefined;
}
