import fc from "fast-check";
import { distance, nearestWord } from "../../core/spelling.ts";

describe("distance", () => {
  it.each([
    ["", "", 0],
    ["abc", "abc", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["install", "instal", 1],
    ["install", "intsall", 2],
  ])("is for %j and %j %d edits", (a, b, edits) => {
    expect(distance(a, b)).toBe(edits);
  });

  it("is the same both ways, and no less than the lengths differ", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe("nearestWord", () => {
  const known = ["install", "remove", "update", "targetRegions"];

  it.each([
    ["instal", "install"],
    ["targetregions", "targetRegions"],
    ["targetRegion", "targetRegions"],
    ["Update", "update"],
    ["TARGETREGIONS", "targetRegions"],
    ["zzz", undefined],
    ["in", undefined],
  ])("guesses for %j %s", (word, nearest) => {
    expect(nearestWord(word, known)).toBe(nearest);
  });

  it("guesses nothing for an endless word", () => {
    expect(nearestWord("x".repeat(50_000), known)).toBeUndefined();
  });
});
