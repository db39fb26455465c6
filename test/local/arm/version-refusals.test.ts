import type { ArmFixture, Blob } from "./arm-fixture.ts";
import { applicationId, aVersion, galleryId, mediaLink, startFixture, versionId } from "./arm-fixture.ts";
import { catalogueFits } from "./error-catalogue.ts";

const profile = "galleryApplicationVersion.properties.publishingProfile";
const regions = (...names: string[]) => ({ targetRegions: names.map((name) => ({ name })) });
const link = (url: string) => ({ source: { mediaLink: url } });

describe("PUT of a version", () => {
  let fixture: ArmFixture;

  beforeEach(async () => {
    fixture = await startFixture();
    fixture.grantReader();
  });

  afterEach(() => fixture.arm.stop());

  it.each(["1.2", "v1.2.3", "1.2.3.4", "1.2.3-rc.1", "01.2.3", "1.2.2147483648", "1.-2.3"])(
    "refuses the name %s",
    async (name) => {
      const reply = await fixture.send("PUT", `${applicationId}/versions/${name}`, { body: aVersion() });
      expect([reply.status, reply.body.error.code]).toEqual([400, "InvalidParameter"]);
      expect(catalogueFits("bad version name", reply.body.error)).toBe(true);
    },
  );

  it.each([
    ["a missing home region", "home region missing", regions("westus"), "targetRegions"],
    ["a region twice in two spellings", "duplicate region", regions("eastus", "East US"), "targetRegions"],
    ["encryption", "encryption on app", { targetRegions: [{ name: "eastus", encryption: {} }] }, undefined],
    ["a relative link", "not absolute", link("packages/floop.zip"), "source.mediaLink"],
    ["a quoted link", "not absolute", link(`"${mediaLink}"`), "source.mediaLink"],
    ["an unknown host", "DNS / unreachable", link("https://nowhere.example/floop.zip"), "source.mediaLink"],
    ["an absent blob", "blob absent", link(`${mediaLink}x`), "source.mediaLink"],
  ])("refuses %s as the catalogue has it", async (_case, when, changes, member) => {
    const reply = await fixture.send("PUT", versionId, { body: aVersion(changes) });
    expect([reply.status, reply.body.error.code]).toEqual([400, "InvalidParameter"]);
    expect(reply.body.error.target).toMatch(member === undefined ? /./ : new RegExp(`\\.${member}$`));
    expect(catalogueFits(when, reply.body.error)).toBe(true);
    expect((await fixture.send("GET", versionId)).status).toBe(404);
  });

  it.each<[string, string, Blob]>([
    ["an empty blob", "empty", { size: 0 }],
    ["a blob over 2 GiB", "too large", { size: 2 ** 31 + 1 }],
    ["an append blob", "append blob", { blobType: "AppendBlob" }],
  ])("refuses %s", async (_case, when, blob) => {
    fixture.blobs.set(mediaLink, blob);
    const reply = await fixture.send("PUT", versionId, { body: aVersion() });
    expect(reply.body.error.target).toBe(`${profile}.source.mediaLink`);
    expect(catalogueFits(when, reply.body.error)).toBe(true);
  });

  it.each<[string, object, string, string]>([
    ["an unknown region", regions("eastus", "atlantis"), "InvalidParameter", `${profile}.targetRegions`],
    ["no replica", { replicaCount: 0 }, "InvalidParameter", `${profile}.replicaCount`],
    [
      "11 replicas",
      { targetRegions: [{ name: "eastus", regionalReplicaCount: 11 }] },
      "InvalidParameter",
      `${profile}.targetRegions[0].regionalReplicaCount`,
    ],
    ["no link", { source: {} }, "InvalidParameter", `${profile}.source.mediaLink`],
    [
      "no remove command",
      { manageActions: { install: "x" } },
      "InvalidParameter",
      `${profile}.manageActions.remove`,
    ],
    ["an unknown member", { colour: "red" }, "BadRequest", "properties.publishingProfile.colour"],
    [
      "a strategy that the api-version does not know",
      { storageAccountStrategy: "PreferStandard_ZRS" },
      "BadRequest",
      "properties.publishingProfile.storageAccountStrategy",
    ],
    [
      "a command over 4096 characters",
      { manageActions: { install: "x".repeat(4097), remove: "y" } },
      "InvalidParameter",
      "galleryApplicationVersion.properties.publishingProfile.manageActions.install",
    ],
  ])("refuses %s", async (_case, changes, code, target) => {
    const { body, status } = await fixture.send("PUT", versionId, { body: aVersion(changes) });
    expect([status, body.error.code, body.error.target]).toEqual([400, code, target]);
  });

  it("refuses another name in the body", async () => {
    const reply = await fixture.send("PUT", versionId, { body: aVersion({}, { name: "1.2.1" }) });
    expect(catalogueFits("name mismatch", reply.body.error)).toBe(true);
  });

  it.each([
    ["gallery", `${galleryId}x/applications/flooperapp/versions/1.2.0`],
    ["application", `${galleryId}/applications/other/versions/1.2.0`],
  ])("refuses a version in an absent %s", async (_parent, id) => {
    const { status, body } = await fixture.send("PUT", id, { body: aVersion() });
    expect([status, body.error.code]).toEqual([404, "ParentResourceNotFound"]);
  });

  it("refuses more versions than a region takes", async () => {
    fixture.arm.settings.versionsPerRegion = 1;
    await fixture.send("PUT", versionId, { body: aVersion() });
    await fixture.clock.advance(300);
    const { status } = await fixture.send("PUT", `${applicationId}/versions/1.3.0`, { body: aVersion() });
    expect(status).toBe(409);
  });
});

