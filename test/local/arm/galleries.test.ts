import type { ArmFixture } from "./arm-fixture.ts";
import { galleryId, group, identityId, reader, startFixture, subscription, tenantId } from "./arm-fixture.ts";

const newId = `${galleryId}_2`;

describe("galleries", () => {
  let fixture: ArmFixture;

  beforeEach(async () => {
    fixture = await startFixture();
  });

  afterEach(() => fixture.arm.stop());

  const put = (id: string, identity?: object) =>
    fixture.send("PUT", id, { body: { location: "eastus", ...(identity && { identity }) } });

  it("show a system-assigned principal only once they are ready", async () => {
    const created = await put(newId, { type: "SystemAssigned" });
    const early = await fixture.send("GET", newId);
    await fixture.clock.advance(1);
    const ready = await fixture.send("GET", newId);
    const operation = await fixture.follow(created.headers["azure-asyncoperation"]);
    expect([created.status, created.body.properties.provisioningState]).toEqual([201, "Creating"]);
    expect([created.body.identity, early.body.identity]).toEqual([
      { type: "SystemAssigned" },
      { type: "SystemAssigned" },
    ]);
    expect(ready.body.identity).toEqual({
      ...{ principalId: expect.stringMatching(/^[0-9a-f-]{36}$/), tenantId },
      type: "SystemAssigned",
    });
    expect([ready.body.properties.provisioningState, operation.body.status]).toEqual([
      "Succeeded",
      "Succeeded",
    ]);
    expect(ready.body.properties.identifier.uniqueName).toBe(`${subscription}-APPS_GALLERY_2`);
  });

  it("show user-assigned principals in GET, and an empty object in the answer to PUT", async () => {
    const identity = { type: "UserAssigned", userAssignedIdentities: { [identityId]: {} } };
    const created = await put(newId, identity);
    await fixture.clock.advance(1);
    const ready = await fixture.send("GET", newId);
    const { principalId, clientId } = reader;
    expect(created.body.identity).toEqual(identity);
    expect(ready.body.identity.userAssignedIdentities).toEqual({ [identityId]: { principalId, clientId } });
  });

  it("lose user-assigned identities that a PUT leaves out, and keep them through a PATCH", async () => {
    const both = { type: "SystemAssigned, UserAssigned" };
    const patched = await fixture.send("PATCH", galleryId, { body: { identity: both } });
    const replaced = await put(galleryId, both);
    expect(patched.status).toBe(200);
    expect(Object.keys(patched.body.identity.userAssignedIdentities)).toEqual([identityId]);
    expect(replaced.body.identity).toEqual(both);
  });

  it("lose an identity that a PATCH sets to null", async () => {
    const identity = { type: "UserAssigned", userAssignedIdentities: { [identityId]: null } };
    const { body } = await fixture.send("PATCH", galleryId, { body: { identity } });
    expect(body.identity).toEqual({ type: "UserAssigned" });
  });

  it("keep their principal through updates", async () => {
    await put(newId, { type: "SystemAssigned" });
    await fixture.clock.advance(1);
    const before = await fixture.send("GET", newId);
    const updated = await put(newId, { type: "SystemAssigned" });
    await fixture.clock.advance(1);
    const after = await fixture.send("GET", newId);
    expect([updated.status, updated.body.properties.provisioningState]).toEqual([200, "Updating"]);
    expect(after.body.identity).toEqual(before.body.identity);
  });

  it("refuse an identity that does not exist or may not be attached", async () => {
    const absent = await put(newId, {
      type: "UserAssigned",
      userAssignedIdentities: { [`${identityId}x`]: {} },
    });
    fixture.access.denied.add("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action");
    const denied = await put(newId, { type: "UserAssigned", userAssignedIdentities: { [identityId]: {} } });
    expect([absent, denied].map(({ status, body }) => [status, body.error.code])).toEqual([
      [400, "FailedIdentityOperation"],
      [403, "LinkedAuthorizationFailed"],
    ]);
  });

  it("have no identity in API versions before it was known", async () => {
    const apiVersion = "2023-07-03";
    const read = await fixture.send("GET", galleryId, { apiVersion });
    const body = { location: "eastus", identity: { type: "None" } };
    const written = await fixture.send("PUT", galleryId, { apiVersion, body });
    expect(read.body).not.toHaveProperty("identity");
    expect([written.status, written.body.error.code]).toEqual([400, "BadRequest"]);
  });

  it.each(["_a", "a-", "a b", "x".repeat(81)])("refuse the name '%s'", async (name) => {
    const { status } = await put(
      `${group}/providers/Microsoft.Compute/galleries/${encodeURIComponent(name)}`,
    );
    expect(status).toBe(400);
  });

  it("are listed by group and by subscription", async () => {
    const replies = await Promise.all(
      [group, `/subscriptions/${subscription}`].map((scope) =>
        fixture.send("GET", `${scope}/providers/Microsoft.Compute/galleries`),
      ),
    );
    expect(replies.map(({ body }) => body.value.length)).toEqual([1, 1]);
  });
});

describe("applications", () => {
  let fixture: ArmFixture;

  beforeEach(async () => {
    fixture = await startFixture();
  });

  afterEach(() => fixture.arm.stop());

  const put = (name: string, properties: object) =>
    fixture.send("PUT", `${galleryId}/applications/${name}`, { body: { location: "eastus", properties } });

  it("are made at once, without an operation", async () => {
    const { status, headers, body } = await put("windows-app", {
      supportedOSType: "Windows",
      description: "d",
    });
    expect([status, headers["azure-asyncoperation"], body.properties]).toEqual([
      ...[201, undefined],
      { supportedOSType: "Windows", description: "d" },
    ]);
  });

  it("never change their operating system", async () => {
    const { status, body } = await put("flooperapp", { supportedOSType: "Windows" });
    expect([status, body.error.code]).toEqual([409, "PropertyChangeNotAllowed"]);
  });

  it.each(["app.", "x".repeat(118), "a,b"])("refuse the name '%s'", async (name) => {
    expect((await put(name, { supportedOSType: "Linux" })).status).toBe(400);
  });

  it("are listed, and 404 when absent", async () => {
    const list = await fixture.send("GET", `${galleryId}/applications`);
    const absent = await fixture.send("GET", `${galleryId}/applications/none`);
    expect(list.body.value.map((one: { name: string }) => one.name)).toEqual(["flooperapp"]);
    expect([absent.status, absent.body.error.code]).toEqual([404, "ResourceNotFound"]);
  });

  it("go when nothing lies in them any more, a while after their last version, and so do galleries", async () => {
    const application = `${galleryId}/applications/flooperapp`;
    fixture.arm.state.createVersion({
      ...{ id: `${application}/versions/1.0.0`, location: "eastus", digest: "0" },
      profile: { source: { mediaLink: "https://a.example/b" } },
    });
    const remove = async (id: string) => {
      const { status, body } = await fixture.send("DELETE", id);
      return body?.error?.code ?? status;
    };
    const early = [await remove(galleryId), await remove(application)];
    await remove(`${application}/versions/1.0.0`);
    await fixture.clock.advance(100);
    const gone = await fixture.send("GET", `${application}/versions/1.0.0`);
    const lingering = await remove(application);
    await fixture.clock.advance(20);
    expect(early).toEqual(["CannotDeleteResource", "CannotDeleteResource"]);
    expect([gone.status, lingering]).toEqual([404, "CannotDeleteResource"]);
    expect([await remove(application), await remove(galleryId), await remove(galleryId)]).toEqual([
      202, 202, 204,
    ]);
  });
});
