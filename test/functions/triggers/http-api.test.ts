import { handDropId, storyInstanceId } from "../../../core/naming.ts";
import { aProfile, RUN } from "../a-world.ts";
import { answer, refusal } from "../in-memory-ports.ts";
import { AzureRefusal } from "../../../functions/ports.ts";
import { anApi } from "./an-api.ts";

type Api = Awaited<ReturnType<typeof anApi>>;

const toJapan = { operation: "expand", body: { targetRegions: ["Japan East"] } } as const;

function startsIn(api: Api): any[] {
  return api.stories.log
    .filter((line) => line.startsWith("start updateVersion "))
    .map((line) => JSON.parse(line.slice("start updateVersion ".length)));
}

function endStories(api: Api): void {
  for (const id of api.stories.statuses.keys()) api.stories.statuses.set(id, "ended");
}

describe("POST …/regions", () => {
  it("starts the story and says where its status is", async () => {
    const api = await anApi();
    const answered = await api.ask(toJapan);
    const { submission, status } = answered.body;
    expect(answered.status).toBe(202);
    expect(submission).toMatch(/^expand-[0-9a-f]{32}$/);
    expect(answered.headers["location"]).toBe(status);
    expect(status).toBe(`/api/applications/flooperapp/versions/1.2.0?submission=${submission}`);
    expect(startsIn(api)).toEqual([
      {
        submission,
        operation: {
          ...{ kind: "expand", application: "flooperapp", version: "1.2.0" },
          targetRegions: [{ name: "japaneast" }],
        },
        askedBy: expect.stringContaining("33333333-3333-4333-8333-333333333333"),
        again: true,
      },
    ]);
  });

  it("joins the story that runs when it is repeated, whatever the order of regions", async () => {
    const api = await anApi();
    const one = await api.ask({ operation: "expand", body: { targetRegions: ["japaneast", "northeurope"] } });
    const two = await api.ask({
      operation: "expand",
      body: { targetRegions: ["North Europe", "Japan East"] },
    });
    expect(two.body).toEqual(one.body);
    expect(startsIn(api)).toHaveLength(1);
  });

  it("starts a new generation when the same is asked again after an ending", async () => {
    const api = await anApi();
    const { submission } = (await api.ask(toJapan)).body;
    endStories(api);
    api.report("failed", submission);
    await api.ask(toJapan);
    expect(startsIn(api)).toHaveLength(2);
  });

  it("starts nothing when the version is there already and that was told", async () => {
    const api = await anApi();
    const ask = { operation: "expand", body: { targetRegions: ["eastus"] } } as const;
    const { submission } = (await api.ask(ask)).body;
    endStories(api);
    api.report("published", submission);
    expect((await api.ask(ask)).status).toBe(202);
    expect(startsIn(api)).toHaveLength(1);
  });

  it("knows an Idempotency-Key again on any instance, for as long as its report is kept", async () => {
    const api = await anApi();
    const keyed = { ...toJapan, headers: { "idempotency-key": "4711" } };
    const { submission } = (await api.ask(keyed)).body;
    endStories(api);
    api.report("failed", submission);
    const again = await api.ask(keyed);
    expect(again).toMatchObject({ status: 202, body: { submission } });
    expect(startsIn(api)).toHaveLength(1);
    const other = await api.ask({ ...toJapan, headers: { "idempotency-key": "4712" } });
    expect(other.body.submission).not.toBe(submission);
  });

  it("refuses an Idempotency-Key that was used for something else", async () => {
    const api = await anApi();
    const headers = { "idempotency-key": "4711" };
    await api.ask({ ...toJapan, headers });
    const other = await api.ask({ operation: "expand", headers, body: { targetRegions: ["westus"] } });
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency-key-reused" } });
  });

  it("takes the same Idempotency-Key of two callers for two requests", async () => {
    const api = await anApi();
    const headers = { "idempotency-key": "4711" };
    const authorization = `Bearer ${api.issuer.token({ roles: ["Regions.Expand"], oid: "77777777-7777-4777-8777-777777777777" })}`;
    const one = await api.ask({ ...toJapan, headers });
    const two = await api.ask({ ...toJapan, headers, authorization });
    expect(two.body.submission).not.toBe(one.body.submission);
  });

  it.each<[what: string, body: unknown, code: string, says: RegExp]>([
    ["no body", undefined, "bad-request", /must be an object|is missing/],
    ["text that is no JSON", "{", "bad-json", /is not JSON/],
    ["a member twice", '{"targetRegions":["eastus"],"targetRegions":["westus"]}', "bad-json", /twice/],
    ["no regions", { targetRegions: [] }, "bad-request", /at least 1 entry/],
    ["a region twice", { targetRegions: ["eastus", "East US"] }, "bad-request", /more than once/],
    [
      "several faults",
      { targetRegions: [{ name: "eastus", regionalReplicaCount: 99 }], target: 1 },
      "bad-request",
      /regionalReplicaCount must be at most 10.*target is no known field/,
    ],
    ["a misspelt region", { targetRegions: ["japaneest"] }, "unknown-region", /meant: japaneast\?/],
    ["a URL", { targetRegions: ["https://evil.example"] }, "bad-request", /is not a region/],
  ])("answers 400 to %s", async (_, body, code, says) => {
    const api = await anApi();
    const answered = await api.ask({ operation: "expand", ...(body !== undefined && { body }) });
    expect(answered).toMatchObject({ status: 400, body: { code, status: 400, title: "Bad Request" } });
    expect(answered.body.detail).toMatch(says);
    expect(answered.headers["content-type"]).toBe("application/problem+json");
    expect(api.stories.log).toEqual([]);
  });

  it("answers 413 to more than 64 KiB, read or announced", async () => {
    const api = await anApi();
    const body = JSON.stringify({ targetRegions: ["x".repeat(70_000)] });
    expect((await api.ask({ operation: "expand", body })).status).toBe(413);
    const announced = await api.ask({ ...toJapan, headers: { "content-length": "70000" } });
    expect(announced.status).toBe(413);
  });

  it.each([
    ["unknown version", { version: "9.9.9" }],
    ["malformed version", { version: "v1" }],
    ["malformed application", { application: ".." }],
    ["unknown application", { application: "nothing" }],
  ])("answers 404 to an %s", async (_, where) => {
    const api = await anApi();
    expect(await api.ask({ ...toJapan, ...where })).toMatchObject({
      status: 404,
      body: { code: "not-found" },
    });
  });

  it("answers 409 while the version is being published", async () => {
    const api = await anApi();
    api.report("publishing", RUN);
    expect(await api.ask(toJapan)).toMatchObject({ status: 409, body: { code: "publication-under-way" } });
  });

  it("answers 409 when a region's storage would have to change", async () => {
    const api = await anApi();
    const { versions } = api.world.gallery;
    const versionId = api.world.gallery.versionId({ application: "flooperapp", version: "1.2.0" });
    const record = versions.get(versionId)!;
    const targetRegions = [
      { name: "East US", storageAccountType: "Standard_LRS" as const },
      { name: "West Europe" },
    ];
    versions.set(versionId, { ...record, facts: { ...record.facts, targetRegions } });
    const body = { targetRegions: [{ name: "eastus", storageAccountType: "Premium_LRS" }] };
    expect(await api.ask({ operation: "expand", body })).toMatchObject({
      status: 409,
      body: { code: "storage-type-fixed" },
    });
  });

  it("answers 409 with the remedy when the package lies outside the vault, and tells no signature", async () => {
    const api = await anApi();
    api.seedVersion(
      "flooperapp",
      "1.1.0",
      "https://old.blob.core.windows.net/apps/floop.tgz?sv=1&sig=SECRET",
    );
    const answered = await api.ask({ ...toJapan, version: "1.1.0" });
    expect(answered).toMatchObject({ status: 409, body: { code: "source-outside-vault" } });
    expect(answered.body.nextStep).toContain("LEGACY_SOURCES");
    expect(JSON.stringify(answered)).not.toContain("SECRET");
  });

  it("knows no application by another spelling, whose profile could not be kept to", async () => {
    const api = await anApi();
    api.world.packages.profiles.set("flooperapp", aProfile());
    expect(await api.ask({ ...toJapan, application: "FlooperApp" })).toMatchObject({ status: 404 });
    expect(await api.ask(toJapan)).toMatchObject({ status: 202 });
  });

  it("answers 503 with a pause when Azure does not answer", async () => {
    const api = await anApi();
    api.world.fail("gallery.readVersion", { error: refusal(429, "TooManyRequests", "Slow down.", 17) });
    const throttled = await api.ask(toJapan);
    expect(throttled).toMatchObject({ status: 503, headers: { "retry-after": "17" } });
    api.world.fail("reports.read", {
      error: new AzureRefusal(answer("storage", 503, "ServerBusy", "Busy.")),
    });
    expect(await api.ask(toJapan)).toMatchObject({ status: 503, body: { code: "azure-unavailable" } });
  });

  it("tells nothing of a surprise but that there was one", async () => {
    const api = await anApi();
    api.world.fail("packages.readProfile", { error: new TypeError("secret innards") });
    const answered = await api.ask(toJapan);
    expect(answered).toMatchObject({ status: 500, body: { code: "unexpected" } });
    expect(JSON.stringify(answered)).not.toContain("innards");
    expect(api.lines.join()).toContain("innards");
  });

  it("slows down a caller that runs wild, and nobody else", async () => {
    const api = await anApi({ now: () => 0 });
    const tokens = ["77777777", "88888888"].map(
      (id) => `Bearer ${api.issuer.token({ oid: `${id}-7777-4777-8777-777777777777` })}`,
    );
    const read = (authorization = tokens[0]!) => api.ask({ operation: "read", authorization });
    for (let count = 0; count < 120; count++) await read();
    expect(await read()).toMatchObject({ status: 429, headers: { "retry-after": "60" } });
    expect((await read(tokens[1])).status).toBe(200);
  });
});

