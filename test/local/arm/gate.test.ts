import type { ArmFixture } from "./arm-fixture.ts";
import {
  accountId,
  applicationId,
  aVersion,
  blobReaderRole,
  caller,
  galleryId,
  group,
  identityId,
  startFixture,
  subscription,
  tenantId,
  versionId,
} from "./arm-fixture.ts";

const compute = `/subscriptions/${subscription}/providers/Microsoft.Compute`;

describe("every request", () => {
  let fixture: ArmFixture;

  beforeEach(async () => {
    fixture = await startFixture();
    fixture.grantReader();
  });

  afterEach(() => fixture.arm.stop());

  it.each([
    ["GET", galleryId, "galleries/read"],
    ["PUT", galleryId, "galleries/write"],
    ["PATCH", galleryId, "galleries/write"],
    ["GET", applicationId, "galleries/applications/read"],
    ["PUT", applicationId, "galleries/applications/write"],
    ["GET", `${applicationId}/versions`, "galleries/applications/versions/read"],
    ["GET", versionId, "galleries/applications/versions/read"],
    ["PUT", versionId, "galleries/applications/versions/write"],
    ["PATCH", versionId, "galleries/applications/versions/write"],
    ["DELETE", versionId, "galleries/applications/versions/delete"],
    ["GET", `${compute}/locations/eastus/capsOperations/x`, "locations/capsOperations/read"],
  ])("%s %s needs its right", async (method, path, right) => {
    fixture.access.denied.add(`Microsoft.Compute/${right}`);
    const { status, body } = await fixture.send(method, path, method.startsWith("P") ? { body: {} } : {});
    expect([status, body.error]).toEqual([
      403,
      {
        code: "AuthorizationFailed",
        message:
          `The client '${caller.clientId}' with object id '${caller.principalId}' does not have authorization to ` +
          `perform action 'Microsoft.Compute/${right}' over scope '${path.replace(/\/versions$/, "")}' or the scope is ` +
          "invalid. If access was recently granted, please refresh your credentials.",
      },
    ]);
  });

  it.each([
    ["no token", { authorization: "" }],
    ["a wrong token", { authorization: "Bearer bad" }],
  ])("with %s is told where to get one", async (_case, headers) => {
    const { status, headers: sent } = await fixture.send("GET", galleryId, { headers });
    expect(status).toBe(401);
    expect(sent["www-authenticate"]).toMatch(/^Bearer authorization_uri="https:/);
  });

  it("needs an api-version", async () => {
    const { status, body } = await fixture.send("GET", galleryId, { apiVersion: undefined });
    expect([status, body.error.code]).toEqual([400, "MissingApiVersionParameter"]);
  });

  it("needs an api-version that the cloud has", async () => {
    Object.assign(fixture.arm.settings, {
      apiVersions: ["2022-03-03", "2023-07-03"],
      regions: ["China North 3"],
    });
    const { status, body } = await fixture.send("GET", galleryId);
    const provider = await fixture.send("GET", compute);
    expect([status, body.error.code]).toEqual([400, "NoRegisteredProviderFound"]);
    expect(body.error.message).toContain("The supported api-versions are '2022-03-03, 2023-07-03'.");
    expect(provider.body.resourceTypes[0]).toMatchObject({
      ...{ resourceType: "galleries", locations: ["China North 3"] },
      apiVersions: ["2023-07-03", "2022-03-03"],
    });
  });

  it.each([
    ["subscription", galleryId.replace(subscription, "0"), "SubscriptionNotFound"],
    ["resource group", galleryId.replace("/apps/", "/none/"), "ResourceGroupNotFound"],
    ["gallery", `${galleryId}x`, "ResourceNotFound"],
    ["version", versionId, "ResourceNotFound"],
  ])("about an absent %s is 404", async (_what, path, code) => {
    const { status, body } = await fixture.send("GET", path);
    expect([status, body.error.code]).toEqual([404, code]);
  });

  it("gets its id back, and the service's ids", async () => {
    const { headers, text } = await fixture.send("GET", galleryId, {
      headers: { "x-ms-client-request-id": "mine" },
    });
    expect(headers).toMatchObject({
      "x-ms-client-request-id": "mine",
      "x-ms-request-id": expect.any(String),
      "x-ms-ratelimit-remaining-subscription-reads": "249",
      "x-ms-ratelimit-remaining-resource":
        "Microsoft.Compute/GetGallery3Min;349,Microsoft.Compute/GetGallery30Min;2499",
    });
    expect(text).toMatch(/^\{\r\n {2}"name": "apps_gallery",\r\n/);
  });

  it("is recorded", async () => {
    await fixture.send("PUT", versionId, { body: aVersion() });
    await fixture.send("GET", `${versionId}?$expand=ReplicationStatus`);
    const calls = fixture.arm.calls
      .list()
      .map(({ method, path, status, principalId }) => [method, path, status, principalId]);
    expect(calls).toEqual([
      ["PUT", versionId, 201, caller.principalId],
      ["GET", versionId, 200, caller.principalId],
    ]);
    expect(fixture.arm.calls.matching("PUT", /versions/)).toHaveLength(1);
  });

  it("does not mind the case of ids", async () => {
    expect((await fixture.send("GET", galleryId.toUpperCase())).body.id).toBe(galleryId);
  });

  it("that is not supported here is refused loudly", async () => {
    const { status, body } = await fixture.send("PATCH", `${galleryId}/applications/flooperapp`);
    expect([status, body.error.code]).toEqual([501, "NotSupportedLocally"]);
  });

  it("that cannot be read is refused", async () => {
    const { status, body } = await fixture.send("PUT", versionId);
    expect([status, body.error.code]).toEqual([400, "InvalidRequestContent"]);
  });

  it.each([
    ["the subscription", `/subscriptions/${subscription}`, subscription],
    ["the regions", `/subscriptions/${subscription}/locations`, "eastus"],
    ["the account", accountId, "allowSharedKeyAccess"],
    ["the identity", identityId, "principalId"],
    ["an application's versions", `${applicationId}/versions`, "value"],
  ])("can be about %s", async (_what, path, expected) => {
    const { status, text } = await fixture.send("GET", path);
    expect(status).toBe(200);
    expect(text).toContain(expected);
  });

  it("for subscriptions names those in which the caller has a role", async () => {
    const before = await fixture.send("GET", "/subscriptions");
    fixture.access.assign({
      ...{ name: "one", scope: galleryId, roleId: blobReaderRole },
      ...{ principalId: caller.principalId, principalType: "ServicePrincipal" },
    });
    const after = await fixture.send("GET", "/subscriptions");
    expect(before.body.value).toEqual([]);
    expect(after.body.value).toMatchObject([{ subscriptionId: subscription, tenantId, state: "Enabled" }]);
  });

  it("counts under a policy that ends in 429 with Retry-After", async () => {
    const path = `${group}/providers/Microsoft.Compute/galleries/new`;
    const body = { location: "eastus" };
    for (let sent = 0; sent < 50; sent += 1) await fixture.send("PUT", path, { body });
    await fixture.clock.advance(100);
    const refused = await fixture.send("PUT", path, { body });
    await fixture.clock.advance(80);
    const later = await fixture.send("PUT", path, { body });
    expect([refused.status, refused.headers["retry-after"], later.status]).toEqual([429, "80", 200]);
    expect(refused.body.error.details[0]).toMatchObject({
      code: "TooManyRequests",
      target: "CreateUpdateGallery",
    });
  });
});
