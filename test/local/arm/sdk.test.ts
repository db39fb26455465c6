import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { ComputeManagementClient } from "@azure/arm-compute";
import type { ArmFixture } from "./arm-fixture.ts";
import {
  blobReaderRole,
  containerId,
  galleryId,
  identityId,
  mediaLink,
  reader,
  startFixture,
  subscription,
  testCertificates,
} from "./arm-fixture.ts";

const credential = { getToken: async () => ({ token: "good", expiresOnTimestamp: Date.now() + 3_600_000 }) };
const path = ["apps", "apps_gallery", "flooperapp", "1.2.0"] as const;
const version = {
  location: "eastus",
  source: { mediaLink },
  manageActions: { install: "sh install.sh", remove: "sh remove.sh" },
  targetRegions: [{ name: "eastus" }],
};
const publishingProfile = {
  source: version.source,
  manageActions: version.manageActions,
  targetRegions: version.targetRegions,
};

async function collected<T>(pages: AsyncIterable<T>): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const item of pages) items.push(item);
  return items;
}

describe("Microsoft's SDKs", () => {
  let fixture: ArmFixture;
  let compute: ComputeManagementClient;
  let authorization: AuthorizationManagementClient;

  beforeEach(async () => {
    fixture = await startFixture();
    const { ca } = await testCertificates();
    const options = { endpoint: fixture.arm.endpoint, tlsOptions: { ca } };
    compute = new ComputeManagementClient(credential, subscription, options);
    authorization = new AuthorizationManagementClient(credential, subscription, options);
  });

  afterEach(() => fixture.arm.stop());

  it("publish a version and follow it to its end", async () => {
    fixture.grantReader();
    const versions = compute.galleryApplicationVersions;
    const poller = versions.createOrUpdate(
      ...path,
      { location: "eastus", publishingProfile },
      { updateIntervalInMs: 1 },
    );
    await poller.submitted();
    const early = await versions.get(...path, { expand: "ReplicationStatus" });
    await fixture.clock.advance(300);
    const published = await poller;
    expect(early.replicationStatus?.summary?.[0]).toMatchObject({ region: "East US", state: "Replicating" });
    expect([published.provisioningState, published.publishingProfile?.targetRegions?.[0]?.name]).toEqual([
      "Succeeded",
      "East US",
    ]);
  });

  it("poll an operation address byte for byte", async () => {
    fixture.grantReader();
    const poller = compute.galleryApplicationVersions.createOrUpdate(...path, {
      location: "eastus",
      publishingProfile,
    });
    await poller.submitted();
    const state = await poller.poll();
    const polls = fixture.arm.calls.matching("GET", /capsOperations/);
    expect([state.status, polls.map(({ status }) => status)]).toEqual(["running", [200]]);
  });

  it("add a region, list and delete", async () => {
    fixture.grantReader();
    const quick = { updateIntervalInMs: 1 };
    const versions = compute.galleryApplicationVersions;
    const created = versions.createOrUpdate(...path, { location: "eastus", publishingProfile }, quick);
    await created.submitted();
    await fixture.clock.advance(300);
    const targetRegions = [{ name: "eastus" }, { name: "westus" }];
    const profile = { source: version.source, targetRegions };
    const updated = versions.update(...path, { publishingProfile: profile }, quick);
    await updated.submitted();
    await fixture.clock.advance(300);
    const expanded = await updated;
    const listed = await collected(versions.listByGalleryApplication("apps", "apps_gallery", "flooperapp"));
    const deleted = versions.delete(...path, quick);
    await deleted.submitted();
    await fixture.clock.advance(300);
    await deleted;
    expect([expanded.publishingProfile?.targetRegions?.length, listed.length]).toEqual([2, 1]);
    expect(fixture.arm.state.version(`${galleryId}/applications/flooperapp/versions/1.2.0`)).toBeUndefined();
  });

  it("see refusals with status, code and text", async () => {
    const refused = compute.galleryApplicationVersions.createOrUpdate(...path, {
      location: "eastus",
      publishingProfile,
    });
    // A poller's refusal has lost the error's target and details.
    await expect(refused).rejects.toMatchObject({
      ...{ statusCode: 400, code: "InvalidParameter" },
      message: `The SAS is not valid for source uri '${mediaLink}'.`,
    });
  });

  it("see a failed operation", async () => {
    fixture.grantReader();
    fixture.arm.faults.failRegion({ region: "eastus", details: "Disk full." });
    const poller = compute.galleryApplicationVersions.createOrUpdate(
      ...path,
      { location: "eastus", publishingProfile },
      { updateIntervalInMs: 1 },
    );
    await poller.submitted();
    await fixture.clock.advance(300);
    await expect(poller).rejects.toThrow(/The long-running operation has failed.*Disk full/s);
  });

  it("read galleries and applications, and give a gallery an identity", async () => {
    const identity = { type: "UserAssigned", userAssignedIdentities: { [identityId]: {} } } as const;
    const poller = compute.galleries.createOrUpdate(
      "apps",
      "new",
      { location: "eastus", identity },
      { updateIntervalInMs: 1 },
    );
    await poller.submitted();
    await fixture.clock.advance(1);
    const gallery = await poller;
    const application = await compute.galleryApplications.get("apps", "apps_gallery", "flooperapp");
    expect(gallery.identity?.userAssignedIdentities?.[identityId]?.principalId).toBe(reader.principalId);
    expect(application.supportedOSType).toBe("Linux");
  });

  it.each([containerId, containerId.slice(1)])("grant, list and revoke a role at %s", async (scope) => {
    const name = "0b5c4d6e-7f80-5912-8a3b-4c5d6e7f8091";
    const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${blobReaderRole}`;
    const { principalId } = reader;
    const created = await authorization.roleAssignments.create(scope, name, {
      roleDefinitionId,
      principalId,
    });
    const filter = `principalId eq '${principalId}'`;
    const listed = await collected(authorization.roleAssignments.listForScope(scope, { filter }));
    const removed = await authorization.roleAssignments.delete(scope, name);
    expect([created.name, listed.length, removed.name]).toEqual([name, 1, name]);
    expect(fixture.access.list()).toHaveLength(0);
  });
});
