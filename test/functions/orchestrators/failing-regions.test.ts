import { aWorld } from "../a-world.ts";

const REGIONS = ["eastus", "eastus2", "westeurope", "westus", "japaneast"] as const;
const SUBSETS = Array.from({ length: 2 ** REGIONS.length }, (_, bits) =>
  REGIONS.filter((_, index) => (bits & (1 << index)) !== 0),
);

/** Publishes to five regions of which some fail so many times. */
async function publishWith(failing: readonly string[], times: number) {
  const world = aWorld();
  for (const region of failing) world.gallery.failures.set(region, times);
  world.submit({ targetRegions: REGIONS });
  const { result, report } = await world.publish();
  return { world, result, report };
}

function named(subsets: readonly string[][]): [string, string[]][] {
  return subsets.map((subset) => [subset.join(", ") || "no regions", subset]);
}

describe("publishRelease", () => {
  it.each(named(SUBSETS))("publishes when %s fail once", async (_, failing) => {
    const { result, report } = await publishWith(failing, 1);

    expect(result).toBe("published");
    expect(report.regions.map(({ name, state }) => [name, state])).toEqual(
      REGIONS.map((name) => [name, "Completed"]),
    );
    expect(report.reason).toBeNull();
  });

  it.each(named(SUBSETS))("finishes the others when %s fail for good", async (_, failing) => {
    const { result, report } = await publishWith(failing, Infinity);

    const expected = { 0: "published", 5: "failed" }[failing.length] ?? "partly-published";
    expect(result).toBe(expected);
    const missing = report.regions.filter(({ state }) => state !== "Completed").map(({ name }) => name);
    expect(missing).toEqual(failing);
    for (const name of failing) expect(report.reason?.message).toContain(name);
  });

  it("tells why the whole operation failed where Azure says nothing of the regions", async () => {
    const world = aWorld();
    world.gallery.operationFailure = "exceeding approved UnmanagedStorageAccountCount quota. [InternalError]";
    world.gallery.failures.set("japaneast", Infinity);
    world.submit({ targetRegions: REGIONS });
    const { report } = await world.publish();

    expect(report.reason?.message).toContain(
      "japaneast (exceeding approved UnmanagedStorageAccountCount quota",
    );
    expect(report.regions.find(({ name }) => name === "japaneast")?.details).toContain("quota");
    expect(report.regions.find(({ name }) => name === "westus")?.details).toBeNull();
  });
});
