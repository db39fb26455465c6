import type { BlobWritten } from "../world.ts";
import { headerOf } from "./blob-request.ts";
import type { BlobRequest } from "./blob-request.ts";

/**
 * What an operation needs, after "Permissions for calling Blob and Queue data operations" of the storage REST API.
 * `create` is `blobs/add/action` or `blobs/write` for a new blob, and `blobs/write` for one that is there.
 */
export type Right =
  | "blobs/read"
  | "blobs/write"
  | "blobs/delete"
  | "create"
  | "containers/read"
  | "containers/write"
  | "containers/delete"
  | "generateUserDelegationKey";

/** An operation of the blob service that the guard knows. */
export type Operation = {
  readonly name: string;
  readonly right: Right;
  /** Set when success makes a blob appear, as Event Grid tells it. */
  readonly writes?: BlobWritten["api"];
};

type Row = readonly [name: string, methods: string, comp: string, right: Right, writes?: BlobWritten["api"]];

const serviceRows: readonly Row[] = [
  ["List Containers", "GET", "list", "containers/read"],
  ["Get User Delegation Key", "POST", "userdelegationkey", "generateUserDelegationKey"],
];

const containerRows: readonly Row[] = [
  ["List Blobs", "GET", "list", "blobs/read"],
  ["Get Container Properties", "GET HEAD", "", "containers/read"],
  ["Get Container Metadata", "GET HEAD", "metadata", "containers/read"],
  ["Create Container", "PUT", "", "containers/write"],
  ["Delete Container", "DELETE", "", "containers/delete"],
];

const blobRows: readonly Row[] = [
  ["Get Blob", "GET", "", "blobs/read"],
  ["Get Blob Properties", "HEAD", "", "blobs/read"],
  ["Get Blob Metadata", "GET HEAD", "metadata", "blobs/read"],
  ["Get Block List", "GET", "blocklist", "blobs/read"],
  ["Put Blob", "PUT", "", "create", "PutBlob"],
  ["Put Block", "PUT", "block", "blobs/write"],
  ["Put Block List", "PUT", "blocklist", "blobs/write", "PutBlockList"],
  ["Set Blob Metadata", "PUT", "metadata", "blobs/write"],
  ["Set Blob Properties", "PUT", "properties", "blobs/write"],
  ["Lease Blob", "PUT", "lease", "blobs/write"],
  ["Delete Blob", "DELETE", "", "blobs/delete"],
];

/** The operation that a request calls, or undefined when the guard does not know it. */
export function operationOf(request: BlobRequest): Operation | undefined {
  if (headerOf(request, "x-ms-tags") !== undefined) return undefined;
  if (request.path !== undefined) return blobOperation(request);
  const resourceType = request.query.get("restype");
  if (request.container === undefined) return findRow(serviceRows, request);
  return resourceType === "container" ? findRow(containerRows, request) : undefined;
}

function blobOperation(request: BlobRequest): Operation | undefined {
  const operation = findRow(blobRows, request);
  if (headerOf(request, "x-ms-copy-source") === undefined) return operation;
  // Put Blob From URL, Put Block From URL: not served by the emulator either.
  const isCopy = operation?.name === "Put Blob" && headerOf(request, "x-ms-blob-type") === undefined;
  return isCopy ? { name: "Copy Blob", right: "create", writes: "CopyBlob" } : undefined;
}

function findRow(rows: readonly Row[], { method, query }: BlobRequest): Operation | undefined {
  const comp = query.get("comp") ?? "";
  const row = rows.find(([, methods, rowComp]) => rowComp === comp && methods.split(" ").includes(method));
  if (row === undefined) return undefined;
  const [name, , , right, writes] = row;
  return { name, right, ...(writes && { writes }) };
}
