import type { ArmFixture } from "./arm-fixture.ts";
import { aVersion, startFixture, versionId } from "./arm-fixture.ts";

describe("a version's operation", () => {
  let fixture: ArmFixture;

  beforeEach(async () => {
    fixture = await startFixture();
    fixture.grantReader();
  });

  afterEach(() => fixture.arm.stop());

  it("has a signed address of more than 3.5 KB and no other hint than that", async () => {
    const created = await fixture.send("PUT", versionId, { body: aVersion() });
    const url = String(created.headers["azure-asyncoperation"]);
    expect(url.length).toBeGreaterThan(3584);
    expect(url).toMatch(
      /capsOperations\/[0-9a-f-]{36}\?api-version=2024-03-03&t=\d{18}&c=[\w-]+&s=[\w-]+&h=[\w-]+$/,
    );
    expect(created.headers).not.toHaveProperty("location");
    expect(created.headers).not.toHaveProperty("retry-after");
    expect(created.headers).not.toHaveProperty("etag");
  });

  it("ends when the last region has the package", async () => {
    const created = await fixture.send("PUT", versionId, { body: aVersion() });
    const url = created.headers["azure-asyncoperation"];
    const early = await fixture.follow(url);
    await fixture.clock.advance(269);
    const almost = await fixture.follow(url);
    await fixture.clock.advance(1);
    const ended = await fixture.follow(url);
    expect([early, almost, ended].map(({ body }) => body.status)).toEqual([
      "InProgress",
      "InProgress",
      "Succeeded",
    ]);
    expect(Object.keys(early.body)).toEqual(["startTime", "status", "name"]);
    expect(ended.body.endTime).toBe("2026-01-05T00:04:30.0000000+00:00");
    expect(ended.headers["x-ms-ratelimit-remaining-resource"]).toMatch(
      /^Microsoft\.Compute\/GetOperationStatus3Min;/,
    );
  });

  it.each([
    [
      "a character of the signature",
      (url: string) => url.replace(/&s=./, (start) => (start.endsWith("A") ? "&s=B" : "&s=A")),
    ],
    ["the last byte", (url: string) => url.slice(0, -1) + (url.endsWith("A") ? "B" : "A")],
    ["a missing byte", (url: string) => url.slice(0, -1)],
    ["the api-version", (url: string) => url.replace("2024-03-03", "2025-03-03")],
    ["the case of the path", (url: string) => url.replace("capsOperations", "capsoperations")],
    ["an escape", (url: string) => url.replace("&c=", "&c%3D")],
  ])("is refused when %s differs", async (_change, changed) => {
    const created = await fixture.send("PUT", versionId, { body: aVersion() });
    const reply = await fixture.follow(changed(String(created.headers["azure-asyncoperation"])));
    expect(reply.status).toBe(403);
  });

  it("can be told to send Retry-After", async () => {
    fixture.arm.settings.operationRetryAfterSeconds = 7;
    const created = await fixture.send("PUT", versionId, { body: aVersion() });
    const status = await fixture.follow(created.headers["azure-asyncoperation"]);
    expect([created.headers["retry-after"], status.headers["retry-after"]]).toEqual(["7", "7"]);
  });

  it("deletes with 202, both addresses, and 404 in the end", async () => {
    await fixture.send("PUT", versionId, { body: aVersion() });
    await fixture.clock.advance(300);
    const deleted = await fixture.send("DELETE", versionId);
    const during = await fixture.send("GET", versionId);
    const monitor = await fixture.follow(deleted.headers["location"]);
    await fixture.clock.advance(90);
    const after = await fixture.send("GET", versionId);
    const status = await fixture.follow(deleted.headers["azure-asyncoperation"]);
    const ended = await fixture.follow(deleted.headers["location"]);
    const again = await fixture.send("DELETE", versionId);
    expect(deleted.text).toBe("");
    expect(during.body.properties.provisioningState).toBe("Deleting");
    expect(deleted.headers["location"]).toContain("?monitor=true&api-version=2024-03-03&t=");
    expect([deleted, monitor, after, ended, again].map((reply) => reply.status)).toEqual([
      202, 202, 404, 200, 204,
    ]);
    expect(status.body.status).toBe("Succeeded");
  });
});
