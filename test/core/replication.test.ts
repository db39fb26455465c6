import { accessPauses, pauseSeconds, regionsOf, replicationOf } from "../../core/replication.ts";
import { aRegion, aVersion } from "./samples.ts";

type State = Parameters<typeof aRegion>[1];

describe("replicationOf", () => {
  it.each<[string, State[], string]>([
    ["Succeeded", ["Completed", "Completed"], "replicated"],
    ["Succeeded", ["Completed", "Replicating"], "replicating"],
    ["Succeeded", ["Completed", "Unknown"], "replicating"],
    ["Succeeded", ["Completed", "Failed"], "failed"],
    ["Succeeded", ["Failed", "Replicating"], "replicating"],
    ["Succeeded", ["Failed", "Unknown"], "replicating"],
    ["Succeeded", [], "replicated"],
    ["Creating", ["Completed", "Completed"], "replicating"],
    ["Creating", ["Unknown"], "replicating"],
    ["Updating", ["Completed", "Failed"], "replicating"],
    ["Migrating", ["Completed"], "replicating"],
    ["Failed", ["Completed", "Completed"], "failed"],
    ["Failed", ["Completed", "Failed"], "failed"],
    ["Failed", ["Unknown", "Failed"], "failed"],
    ["Failed", ["Failed", "Replicating"], "replicating"],
    ["Failed", [], "failed"],
    ["Deleting", ["Completed"], "failed"],
    ["SomethingNew", ["Completed"], "replicating"],
  ])("is for a version %s with regions %j %s", (provisioningState, states, expected) => {
    const regions = states.map((state, index) => aRegion(`region${index}`, state));
    const wanted = regions.map((region) => region.name);

    expect(replicationOf(aVersion({ provisioningState, regions }), wanted)).toBe(expected);
  });

  it("waits for a wanted region that Azure does not list yet", () => {
    expect(replicationOf(aVersion(), ["eastus", "westus"])).toBe("replicating");
  });

  it("does not mind regions that nobody wanted", () => {
    const regions = [aRegion("East US", "Completed"), aRegion("West US", "Replicating")];

    expect(replicationOf(aVersion({ regions }), ["eastus"])).toBe("replicated");
  });
});

describe("regionsOf", () => {
  it("gives the wanted regions in their order, whichever way they are written", () => {
    const regions = [aRegion("East US 2", "Completed"), aRegion("West Europe", "Replicating", 40)];

    expect(regionsOf(aVersion({ regions }), ["westeurope", "eastus", "eastus2"])).toEqual([
      { name: "West Europe", state: "Replicating", progress: 40 },
      { name: "eastus", state: "Unknown", progress: 0 },
      { name: "East US 2", state: "Completed", progress: 100 },
    ]);
  });
});

describe("pauseSeconds", () => {
  it.each([
    [0, 30],
    [59, 30],
    [60, 60],
    [899, 60],
    [900, 90],
    [1799, 90],
    [1800, 180],
    [3599, 180],
    [3600, 300],
    [7200, 480],
    [86_400, 480],
  ])("is after %d seconds %d", (elapsed, pause) => {
    expect(pauseSeconds(elapsed)).toBe(pause);
  });

  it("looks fewer than 95 times in six hours", () => {
    let looks = 0;
    for (let elapsed = 0; elapsed < 6 * 3600; elapsed += pauseSeconds(elapsed)) looks++;

    expect(looks).toBeLessThan(95);
  });
});

describe("accessPauses", () => {
  it("grow, and last longer than a role assignment may take to be seen", () => {
    expect(accessPauses.reduce((sum, pause) => sum + pause)).toBe(20 * 60);
    expect([...accessPauses].sort((a, b) => a - b)).toEqual(accessPauses);
  });
});