describe("GET …/versions/{version}", () => {
  it("tells the release's report without what only the pipeline needs", async () => {
    const api = await anApi();
    const reason = {
      code: "regions-failed",
      message:
        "storage refused 33333333-3333-4333-8333-333333333333 at /subscriptions/s1/resourceGroups/g [request 33333333-3333-4333-8333-333333333333] https://a.example/b?sig=S",
      nextStep: "Look.",
    };
    api.report("partly-published", RUN, {
      reason,
      content: { package: "x" },
      access: { state: "leased", at: "x" },
    });
    const { status, body } = await api.ask({ operation: "read" });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      outcome: "partly-published",
      submission: RUN,
      reason: { code: "regions-failed" },
    });
    expect(body.reason.message).toBe("storage refused (id) at (resource) [request (id)] https://a.example/b");
    // By these a caller can tell its own content from another's.
    expect(body.content).toEqual({ package: "x" });
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(["access"]));
  });

  it("tells what the gallery has when nobody reported on it", async () => {
    const api = await anApi();
    expect(await api.ask({ operation: "read" })).toMatchObject({
      status: 200,
      body: {
        outcome: "published",
        regions: [{ name: "eastus", state: "Completed" }, { name: "westeurope" }],
      },
    });
  });

  it("tells one submission's status, also before its story has told anything", async () => {
    const api = await anApi();
    const { submission } = (await api.ask(toJapan)).body;
    const early = await api.ask({ operation: "read", submission });
    expect(early).toMatchObject({
      status: 200,
      body: { outcome: "waiting", submission },
      headers: { "retry-after": "15" },
    });
    api.report("published", submission);
    expect((await api.ask({ operation: "read", submission })).body.outcome).toBe("published");
  });

  it.each(["expand-00000000000000000000000000000000", "run-9-9-00000000", "..", "a/b"])(
    "answers 404 for the submission %s",
    async (submission) => {
      const api = await anApi();
      expect((await api.ask({ operation: "read", submission })).status).toBe(404);
    },
  );
});

