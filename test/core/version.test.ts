import fc from "fast-check";
import { compareVersions, LARGEST_VERSION_PART, versionFault, versionFrom } from "../../core/version.ts";
import { problemOf } from "./samples.ts";

const part = fc.oneof(
  fc.integer({ min: 0, max: LARGEST_VERSION_PART }),
  fc.constantFrom(0, 1, LARGEST_VERSION_PART),
);
const parts = fc.tuple(part, part, part);

describe("versionFrom", () => {
  it.each([
    ["1.2.3", "1.2.3"],
    ["v1.2.3", "1.2.3"],
    ["0.0.0", "0.0.0"],
    ["2147483647.2147483647.2147483647", "2147483647.2147483647.2147483647"],
  ])("takes %s as %s", (tag, version) => {
    expect(versionFrom(tag)).toBe(version);
  });

  it.each([
    ["", "is not MAJOR.MINOR.PATCH"],
    ["1.2", "is not MAJOR.MINOR.PATCH"],
    ["1.2.3.4", "is not MAJOR.MINOR.PATCH"],
    ["01.2.3", "is not MAJOR.MINOR.PATCH"],
    ["vv1.2.3", "is not MAJOR.MINOR.PATCH"],
    ["V1.2.3", "is not MAJOR.MINOR.PATCH"],
    [" 1.2.3", "is not MAJOR.MINOR.PATCH"],
    ["1.2.3\n", "is not MAJOR.MINOR.PATCH"],
    ["１.2.3", "is not MAJOR.MINOR.PATCH"],
    ["1.-2.3", "is not MAJOR.MINOR.PATCH"],
    ["v1.2.3-rc.1", "has a pre-release or build suffix"],
    ["1.2.3+build.5", "has a pre-release or build suffix"],
    ["1.2.2147483648", 'has "2147483648", but no part may exceed 2147483647'],
    ["v1.2.2147483648", 'has "2147483648", but no part may exceed 2147483647'],
    [`1.2.${"9".repeat(60)}`, "but no part may exceed 2147483647"],
  ])("refuses %j because it %s", (tag, rule) => {
    const problem = problemOf(() => versionFrom(tag));

    expect(problem.code).toBe("bad-version");
    expect(problem.message).toContain(`version ${JSON.stringify(tag)}`);
    expect(problem.message).toContain(rule);
    expect(problem.nextStep).toContain("1.2.0");
  });

  it("takes every version whose parts are int32, with and without v", () => {
    fc.assert(
      fc.property(parts, (numbers) => {
        const version = numbers.join(".");
        expect(versionFrom(version)).toBe(version);
        expect(versionFrom(`v${version}`)).toBe(version);
      }),
    );
  });
});

describe("versionFault", () => {
  it("takes no text that Azure would not take", () => {
    const nearly = fc.stringMatching(/^v?[0-9.+-]{0,24}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        const numbers = text.split(".");
        const good =
          numbers.length === 3 &&
          numbers.every((number) => String(Number(number)) === number && /^\d+$/.test(number)) &&
          numbers.every((number) => Number(number) <= LARGEST_VERSION_PART);
        expect(versionFault(text) === undefined).toBe(good);
      }),
    );
  });

  it("tells a tag with v from a version, since a manifest has no tags", () => {
    expect(versionFault("v1.2.3")?.message).toContain('version "v1.2.3" is not MAJOR.MINOR.PATCH');
  });
});

describe("compareVersions", () => {
  it.each([
    ["1.4.0", "2.0.0", -1],
    ["1.10.0", "1.9.0", 1],
    ["1.0.10", "1.0.9", 1],
    ["1.2.3", "1.2.3", 0],
    ["0.0.0", "2147483647.0.0", -1],
  ])("orders %s and %s by their numbers", (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });

  it("orders as tuples of numbers do", () => {
    fc.assert(
      fc.property(parts, parts, (left, right) => {
        const differing = left.findIndex((number, index) => number !== right[index]);
        const expected = differing < 0 ? 0 : Math.sign(left[differing]! - right[differing]!);
        expect(Math.sign(compareVersions(left.join("."), right.join(".")))).toBe(expected);
      }),
    );
  });
});