describe("PUT of a version that exists", () => {
  let fixture: ArmFixture;

  beforeEach(async () => {
    fixture = await startFixture();
    fixture.grantReader();
    await fixture.send("PUT", versionId, { body: aVersion(regions("eastus", "westus")) });
    await fixture.clock.advance(300);
  });

  afterEach(() => fixture.arm.stop());

  it.each<[string, object]>([
    ["manageActions.install", { manageActions: { install: "other", remove: "sh remove.sh" } }],
    ["manageActions.remove", { manageActions: { install: "sh install.sh", remove: "other" } }],
    ["manageActions.update", { manageActions: { update: "new" } }],
    ["settings.packageFileName", { settings: { packageFileName: "floop.msi" } }],
    ["settings.scriptBehaviorAfterReboot", { settings: { scriptBehaviorAfterReboot: "Rerun" } }],
    ["source.mediaLink", { source: { mediaLink: mediaLink.replace("/ab/", "/cd/") } }],
    ["source.defaultConfigurationLink", { source: { mediaLink, defaultConfigurationLink: mediaLink } }],
    ["advancedSettings", { advancedSettings: { user: "floop" } }],
    ["storageAccountType", { storageAccountType: "Premium_LRS" }],
    ["replicationMode", { replicationMode: "Shallow" }],
    [
      "targetRegions[1].storageAccountType",
      { targetRegions: [{ name: "eastus" }, { name: "westus", storageAccountType: "Standard_ZRS" }] },
    ],
  ])("never changes %s", async (path, changes) => {
    const { status, body } = await fixture.send("PUT", versionId, {
      body: aVersion({ ...regions("eastus", "westus"), ...changes }),
    });
    const target = `${profile}.${path}`;
    expect([status, body.error]).toEqual([
      409,
      { code: "PropertyChangeNotAllowed", message: `Changing property '${target}' is not allowed.`, target },
    ]);
  });

  it("never changes the location", async () => {
    const { status, body } = await fixture.send("PUT", versionId, {
      body: aVersion({}, { location: "westus" }),
    });
    expect([status, body.error.code]).toEqual([409, "InvalidResourceLocation"]);
  });

  it("keeps every region unless their removal is allowed", async () => {
    const { status, body } = await fixture.send("PUT", versionId, { body: aVersion(regions("eastus")) });
    expect([status, body.error.code]).toEqual([400, "BadRequest"]);
    expect(body.error.message).toMatch(/^Complete set of target locations not specified .* 'West US'/);
  });

  it("removes a region when that is allowed", async () => {
    const properties = {
      publishingProfile: { source: { mediaLink }, ...regions("eastus") },
      safetyProfile: { allowDeletionOfReplicatedLocations: true },
    };
    const { body } = await fixture.send("PATCH", versionId, { body: { properties } });
    expect(body.properties.publishingProfile.targetRegions).toHaveLength(1);
  });
});
