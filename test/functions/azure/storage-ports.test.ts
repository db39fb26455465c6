import { randomUUID } from "node:crypto";
import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import { azureDropBox } from "../../../functions/azure/drop-box.ts";
import { azurePackages } from "../../../functions/azure/packages.ts";
import { azureReports } from "../../../functions/azure/reports.ts";
import { type Azurite, startAzurite } from "../../../local/storage/azurite.ts";
import { itTakesFiles } from "../../contracts/drop-box-port.ts";
import { itKeepsPackages } from "../../contracts/packages-port.ts";
import { itKeepsReports } from "../../contracts/reports-port.ts";

// The same code as in production, on Microsoft's emulator of Blob Storage.

let azurite: Azurite;

beforeAll(async () => {
  // An account for each test would be best; containers are emptied instead, since accounts are fixed at start.
  azurite = await startAzurite({ accounts: ["packages1"] });
});

afterAll(() => azurite.stop());

function service(): BlobServiceClient {
  return BlobServiceClient.fromConnectionString(azurite.connectionString("packages1"));
}

async function emptyContainer(name: string): Promise<ContainerClient> {
  const container = service().getContainerClient(name);
  await container.createIfNotExists();
  for await (const { name: path } of container.listBlobsFlat()) await container.deleteBlob(path);
  return container;
}

describe("azurePackages", () => {
  itKeepsPackages(async () => {
    const dropBox = await emptyContainer("incoming");
    const vault = await emptyContainer("packages");
    const profiles = await emptyContainer("applications");
    const client = service();
    return {
      packages: azurePackages(client, client.url),
      drop: async (path, bytes) => {
        const content = Buffer.from(bytes);
        await dropBox.getBlockBlobClient(path).upload(content, content.length);
      },
      remove: async (path) => {
        await dropBox.deleteBlob(path);
      },
      vaultBytes: async (path) => {
        const blob = vault.getBlockBlobClient(path);
        return (await blob.exists()) ? await blob.downloadToBuffer() : undefined;
      },
      writeProfile: async (application, text) => {
        await profiles.getBlockBlobClient(`${application}.json`).upload(text, text.length);
      },
    };
  });
});

describe("azureDropBox", () => {
  itTakesFiles(async () => {
    const container = await emptyContainer(`incoming-${randomUUID()}`);
    const once = BlobServiceClient.fromConnectionString(azurite.connectionString("packages1"), {
      retryOptions: { maxTries: 1 },
    });
    return {
      dropBox: azureDropBox(once.getContainerClient(container.containerName)),
      bytesAt: async (path) => {
        const blob = container.getBlockBlobClient(path);
        return (await blob.exists()) ? await blob.downloadToBuffer() : undefined;
      },
    };
  });
});

describe("azureReports", () => {
  itKeepsReports(async () => {
    const container = service().getContainerClient(`reports-${randomUUID()}`);
    await container.create();
    return azureReports(container);
  });
});
