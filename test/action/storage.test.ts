import { BlobServiceClient, type BlockBlobClient } from "@azure/storage-blob";
import { createDirectStorage } from "../../action/direct-storage.ts";
import { createStorage } from "../../action/storage.ts";
import { itUploads, type UploaderAccount } from "../contracts/uploader-storage.ts";
import { startLocalWorld, tenantId, uploader } from "../local/a-local-world.ts";

let world: Awaited<ReturnType<typeof startLocalWorld>>;

beforeAll(async () => {
  world = await startLocalWorld();
});

afterAll(() => world.stop());

function accountWith(create: UploaderAccount["create"]): UploaderAccount {
  const blob = (container: string, path: string): BlockBlobClient =>
    BlobServiceClient.fromConnectionString(world.storage.backstage.blobConnectionString)
      .getContainerClient(container)
      .getBlockBlobClient(path);
  return {
    create,
    blobEndpoint: world.storage.endpoints.runner,
    tenantId,
    token: () => world.identities.tokenFor(uploader, "https://storage.azure.com"),
    bytesOf: (path) => blob("incoming", path).downloadToBuffer(),
    saveReport: async (path, text) => {
      await blob("reports", path).upload(text, Buffer.byteLength(text));
    },
  };
}

describe("createStorage", () => {
  itUploads(() => accountWith(createStorage));
});

describe("createDirectStorage", () => {
  itUploads(() => accountWith(createDirectStorage));
});
