import { carryLoad } from "./load.ts";

const releases = Number(process.env["LOAD_RELEASES"] ?? 60);

describe("the pipeline", () => {
  it(`publishes every release of a burst within Azure's budgets: ${releases} to 10 regions`, async () => {
    const carried = await carryLoad(releases, Math.max(1, releases / 10));

    expect(carried).toMatchObject({ results: { published: releases }, violations: [] });
    // Of 1,200 writes and 12,000 reads that Azure allows in an hour.
    expect(carried.writesInAnHour).toBeLessThanOrEqual(1000);
    expect(carried.readsInAnHour).toBeLessThanOrEqual(10_000);
    expect(carried.longestHistory).toBeLessThanOrEqual(1000);
    expect(carried.largestEntityBytes).toBeLessThanOrEqual(16 * 1024);
  }, 900_000);
});
