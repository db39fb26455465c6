import { azurePorts } from "../../../functions/azure/azure-ports.ts";

const SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000000";
const ACCOUNT = `${SUBSCRIPTION}/resourceGroups/apps/providers/Microsoft.Storage/storageAccounts/packages`;
const OLD = `${ACCOUNT}/blobServices/default/containers/old`;
const IDENTITY = "11111111-1111-4111-8111-111111111111";

describe("azurePorts", () => {
  const ports = azurePorts(
    {
      packagesEndpoint: "https://packages.blob.core.windows.net",
      gallery: {
        subscriptionId: "00000000-0000-4000-8000-000000000000",
        resourceGroup: "apps",
        name: "apps",
      },
      galleryIdentity: "system",
      accountId: ACCOUNT,
      role: { id: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1" },
      roleScope: ACCOUNT,
      arm: {
        endpoint: "https://management.azure.com",
        scope: "https://management.azure.com/.default",
        galleryApiVersion: "2024-03-03",
      },
      clientId: undefined,
      legacySources: [{ id: OLD }],
    },
    false,
  );

  it("have a role of its own on each container of old packages, which the reconciler sweeps", () => {
    expect(ports.legacyPlaces).toEqual([OLD]);
    const name = ports.legacyAccess?.(OLD)?.assignmentName(IDENTITY);
    expect(name).toMatch(/^[0-9a-f-]{36}$/);
    expect(name).not.toBe(ports.access.assignmentName(IDENTITY));
    expect(ports.legacyAccess?.(`${OLD}er`)).toBeUndefined();
  });
});
