import type { Operation } from "../../../core/operation.ts";
import { operationId } from "../../../core/operation.ts";
import { parseReport, type Report } from "../../../core/report.ts";
import type { TargetRegion } from "../../../core/settings.ts";
import { updateVersion } from "../../../functions/orchestrators/update-version.ts";
import { aWorld } from "../a-world.ts";
import { ENDPOINT, refusal } from "../in-memory-ports.ts";
import { type Happening, runStory } from "../story-runner.ts";

type World = ReturnType<typeof aWorld>;

const SHA256 = "a".repeat(64);
const PATH = `flooperapp/1.2.0/${SHA256}/app.tar.gz`;
const release = { application: "flooperapp", version: "1.2.0" };

function aPublishedWorld(
  options: Parameters<typeof aWorld>[0] = {},
  regions = ["eastus", "westeurope"],
): World {
  const world = aWorld(options);
  world.packages.vault.set(PATH, Buffer.from("x"));
  world.gallery.seed(release, { mediaLink: `${ENDPOINT}/packages/${PATH}` }, regions);
  return world;
}

function anExpansion(...regions: (string | TargetRegion)[]): Operation {
  const targetRegions = regions.map((region) => (typeof region === "string" ? { name: region } : region));
  return { kind: "expand", ...release, targetRegions };
}

function aChange(kind: "promote" | "withdraw", regions: string[] | null = null): Operation {
  return { kind, ...release, regions };
}

async function tell(world: World, operation: Operation, happenings: readonly Happening[] = []) {
  const submission = operationId(operation, undefined);
  const told = await runStory(updateVersion({ operation, submission, askedBy: "somebody" }), {
    ...{ activities: world.activities, entities: world.entities, clock: world.clock, happenings },
  });
  return { ...told, report: world.report(`flooperapp/1.2.0/${submission}.json`) };
}

async function present(world: World) {
  const version = await world.gallery.readVersion(release);
  return version!;
}

async function regionNames(world: World): Promise<string[]> {
  return (await present(world)).regions.map(({ name }) => name);
}

