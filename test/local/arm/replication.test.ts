import { setImmediate } from "node:timers/promises";
import { seededReplicationSeconds } from "../../../local/arm/replication-times.ts";
import type { ArmFixture } from "./arm-fixture.ts";
import { applicationId, aVersion, mediaLink, startFixture, versionId } from "./arm-fixture.ts";

const expanded = `${versionId}?$expand=ReplicationStatus`;
const three = { targetRegions: [{ name: "eastus" }, { name: "West Europe" }, { name: "uksouth" }] };
const seconds: Readonly<Record<string, number>> = { eastus: 100, westeurope: 200, uksouth: 400 };

type Line = {
  readonly region: string;
  readonly state: string;
  readonly progress: number;
  readonly details: string;
};

async function replication(fixture: ArmFixture) {
  const { body } = await fixture.send("GET", expanded);
  const { aggregatedState, summary } = body.properties.replicationStatus as {
    aggregatedState: string;
    summary: readonly Line[];
  };
  const lines = summary.map(({ region, state, progress }) => `${region} ${state} ${progress}`);
  return { state: body.properties.provisioningState, aggregatedState, lines, summary };
}

describe("replication", () => {
  let fixture: ArmFixture;

  beforeEach(async () => {
    fixture = await startFixture({
      replicationSeconds: (region) => seconds[region] ?? 0,
      replicationStartSeconds: 0,
    });
    fixture.grantReader();
  });

  afterEach(() => fixture.arm.stop());

  it("shows each region's progress under its display name", async () => {
    const created = await fixture.send("PUT", versionId, { body: aVersion(three) });
    await fixture.clock.advance(150);
    const midway = await replication(fixture);
    await fixture.clock.advance(250);
    const ended = await replication(fixture);
    expect([created.status, created.body.properties.provisioningState]).toEqual([201, "Creating"]);
    expect(midway).toMatchObject({
      ...{ state: "Creating", aggregatedState: "InProgress" },
      lines: ["East US Completed 100", "West Europe Replicating 75", "UK South Replicating 37"],
    });
    expect(ended).toMatchObject({ state: "Succeeded", aggregatedState: "Completed" });
  });

  it("can be unknown until the copies begin", async () => {
    Object.assign(fixture.arm.settings, { replicationStartSeconds: 60, waitingState: "Unknown" });
    await fixture.send("PUT", versionId, { body: aVersion() });
    const early = await replication(fixture);
    await fixture.clock.advance(60);
    const later = await replication(fixture);
    expect([early.aggregatedState, later.aggregatedState]).toEqual(["Unknown", "InProgress"]);
    expect(early.lines).toEqual(["East US Unknown 0"]);
  });

  it("is shown only when asked for", async () => {
    await fixture.send("PUT", versionId, { body: aVersion() });
    const { body } = await fixture.send("GET", versionId);
    expect(body.properties).not.toHaveProperty("replicationStatus");
  });

  it("leaves the version Failed until a failed region is mended", async () => {
    fixture.arm.faults.failRegion({ region: "westeurope", details: "Failed with internal server error." });
    const created = await fixture.send("PUT", versionId, { body: aVersion(three) });
    await fixture.clock.advance(1000);
    const failed = await replication(fixture);
    const operation = await fixture.follow(created.headers["azure-asyncoperation"]);
    const again = await fixture.send("PUT", versionId, { body: aVersion(three) });
    await fixture.clock.advance(199);
    const mending = await replication(fixture);
    await fixture.clock.advance(1);
    const mended = await replication(fixture);
    expect(failed).toMatchObject({ state: "Failed", aggregatedState: "Failed" });
    expect(failed.summary[1]).toMatchObject({
      state: "Failed",
      details: "Failed with internal server error.",
    });
    expect(operation.body.error.message).toContain(
      "{region:westeurope, detail:Failed with internal server error.}",
    );
    expect([again.status, again.body.properties.provisioningState]).toEqual([200, "Updating"]);
    expect(mending.lines).toEqual([
      "East US Completed 100",
      "West Europe Replicating 99",
      "UK South Completed 100",
    ]);
    expect(mended.state).toBe("Succeeded");
  });

  it("adds a region without touching the others", async () => {
    await fixture.send("PUT", versionId, { body: aVersion() });
    await fixture.clock.advance(300);
    const body = { properties: { publishingProfile: three } };
    const patched = await fixture.send("PATCH", versionId, { body });
    await fixture.clock.advance(100);
    const { lines } = await replication(fixture);
    expect([patched.status, patched.body.properties.provisioningState]).toEqual([200, "Updating"]);
    expect(lines).toEqual(["East US Completed 100", "West Europe Replicating 50", "UK South Replicating 25"]);
  });

  it("keeps what a later write does not send", async () => {
    const sent = {
      ...three,
      endOfLifeDate: "2030-01-01T00:00:00Z",
      settings: { packageFileName: "floop.zip" },
    };
    const created = await fixture.send("PUT", versionId, { body: aVersion(sent) });
    await fixture.clock.advance(1000);
    const source = { mediaLink };
    const bare = {
      location: "eastus",
      properties: { publishingProfile: { source, excludeFromLatest: true } },
    };
    const { body } = await fixture.send("PUT", versionId, { body: bare });
    const expected = { ...created.body.properties.publishingProfile, excludeFromLatest: true };
    expect(body.properties.publishingProfile).toEqual(expected);
  });

  it("can fail as a whole, with an error that is itself JSON", async () => {
    const message = JSON.stringify({ error: { code: "OperationNotAllowed", message: "quota" } });
    fixture.arm.faults.failOperation({ code: "GalleryApplicationVersionInternalError", message });
    const created = await fixture.send("PUT", versionId, { body: aVersion() });
    await fixture.clock.advance(100);
    const { body } = await fixture.follow(created.headers["azure-asyncoperation"]);
    expect([body.status, JSON.parse(body.error.message).error.code]).toEqual([
      "Failed",
      "OperationNotAllowed",
    ]);
    expect((await replication(fixture)).state).toBe("Failed");
  });

  it("refuses a second write until the first has ended, also on a sibling", async () => {
    await fixture.send("PUT", versionId, { body: aVersion() });
    const sibling = `${applicationId}/versions/1.3.0`;
    const same = await fixture.send("PUT", versionId, { body: aVersion() });
    const other = await fixture.send("PUT", sibling, { body: aVersion() });
    fixture.arm.settings.concurrentWrites = "one-per-version";
    const parallel = await fixture.send("PUT", sibling, { body: aVersion() });
    await fixture.clock.advance(100);
    const later = await fixture.send("PATCH", versionId, { body: { properties: {} } });
    expect([same, other, parallel, later].map(({ status }) => status)).toEqual([409, 409, 201, 200]);
    expect(same.body.error.code).toBe("Conflict");
  });

  it("accepts one of two writes that arrive together", async () => {
    let reading = 0;
    fixture.beforeReading = async () => {
      reading += 1;
      while (reading < 2) await setImmediate();
    };
    const replies = await Promise.all([1, 2].map(() => fixture.send("PUT", versionId, { body: aVersion() })));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  });
});

describe("seededReplicationSeconds", () => {
  it("gives the same seconds for the same seed, within its bounds", () => {
    const [one, same, other] = ["a", "a", "b"].map((seed) =>
      seededReplicationSeconds(seed, 10, 20)("eastus", 1, "1.0.0"),
    );
    expect(one).toBe(same);
    expect(one).not.toBe(other);
    expect(one).toBeGreaterThanOrEqual(10);
    expect(one).toBeLessThanOrEqual(20);
  });
});
