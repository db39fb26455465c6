import type { IncomingHttpHeaders } from "node:http";

/** A request to the blob service with path-style addresses: `/<account>/<container>/<path>?<query>`. */
export type BlobRequest = {
  readonly method: string;
  /** Path and query as they came over the wire. */
  readonly target: string;
  readonly account: string;
  readonly container: string | undefined;
  /** The blob's name, decoded. */
  readonly path: string | undefined;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
};

/** Reads a request's target; undefined when it is not one that the service could serve. */
export function blobRequest(
  method: string,
  target: string,
  headers: IncomingHttpHeaders,
): BlobRequest | undefined {
  const [rawPath = "", ...rawQuery] = target.split("?");
  const decoded = decode(rawPath);
  // A path that two parties may read in two ways must not reach both the authorisation and the store.
  if (decoded === undefined || decoded.split("/").some((segment) => segment === "." || segment === "..")) {
    return undefined;
  }
  const [, account = "", container, ...path] = decoded.split("/");
  return {
    method,
    target,
    account,
    container: container === "" ? undefined : container,
    path: path.length === 0 || path.join("/") === "" ? undefined : path.join("/"),
    query: new URLSearchParams(rawQuery.join("?")),
    headers,
  };
}

/** One header's value. */
export function headerOf({ headers }: Pick<BlobRequest, "headers">, name: string): string | undefined {
  return [headers[name]].flat()[0];
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