describe("POST …/promote and …/withdraw", () => {
  it("start the story with the regions, or none for all", async () => {
    const api = await anApi();
    await api.ask({ operation: "withdraw" });
    await api.ask({ operation: "promote", body: { regions: ["East US"] } });
    expect(startsIn(api).map(({ operation }) => [operation.kind, operation.regions])).toEqual([
      ["withdraw", null],
      ["promote", ["eastus"]],
    ]);
  });

  it("refuse regions that the version does not have", async () => {
    const api = await anApi();
    const answered = await api.ask({ operation: "withdraw", body: { regions: ["japaneast"] } });
    expect(answered).toMatchObject({ status: 409, body: { code: "region-not-there" } });
  });
});

describe("POST …/halt", () => {
  it("tells the running publication to stop", async () => {
    const api = await anApi();
    const instanceId = storyInstanceId({ application: "flooperapp", version: "1.2.0", folder: RUN }, 0);
    api.report("publishing", RUN);
    api.stories.statuses.set(instanceId, "running");
    expect((await api.ask({ operation: "halt" })).status).toBe(202);
    expect(api.stories.log).toEqual([`raise halt ${instanceId}`]);
  });

  it("answers 409 when nothing is under way", async () => {
    const api = await anApi();
    api.report("published", RUN);
    expect(await api.ask({ operation: "halt" })).toMatchObject({
      status: 409,
      body: { code: "nothing-to-halt" },
    });
  });
});