describe("updateVersion, expanding", () => {
  it("ends published in what the version had and what was asked for, and lets go of the access", async () => {
    const world = aPublishedWorld();
    const { report, result } = await tell(world, anExpansion("japaneast"));
    expect(result).toBe("published");
    expect(report).toMatchObject({ outcome: "published", sha256: SHA256, access: { state: "released" } });
    expect(report.regions.map(({ name, state }) => [name, state])).toEqual([
      ["eastus", "Completed"],
      ["westeurope", "Completed"],
      ["japaneast", "Completed"],
    ]);
    expect(world.gallery.writes).toEqual(["patch eastus,westeurope,japaneast"]);
    expect(world.entities.lease()?.holders ?? []).toEqual([]);
  });

  it("tells the release's report of the new regions, with all it knew before", async () => {
    const world = aWorld();
    world.submit();
    const before = (await world.publish()).report;
    await tell(world, anExpansion("northeurope"));
    const after: Report = world.releaseReport();
    expect(after.regions.map(({ name }) => name)).toEqual([
      "eastus",
      "westeurope",
      "japaneast",
      "northeurope",
    ]);
    expect(after).toMatchObject({
      ...{ outcome: "published", content: before.content, sha256: before.sha256, size: before.size },
      ...{ blobUrl: before.blobUrl, versionId: before.versionId },
    });
  });

  it("does nothing, and takes no access, when the version is there already", async () => {
    const world = aPublishedWorld();
    const { report, trace } = await tell(world, anExpansion("eastus"));
    expect(report).toMatchObject({ outcome: "published", access: null });
    expect(report.notes.join()).toContain("There already, and left as they are: eastus");
    expect(report.regions).toHaveLength(2);
    expect(trace.join()).not.toContain("accessLease");
    expect(world.gallery.writes).toEqual([]);
  });

  it("leaves replica counts, storage and flags of present regions as they are", async () => {
    const world = aPublishedWorld();
    const id = world.gallery.versionId(release);
    const record = world.gallery.versions.get(id)!;
    const targetRegions = [
      { name: "East US", regionalReplicaCount: 2, storageAccountType: "Premium_LRS" as const },
      { name: "West Europe", excludeFromLatest: true },
    ];
    world.gallery.versions.set(id, { ...record, facts: { ...record.facts, targetRegions } });
    await tell(world, anExpansion({ name: "japaneast", regionalReplicaCount: 3 }, "eastus"));
    expect((await present(world)).targetRegions).toEqual([
      ...targetRegions,
      { name: "Japan East", regionalReplicaCount: 3 },
    ]);
  });

  it.each<[what: string, code: string, arrange: (world: World) => Operation]>([
    [
      "a version that is gone",
      "version-unknown",
      (world) => {
        world.gallery.versions.clear();
        return anExpansion("japaneast");
      },
    ],
    ["a region that is none", "unknown-region", () => anExpansion("atlantis")],
    [
      "a package outside the vault",
      "source-outside-vault",
      (world) => {
        world.gallery.seed(release, { mediaLink: "https://old.example/apps/a.zip?sig=S" }, ["eastus"]);
        return anExpansion("japaneast");
      },
    ],
  ])("refuses %s before any access is taken", async (_, code, arrange) => {
    const world = aPublishedWorld();
    const operation = arrange(world);
    const { report, trace } = await tell(world, operation);
    expect(report).toMatchObject({ outcome: "refused", reason: { code } });
    expect(JSON.stringify(report)).not.toContain("sig=");
    expect(trace.join()).not.toContain("accessLease");
  });

  it("waits out a role that takes effect late, a conflict and throttling", async () => {
    const world = aPublishedWorld();
    world.access.propagationSeconds = 200;
    world.fail(
      "gallery.updateRegions",
      refusal(409, "Conflict", "Busy."),
      refusal(429, "TooMany", "Slow.", 90),
    );
    const { report } = await tell(world, anExpansion("japaneast"));
    expect(report.outcome).toBe("published");
  });

  it("does not repeat a write whose answer got lost", async () => {
    const world = aPublishedWorld();
    const error = refusal(503, "ServiceUnavailable", "Down.");
    world.fail("gallery.updateRegions", { error, when: "after" });
    const { report } = await tell(world, anExpansion("japaneast"));
    expect(report.outcome).toBe("published");
    expect(world.gallery.writes).toHaveLength(1);
  });

  it("mends a region that fails, and names it when it keeps failing", async () => {
    const world = aPublishedWorld();
    world.gallery.failures.set("japaneast", 1);
    expect((await tell(world, anExpansion("japaneast"))).report.outcome).toBe("published");
    world.gallery.failures.set("northeurope", 99);
    const { report } = await tell(world, anExpansion("northeurope"));
    expect(report).toMatchObject({ outcome: "partly-published", reason: { code: "regions-failed" } });
    expect(report.reason?.message).toContain("northeurope");
    expect(await regionNames(world)).toContain("North Europe");
  });

  it("adds its regions again when somebody else's write came between", async () => {
    const world = aPublishedWorld();
    const strange = { afterSeconds: 30, act: () => forgetJapan(world) };
    const { report } = await tell(world, anExpansion("japaneast"), [strange]);
    expect(report.outcome).toBe("published");
    expect(await regionNames(world)).toEqual(["East US", "West Europe", "Japan East"]);
  });

  it("gives up when Azure accepts and never does", async () => {
    const world = aPublishedWorld();
    const told = await tell(
      { ...world, activities: { ...world.activities, writeUpdate: async () => "accepted" as const } },
      anExpansion("japaneast"),
    );
    expect(told.report).toMatchObject({ outcome: "failed", reason: { code: "not-applied" } });
  });

  it("waits for another operation on the version, and goes on when that is dead", async () => {
    const world = aPublishedWorld();
    const operation = {
      kind: "enter",
      id: "other",
      at: "2026-01-05T10:00:00.000Z",
      version: "1.2.0",
      work: "publish",
    };
    await world.entities.ask("applicationGate", "flooperapp", { operation });
    world.stories.statuses.set("other", "running");
    const dies = { afterSeconds: 600, act: () => void world.stories.statuses.set("other", "ended") };
    const { report, seconds } = await tell(world, anExpansion("japaneast"), [dies]);
    expect(report.outcome).toBe("published");
    expect(seconds).toBeGreaterThanOrEqual(600);
  });
});

