import { allowsBareDrops, defaultRules, parseProfile } from "../../core/profile.ts";
import { problemOf } from "./samples.ts";

const parse = (profile: object) => parseProfile(JSON.stringify({ schema: 1, ...profile }), "flooperapp");

describe("parseProfile", () => {
  it("fills in the rules that a profile leaves out", () => {
    expect(parse({ supportedOSType: "Linux" })).toEqual({
      schema: 1,
      supportedOSType: "Linux",
      ...defaultRules,
    });
  });

  it("reads rules and settings", () => {
    const profile = parse({
      supportedOSType: "Windows",
      releaseNoteUri: "https://example.com/notes",
      settlingSeconds: 5,
      install: "install.cmd",
      targetRegions: ["East US 2"],
    });

    expect(profile).toMatchObject({ settlingSeconds: 5, targetRegions: [{ name: "eastus2" }] });
  });

  it.each([
    [{}, "supportedOSType is missing"],
    [{ supportedOSType: "linux" }, 'supportedOSType must be "Linux" or "Windows" (got "linux")'],
    [{ supportedOSTyp: "Linux" }, "supportedOSTyp is no known field (meant: supportedOSType?)"],
    [
      { releaseNoteUri: "http://x" },
      'releaseNoteUri is not an address that begins with https:// (got "http://x")',
    ],
    [
      { privacyStatementUri: "javascript:x" },
      "privacyStatementUri is not an address that begins with https://",
    ],
    [{ patienceMinutes: 0 }, "patienceMinutes must be at least 1 (got 0)"],
    [{ settlingSeconds: 3601 }, "settlingSeconds must be at most 3600 (got 3601)"],
    [{ timeoutMinutes: "60" }, 'timeoutMinutes must be a number (got "60")'],
    [{ version: "1.2.0" }, "version is no known field"],
  ])("refuses %j: %s", (profile, told) => {
    const problem = problemOf(() => parse(profile));

    expect(problem.code).toBe("bad-profile");
    expect(problem.message).toContain("profile applications/flooperapp.json: ");
    expect(problem.message).toContain(told);
    expect(problem.nextStep).toContain("schemas/profile.schema.json");
  });

  it("refuses a newer profile by its own name", () => {
    expect(problemOf(() => parse({ schema: 7 })).code).toBe("newer-profile");
  });
});

describe("allowsBareDrops", () => {
  it.each([
    [{}, false],
    [{ install: "i" }, false],
    [{ remove: "r" }, false],
    [{ install: "i", remove: "r" }, true],
  ])("is for a profile with %j %s", (commands, expected) => {
    expect(allowsBareDrops(parse({ supportedOSType: "Linux", ...commands }))).toBe(expected);
  });
});
