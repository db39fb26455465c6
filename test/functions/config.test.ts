import { type Config, configFrom } from "../../functions/config.ts";

const ACCOUNT = "/subscriptions/s1/resourceGroups/apps/providers/Microsoft.Storage/storageAccounts/vmapps";
const IDENTITY =
  "/subscriptions/s1/resourceGroups/apps/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader";

const TENANT = "0f3e4a52-7f0e-4f6f-9c0a-2d1b6c8e9f10";
const CONTAINER = `${ACCOUNT}/blobServices/default/containers/old`;

function settings(fields: Record<string, string | undefined> = {}): Record<string, string | undefined> {
  return {
    PACKAGES_ENDPOINT: "https://vmapps.blob.core.windows.net/",
    PACKAGES_ACCOUNT_ID: ACCOUNT,
    GALLERY_ID: "/subscriptions/s2/resourceGroups/images/providers/Microsoft.Compute/galleries/tools",
    ...fields,
  };
}

describe("configFrom", () => {
  it("needs three settings and knows the rest", () => {
    expect(configFrom(settings())).toEqual({
      packagesEndpoint: "https://vmapps.blob.core.windows.net",
      accountId: ACCOUNT,
      galleryId: "/subscriptions/s2/resourceGroups/images/providers/Microsoft.Compute/galleries/tools",
      gallery: { subscriptionId: "s2", resourceGroup: "images", name: "tools" },
      galleryIdentity: "system",
      role: { name: "Storage Blob Data Contributor", id: "ba92f5b4-2d11-453d-a403-e96b0029c9fe" },
      roleScope: ACCOUNT,
      access: "leased",
      graceSeconds: 600,
      reconcileMinutes: 5,
      retentionHours: 168,
      arm: {
        endpoint: "https://management.azure.com",
        scope: "https://management.azure.com/.default",
        galleryApiVersion: "2024-03-03",
      },
      clientId: undefined,
      trustRoots: undefined,
      eventQueue: undefined,
      api: undefined,
      github: undefined,
      legacySources: [],
      notifications: [],
      collector: undefined,
      surroundings: {
        hostAccountId: undefined,
        topicId: undefined,
        functionAppId: undefined,
        hostBlobs: undefined,
        hostQueues: undefined,
      },
    } satisfies Config);
  });

  it.each<[Record<string, string>, Partial<Config>]>([
    [{ GALLERY_IDENTITY: IDENTITY }, { galleryIdentity: IDENTITY }],
    [
      { GALLERY_ROLE: "reader" },
      { role: { name: "Storage Blob Data Reader", id: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1" } },
    ],
    [
      { GALLERY_ROLE_SCOPE: "container" },
      { roleScope: `${ACCOUNT}/blobServices/default/containers/packages` },
    ],
    [{ EVENT_QUEUE: "blob-events" }, { eventQueue: "blob-events" }],
    [{ EVENT_QUEUE: "" }, { eventQueue: undefined }],
    [{ API_TENANT_ID: TENANT }, { api: undefined }],
    [{ API_AUDIENCE: "api://pipeline" }, { api: undefined }],
    [{ API_TENANT_ID: TENANT, API_AUDIENCE: "" }, { api: undefined }],
    [
      { API_TENANT_ID: TENANT, API_AUDIENCE: "api://pipeline" },
      {
        api: {
          ...{ tenantId: TENANT, audience: "api://pipeline" },
          issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
          jwksUri: `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`,
        },
      },
    ],
    [
      { LEGACY_SOURCES: JSON.stringify([{ url: "https://old.example/apps/", id: CONTAINER }]) },
      { legacySources: [{ url: "https://old.example/apps", id: CONTAINER }] },
    ],
    [
      { GITHUB_AUDIENCE: "https://pipeline.example" },
      {
        github: {
          audience: "https://pipeline.example",
          issuers: [
            {
              issuer: "https://token.actions.githubusercontent.com",
              jwksUri: "https://token.actions.githubusercontent.com/.well-known/jwks",
            },
          ],
        },
      },
    ],
    [
      { GITHUB_AUDIENCE: "https://pipeline.example", GITHUB_ISSUERS: "[]" },
      { github: { audience: "https://pipeline.example", issuers: [] } },
    ],
    [{ GITHUB_AUDIENCE: "" }, { github: undefined }],
    [
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example/",
        OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20b, other=",
      },
      { collector: { endpoint: "https://collector.example", headers: { "x-key": "a b", other: "" } } },
    ],
    [{ AZURE_CLIENT_ID: "c1" }, { clientId: "c1" }],
    [
      { PACKAGES_ENDPOINT: "https://127.0.0.1:10000/devstoreaccount1" },
      { packagesEndpoint: "https://127.0.0.1:10000/devstoreaccount1" },
    ],
    [
      { ARM_ENDPOINT: "https://management.chinacloudapi.cn/" },
      {
        arm: {
          endpoint: "https://management.chinacloudapi.cn",
          scope: "https://management.chinacloudapi.cn/.default",
          galleryApiVersion: "2024-03-03",
        },
      },
    ],
  ])("understands %j", (fields, expected) => {
    expect(configFrom(settings(fields))).toMatchObject(expected);
  });

  it.each([
    "api://AzureADTokenExchange",
    "api://azureadtokenexchange",
    "api://AzureADTokenExchangeUSGov",
    "https://github.com/contoso",
    "http://GitHub.com/contoso",
    "https://github.com",
    "sigstore",
    "sts.amazonaws.com",
    "short",
    "two words here",
  ])("takes no audience for GitHub's tokens that others have: %s", (GITHUB_AUDIENCE) => {
    expect(() => configFrom(settings({ GITHUB_AUDIENCE }))).toThrow(/GITHUB_AUDIENCE is (?:an|no) audience/);
  });

  it.each(["{", "{}", '[{"issuer": "http://a.example", "jwksUri": "https://a.example/keys"}]', '["x"]'])(
    "takes no such issuers: %s",
    (GITHUB_ISSUERS) => {
      expect(() => configFrom(settings({ GITHUB_ISSUERS }))).toThrow("GITHUB_ISSUERS is no JSON list");
    },
  );

  it.each(["the-secret", "x=%", "x=a,,"])(
    "takes no such headers for traces, and does not show them: %s",
    (text) => {
      const given = { OTEL_EXPORTER_OTLP_HEADERS: text };
      expect(() => configFrom(settings(given))).toThrow(
        /OTEL_EXPORTER_OTLP_HEADERS is no list of name=value, separated by commas$/,
      );
    },
  );

  it("tells all faults at once, each with its value and the rule", () => {
    const bad = {
      PACKAGES_ENDPOINT: "http://vmapps.blob.core.windows.net",
      PACKAGES_ACCOUNT_ID: "vmapps",
      GALLERY_ID: undefined,
      GALLERY_ROLE: "owner",
      GALLERY_IDENTITY: "mine",
      EVENT_QUEUE: "Blob Events",
    };

    expect(() => configFrom(bad)).toThrow(
      new RegExp(
        [
          'PACKAGES_ENDPOINT is no https address \\(got "http:',
          'PACKAGES_ACCOUNT_ID is no id of a storage account \\(got "vmapps"\\)',
          "GALLERY_ID is missing",
          'GALLERY_IDENTITY is neither "system" nor',
          'GALLERY_ROLE .*"owner"',
          'EVENT_QUEUE is no name of a queue \\(got "Blob Events"\\)',
        ].join(".*"),
      ),
    );
  });
});
