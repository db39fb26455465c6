import type { TokenVerifier } from "../world.ts";
import { headerOf } from "./blob-request.ts";
import type { BlobRequest } from "./blob-request.ts";

/** Who asks, by what the request proves. */
export type Caller =
  | { readonly kind: "identity"; readonly principalId: string }
  | { readonly kind: "shared-key" }
  | { readonly kind: "user-delegation-sas" }
  | { readonly kind: "anonymous" }
  | { readonly kind: "bad-token" };

const audiences = ["https://storage.azure.com", "https://storage.azure.com/"];

/** Finds out who asks. A header counts before a signature in the address. */
export async function callerOf(
  request: Pick<BlobRequest, "headers" | "query">,
  account: string,
  tokens: TokenVerifier,
): Promise<Caller> {
  const authorization = headerOf(request, "authorization");
  if (authorization === undefined) return callerByAddress(request.query);
  if (/^SharedKey/i.test(authorization)) return { kind: "shared-key" };
  const accountAudience = `https://${account}.blob.core.windows.net`;
  const identity = await tokens.verify(authorization, [...audiences, accountAudience]);
  return identity ? { kind: "identity", principalId: identity.principalId } : { kind: "bad-token" };
}

/** Who asks by the address alone: whoever holds a SAS, or anybody. */
export function callerByAddress(query: URLSearchParams): Caller {
  if (query.has("skoid")) return { kind: "user-delegation-sas" };
  return query.has("sig") ? { kind: "shared-key" } : { kind: "anonymous" };
}
