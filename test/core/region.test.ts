import fc from "fast-check";
import { knownRegions, regionHint } from "../../core/known-regions.ts";
import { duplicateRegions, findRegion, isSameRegion, nearestRegion, regionKey } from "../../core/region.ts";

const known = [
  { name: "eastus", displayName: "East US" },
  { name: "eastus2", displayName: "East US 2" },
  { name: "westeurope", displayName: "West Europe" },
  { name: "usgovvirginia", displayName: "USGov Virginia" },
  { name: "chinanorth3", displayName: "China North 3" },
];

describe("isSameRegion", () => {
  it.each([
    ["East US 2", "eastus2", true],
    ["EASTUS2", "East Us 2", true],
    ["East US", "eastus2", false],
    ["USGov Virginia", "usgovvirginia", true],
    ["China North 3", "chinanorth3", true],
  ])("tells of %s and %s: %s", (a, b, same) => {
    expect(isSameRegion(a, b)).toBe(same);
  });

  it("holds between every form of a name", () => {
    const spaced = fc
      .tuple(fc.constantFrom(...known.map((region) => region.name)), fc.infiniteStream(fc.boolean()))
      .map(([name, upper]) =>
        Array.from(name)
          .map((letter) => (upper.next().value ? ` ${letter.toUpperCase()}` : letter))
          .join(""),
      );
    fc.assert(fc.property(spaced, (name) => known.some((region) => region.name === regionKey(name))));
  });
});

describe("findRegion", () => {
  it.each([
    ["eastus2", "eastus2"],
    ["East US 2", "eastus2"],
    ["east us", "eastus"],
    ["eastus3", undefined],
    ["", undefined],
  ])("finds for %j %s", (name, found) => {
    expect(findRegion(name, known)?.name).toBe(found);
  });
});

describe("nearestRegion", () => {
  it.each([
    ["estus2", "eastus2"],
    ["westeurop", "westeurope"],
    ["West Eurpoe", "westeurope"],
    ["eastus22", "eastus2"],
    ["westeuABC", undefined],
    ["westABCope", "westeurope"],
    ["eastus3", "eastus"],
    ["atlantis", undefined],
    ["", undefined],
  ])("guesses for %j %s", (name, nearest) => {
    expect(nearestRegion(name, known)?.name).toBe(nearest);
  });

  it("guesses nothing when nothing is known", () => {
    expect(nearestRegion("eastus", [])).toBeUndefined();
  });
});

describe("duplicateRegions", () => {
  it.each([
    [["eastus", "westus"], []],
    [["eastus", "East US"], ["East US"]],
    [
      ["eastus", "East US", "EASTUS", "westus", "westus"],
      ["East US", "westus"],
    ],
  ])("finds in %j %j", (names, duplicates) => {
    expect(duplicateRegions(names)).toEqual(duplicates);
  });

  it("finds none exactly when all regions differ", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("eastus", "East US", "eastus2", "East US 2", "westus")),
        (names) => {
          expect(duplicateRegions(names).length === 0).toBe(
            new Set(names.map(regionKey)).size === names.length,
          );
        },
      ),
    );
  });
});

describe("regionHint", () => {
  it.each(["eastus2", "East US 2", "West Europe", "chinanorth3"])("has nothing to say of %s", (name) => {
    expect(regionHint(name)).toBeUndefined();
  });

  it("names the region that was meant, and leaves the decision to the pipeline", () => {
    expect(regionHint("westerope")).toContain(
      '"westerope" is no Azure region known here (meant: westeurope?)',
    );
    expect(regionHint("atlantis")).not.toContain("meant");
    expect(regionHint("atlantis")).toContain("the pipeline has the last word");
  });

  it("knows each region once", () => {
    expect(duplicateRegions(knownRegions.map((region) => region.name))).toEqual([]);
  });
});