describe("updateVersion, for a version from a container of old", () => {
  const place =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/old/blobServices/default/containers/apps";
  const legacySources = [{ url: "https://old.blob.core.windows.net/apps", id: place }];

  it("sends the plain address, and leases access to that container alone", async () => {
    const world = aWorld({ legacySources });
    const mediaLink = "https://old.blob.core.windows.net/apps/floop.tgz?sv=1&sig=SECRET";
    world.gallery.seed(release, { mediaLink }, ["eastus"]);
    const { report } = await tell(world, anExpansion("japaneast"));
    expect(report).toMatchObject({
      outcome: "published",
      blobUrl: "https://old.blob.core.windows.net/apps/floop.tgz",
    });
    expect((await present(world)).mediaLink).toBe("https://old.blob.core.windows.net/apps/floop.tgz");
    expect(world.entities.lease("lease-of-legacy-11111111-1111-4111-8111-111111111111")).toBeDefined();
    expect(world.entities.lease("lease-of-11111111-1111-4111-8111-111111111111")).toBeUndefined();
    expect([...world.reports.blobs.values()].map(({ text }) => text).join()).not.toContain("SECRET");
  });

  it("leaves no access to that container once the reconciler has been there", async () => {
    const world = aWorld({ legacySources, graceSeconds: 600 });
    world.gallery.seed(release, { mediaLink: `${legacySources[0]?.url}/a.zip` }, ["eastus"]);
    await tell(world, anExpansion("japaneast"));
    expect(world.legacyAccess.assignments.size).toBe(1);
    world.clock.pass(600);

    await world.reconcile();

    expect(world.legacyAccess.assignments.size).toBe(0);
  });

  it.each([
    "https://old.blob.core.windows.net/apps-evil/a.zip",
    "https://old.blob.core.windows.net/other/../apps2/a.zip",
    "https://old.blob.core.windows.net.evil.example/apps/a.zip",
    "https://user@old.blob.core.windows.net/apps/a.zip",
    "http://old.blob.core.windows.net/apps/a.zip",
    "https://old.blob.core.windows.net/apps/",
    "https://old.blob.core.windows.net/APPS/a.zip",
  ])("refuses %s", async (mediaLink) => {
    const world = aWorld({ legacySources });
    world.gallery.seed(release, { mediaLink }, ["eastus"]);
    const { report } = await tell(world, anExpansion("japaneast"));
    expect(report).toMatchObject({ outcome: "refused", reason: { code: "source-outside-vault" } });
  });
});

describe("updateVersion, changing latest", () => {
  async function flags(world: World) {
    const { excludeFromLatest, targetRegions } = await present(world);
    return [excludeFromLatest, ...targetRegions.map((region) => region.excludeFromLatest === true)];
  }

  it("withdraws a version everywhere, and promotes it again", async () => {
    const world = aPublishedWorld();
    expect((await tell(world, aChange("withdraw"))).report.outcome).toBe("published");
    expect(await flags(world)).toEqual([true, false, false]);
    await tell(world, aChange("promote"));
    expect(await flags(world)).toEqual([false, false, false]);
  });

  it("withdraws one region alone", async () => {
    const world = aPublishedWorld();
    await tell(world, aChange("withdraw", ["westeurope"]));
    expect(await flags(world)).toEqual([false, false, true]);
  });

  it.each([
    ["everywhere", null, [true, false, false, false]],
    ["in one region", ["eastus"], [false, true, false, false]],
  ])(
    "withdraws for good, %s, what the pipeline would have put into latest later",
    async (_, regions, expected) => {
      const world = aWorld();
      world.submit();
      world.gallery.failures.set("japaneast", 99);
      expect((await world.publish()).report.outcome).toBe("partly-published");

      expect((await tell(world, aChange("withdraw", regions))).report.outcome).toBe("published");
      world.gallery.failures.clear();

      expect((await world.publish()).report.outcome).toBe("published");
      expect(await flags(world)).toEqual(expected);
    },
  );

  it("promotes one region of a hidden version, and hides the others one by one", async () => {
    const world = aPublishedWorld();
    await tell(world, aChange("withdraw"));
    await tell(world, aChange("promote", ["eastus"]));
    expect(await flags(world)).toEqual([false, false, true]);
  });

  it("does not promote where the version is not complete", async () => {
    const world = aPublishedWorld();
    world.gallery.failures.set("japaneast", 99);
    await tell(world, anExpansion("japaneast"));
    expect((await tell(world, aChange("promote"))).report).toMatchObject({
      ...{ outcome: "refused", reason: { code: "not-replicated" } },
    });
    expect((await tell(world, aChange("promote", ["eastus"]))).report.outcome).toBe("published");
  });

  it("leaves the release's report as it was", async () => {
    const world = aWorld();
    world.submit();
    await world.publish();
    const before = world.reports.blobs.get("flooperapp/1.2.0/release.json")?.text ?? "";
    await tell(world, aChange("withdraw"));
    expect(world.reports.blobs.get("flooperapp/1.2.0/release.json")?.text).toBe(before);
    expect(parseReport(before).outcome).toBe("published");
  });

  it("never sends fewer regions than Azure has", async () => {
    const world = aPublishedWorld();
    await tell(world, aChange("withdraw", ["eastus"]));
    expect(world.gallery.writes).toEqual(["patch eastus,westeurope"]);
  });
});

/** As if an old copy of the list had been written in the meantime, with the right to remove regions. */
function forgetJapan({ gallery }: World): void {
  const id = gallery.versionId(release);
  const record = gallery.versions.get(id)!;
  const copies = new Map([...record.copies].filter(([name]) => name !== "japaneast"));
  const targetRegions = record.facts.targetRegions.filter(({ name }) => name !== "Japan East");
  gallery.versions.set(id, { ...record, copies, busyUntil: 0, facts: { ...record.facts, targetRegions } });
}