describe("POST …/submissions/{id}/retry", () => {
  it("starts the next generation of a submission that ended", async () => {
    const api = await anApi();
    const drop = { application: "flooperapp", version: "1.2.0", folder: RUN };
    api.report("failed", RUN);
    api.stories.statuses.set(storyInstanceId(drop, 0), "ended");
    expect((await api.ask({ operation: "retry", submission: RUN })).status).toBe(202);
    expect(api.stories.log).toEqual([
      `start publishRelease ${JSON.stringify({ drop, generation: 1, again: true })}`,
    ]);
    await api.ask({ operation: "retry", submission: RUN });
    expect(api.stories.log).toHaveLength(1);
  });

  it("finds the folder of files that were dropped by hand, as long as they are the same", async () => {
    const api = await anApi();
    const { packages } = api.world;
    packages.profiles.set("flooperapp", aProfile());
    const file = packages.drop("flooperapp/1.2.0/by-hand/app.tar.gz", "x");
    const submission = handDropId([file]);
    api.report("failed", submission);
    await api.ask({ operation: "retry", submission });
    expect(api.stories.log[0]).toContain('"folder":"by-hand"');
    packages.drop("flooperapp/1.2.0/by-hand/app.tar.gz", "y");
    expect(await api.ask({ operation: "retry", submission })).toMatchObject({
      status: 409,
      body: { code: "files-gone" },
    });
  });

  it("starts an operation again", async () => {
    const api = await anApi();
    const { submission } = (await api.ask(toJapan)).body;
    endStories(api);
    api.report("failed", submission);
    expect((await api.ask({ operation: "retry", submission })).status).toBe(202);
    expect(startsIn(api)).toHaveLength(2);
  });

  it.each(["release", "run-9-9-00000000", "expand-00000000000000000000000000000000"])(
    "answers 404 for %s",
    async (submission) => {
      const api = await anApi();
      api.report("published", RUN);
      expect((await api.ask({ operation: "retry", submission })).status).toBe(404);
    },
  );
});
