import type { BlobWritten } from "../../../local/world.ts";

export const topic =
  "/subscriptions/s/resourceGroups/r/providers/Microsoft.Storage/storageAccounts/flooperpackages";

/** A manifest that was just written. */
export function aBlob(blob: Partial<BlobWritten> = {}): BlobWritten {
  const path = "flooperapp/1.2.0/run-1/manifest.json";
  return {
    account: "flooperpackages",
    container: "incoming",
    path,
    url: `https://flooperpackages.blob.core.windows.net/incoming/${path}`,
    api: "PutBlob",
    etag: '"0x8D4BCC2E4835CD0"',
    contentLength: 12,
    contentType: "application/json",
    requestId: "831e1650-001e-001b-66ab-eeb76e000000",
    clientRequestId: "6d79dbfb-0e37-4fc4-981f-442c9ca65760",
    ...blob,
  };
}
