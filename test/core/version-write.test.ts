import fc from "fast-check";
import { regionKey } from "../../core/region.ts";
import { isBusy, missingRegions, versionWrite } from "../../core/version-write.ts";
import { anEffectiveManifest, aRegion, aVersion } from "./samples.ts";

const wanted = anEffectiveManifest({ targetRegions: [{ name: "eastus" }, { name: "westus" }] });
const both = [{ name: "East US" }, { name: "West US" }];
const kindOf = (over: Parameters<typeof aVersion>[0]) => versionWrite(wanted, aVersion(over)).kind;

describe("versionWrite", () => {
  it("puts a version that is not there, with all its regions", () => {
    expect(versionWrite(wanted, undefined)).toEqual({ kind: "put", targetRegions: wanted.targetRegions });
  });

  it.each(["Creating", "Updating", "Deleting", "Migrating"])(
    "waits while the version is %s",
    (provisioningState) => {
      expect(kindOf({ provisioningState, targetRegions: both })).toBe("wait");
    },
  );

  it("writes nothing when every region has the version", () => {
    const regions = [aRegion("East US", "Completed"), aRegion("West US", "Completed")];

    expect(kindOf({ targetRegions: both, regions })).toBe("none");
  });

  it("waits while a region is on its way", () => {
    const regions = [aRegion("East US", "Completed"), aRegion("West US", "Replicating")];

    expect(kindOf({ targetRegions: both, regions })).toBe("wait");
  });

  it("adds a missing region to those that the version has, and takes none away", () => {
    const present = [{ name: "East US", regionalReplicaCount: 3 }, { name: "North Europe" }];

    expect(versionWrite(wanted, aVersion({ targetRegions: present }))).toEqual({
      kind: "update-regions",
      targetRegions: [
        { name: "eastus", regionalReplicaCount: 3 },
        { name: "northeurope" },
        { name: "westus" },
      ],
    });
  });

  it("mends a region that failed", () => {
    const regions = [aRegion("East US", "Completed"), aRegion("West US", "Failed")];

    expect(kindOf({ provisioningState: "Failed", targetRegions: both, regions })).toBe("update-regions");
  });

  it("puts a version anew that failed before any region had it", () => {
    expect(kindOf({ provisioningState: "Failed", targetRegions: both, regions: [] })).toBe("put");
  });

  it("never writes fewer regions than the version has or than are wanted", () => {
    const regions = fc
      .uniqueArray(fc.constantFrom("eastus", "East US 2", "westus", "West Europe"), { minLength: 1 })
      .map((names) => names.map((name) => ({ name })));
    fc.assert(
      fc.property(
        regions,
        regions,
        fc.constantFrom("Succeeded", "Failed"),
        (present, targets, provisioningState) => {
          const manifest = { ...anEffectiveManifest(), targetRegions: targets };
          const write = versionWrite(
            manifest,
            aVersion({ targetRegions: present, provisioningState, regions: [] }),
          );
          const written = "targetRegions" in write ? write.targetRegions.map((region) => region.name) : [];
          const expected = new Set([...present, ...targets].map((region) => regionKey(region.name)));
          expect(write.kind === "wait" ? expected : new Set(written)).toEqual(expected);
          expect(new Set(written).size).toBe(written.length);
        },
      ),
    );
  });
});

describe("isBusy", () => {
  it.each([
    ["Creating", true],
    ["Succeeded", false],
    ["Failed", false],
  ])("is for %s %s", (provisioningState, expected) => {
    expect(isBusy(aVersion({ provisioningState }))).toBe(expected);
  });
});

describe("missingRegions", () => {
  it("compares names as Azure shows them with the short ones", () => {
    expect(missingRegions(aVersion({ targetRegions: both }), ["eastus", "northeurope"])).toEqual([
      "northeurope",
    ]);
  });
});
