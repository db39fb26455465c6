import type { ArmFixture } from "./arm-fixture.ts";
import {
  aVersion,
  galleryId,
  identityId,
  mediaLink,
  reader,
  startFixture,
  versionId,
} from "./arm-fixture.ts";

const expanded = `${versionId}?$expand=ReplicationStatus`;
const targetRegions = [{ name: "eastus" }, { name: "West Europe" }];
const sasMessage = `The SAS is not valid for source uri '${mediaLink}'.`;

describe("reading the package", () => {
  let fixture: ArmFixture;

  beforeEach(async () => {
    fixture = await startFixture();
  });

  afterEach(() => fixture.arm.stop());

  it("is tried as anybody, then with the gallery's identity", async () => {
    fixture.grantReader();
    await fixture.send("PUT", versionId, { body: aVersion() });
    const attempts = fixture.arm.state.blobAttempts.map(({ principalId, status }) => [principalId, status]);
    expect(attempts).toEqual([
      [undefined, 403],
      [reader.principalId, 200],
    ]);
    expect(fixture.arm.state.version(versionId)?.publishedDigest).toBe("a1");
  });

  it("needs no identity for a public blob", async () => {
    fixture.blobs.set(mediaLink, { isPublic: true });
    expect((await fixture.send("PUT", versionId, { body: aVersion() })).status).toBe(201);
  });

  it("is refused without a role, and for every update", async () => {
    const refused = await fixture.send("PUT", versionId, { body: aVersion() });
    fixture.grantReader();
    await fixture.send("PUT", versionId, { body: aVersion() });
    await fixture.clock.advance(300);
    fixture.access.assignments = [];
    const update = await fixture.send("PATCH", versionId, { body: { properties: {} } });
    const target = "galleryApplicationVersion.properties.publishingProfile.source.mediaLink";
    const error = { code: "InvalidParameter", message: sasMessage, target };
    expect([refused, update].map(({ status, body }) => [status, body.error])).toEqual([
      [400, error],
      [400, error],
    ]);
  });

  it("happens again when replication starts, so that a role taken away early fails the regions", async () => {
    fixture.grantReader();
    const created = await fixture.send("PUT", versionId, { body: aVersion() });
    fixture.access.assignments = [];
    await fixture.clock.advance(10);
    const { body } = await fixture.send("GET", expanded);
    const { provisioningState, replicationStatus } = body.properties;
    const operation = await fixture.follow(created.headers["azure-asyncoperation"]);
    expect([provisioningState, replicationStatus.summary[0].details, operation.body.status]).toEqual([
      "Failed",
      sasMessage,
      "Failed",
    ]);
  });

  it("publishes what it read last", async () => {
    fixture.grantReader();
    await fixture.send("PUT", versionId, { body: aVersion() });
    fixture.blobs.set(mediaLink, { sha256: "b2" });
    await fixture.clock.advance(300);
    const version = fixture.arm.state.version(versionId);
    expect([version?.publishedDigest, version?.copies[0]?.digest]).toEqual(["b2", "b2"]);
  });

  it("has no identity while the gallery is being made", async () => {
    fixture.grantReader();
    const gallery = `${galleryId}_2`;
    const identity = { type: "UserAssigned", userAssignedIdentities: { [identityId]: {} } };
    await fixture.send("PUT", gallery, { body: { location: "eastus", identity } });
    const application = { location: "eastus", properties: { supportedOSType: "Linux" } };
    await fixture.send("PUT", `${gallery}/applications/a`, { body: application });
    const early = await fixture.send("PUT", `${gallery}/applications/a/versions/1.0.0`, { body: aVersion() });
    await fixture.clock.advance(1);
    const later = await fixture.send("PUT", `${gallery}/applications/a/versions/1.0.0`, { body: aVersion() });
    expect([early.status, later.status]).toEqual([400, 201]);
  });

  it("can be limited to a role on the account", async () => {
    fixture.arm.settings.roleScope = "account";
    fixture.grantReader();
    const narrow = await fixture.send("PUT", versionId, { body: aVersion() });
    fixture.grantReader(
      "/subscriptions/x/resourceGroups/y/providers/Microsoft.Storage/storageAccounts/packages01",
    );
    const wide = await fixture.send("PUT", versionId, { body: aVersion() });
    expect([narrow.status, wide.status]).toEqual([400, 201]);
  });

  it("is not needed for an update with home-region reuse", async () => {
    fixture.grantReader();
    await fixture.send("PUT", versionId, { body: aVersion() });
    await fixture.clock.advance(300);
    fixture.access.assignments = [];
    Object.assign(fixture.arm.settings, { homeRegionReuse: true });
    const patched = await fixture.send("PATCH", versionId, {
      body: { properties: { publishingProfile: { targetRegions } } },
    });
    await fixture.clock.advance(300);
    expect([
      patched.status,
      (await fixture.send("GET", versionId)).body.properties.provisioningState,
    ]).toEqual([200, "Succeeded"]);
  });

  it("drops the SAS of a link from its answers", async () => {
    const signed = `${mediaLink}?sv=2024&sig=abc`;
    fixture.blobs.set(signed, { isPublic: true });
    const source = { mediaLink: signed };
    const { body } = await fixture.send("PUT", versionId, { body: aVersion({ source }) });
    expect(body.properties.publishingProfile.source.mediaLink).toBe(mediaLink);
  });
});
