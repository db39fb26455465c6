import fc from "fast-check";
import {
  effectiveManifest,
  effectiveManifestText,
  mergeSettings,
  parseEffectiveManifest,
  withHomeRegion,
} from "../../core/effective-manifest.ts";
import { parseProfile, type Profile } from "../../core/profile.ts";
import { isSameRegion } from "../../core/region.ts";
import type { Settings } from "../../core/settings.ts";
import { aFile, aManifest, anEffectiveManifest, problemOf } from "./samples.ts";

function aProfile(settings: Settings): Profile {
  return { ...parseProfile('{"schema":1,"supportedOSType":"Linux"}', "flooperapp"), ...settings };
}

const commands = { install: "./install", remove: "./remove" };
const package_ = { package: aFile() };

describe("mergeSettings", () => {
  const settings: fc.Arbitrary<Settings> = fc.record(
    {
      install: fc.string(),
      replicaCount: fc.integer({ min: 1, max: 10 }),
      excludeFromLatest: fc.boolean(),
      targetRegions: fc.array(fc.record({ name: fc.constantFrom("eastus", "westus") })),
      tags: fc.dictionary(fc.string(), fc.string()),
    },
    { requiredKeys: [] },
  );

  it("takes each field from the upper one that has it, whole", () => {
    fc.assert(
      fc.property(settings, settings, (over, under) => {
        expect(mergeSettings(over, under)).toEqual({ ...under, ...over });
      }),
    );
  });

  it("does not mind in which order three are merged", () => {
    fc.assert(
      fc.property(settings, settings, settings, (a, b, c) => {
        expect(mergeSettings(mergeSettings(a, b), c)).toEqual(mergeSettings(a, mergeSettings(b, c)));
      }),
    );
  });

  it("takes nothing but settings", () => {
    expect(mergeSettings(aManifest(), {})).toEqual({});
  });

  it("keeps a false and an empty list over what lies below", () => {
    const over = { excludeFromLatest: false, customActions: [] };

    expect(
      mergeSettings(over, { excludeFromLatest: true, customActions: [{ name: "a", script: "b" }] }),
    ).toEqual(over);
  });
});

describe("effectiveManifest", () => {
  it("is the manifest over the profile, and nothing of the profile's own rules", () => {
    const profile = aProfile({ ...commands, tags: { a: "1" }, targetRegions: [{ name: "westus" }] });
    const manifest = aManifest({ install: "./other", claims: { actor: "me" } });

    expect(effectiveManifest(manifest, profile, package_, "westus")).toEqual({
      schema: 1,
      application: "flooperapp",
      version: "1.2.0",
      package: aFile(),
      install: "./other",
      remove: "./remove",
      tags: { a: "1" },
      packageFileName: "app.tar.gz",
      targetRegions: [{ name: "westus" }],
      claims: { actor: "me" },
    });
  });

  it("always names the files, so that they arrive with their extension", () => {
    const files = { package: aFile("app.msi"), configuration: aFile("app.json") };
    const named = { packageFileName: "setup.msi", configFileName: "c.json" };

    expect(effectiveManifest(aManifest(commands), undefined, files, "eastus")).toMatchObject({
      packageFileName: "app.msi",
      configFileName: "app.json",
    });
    expect(effectiveManifest(aManifest({ ...commands, ...named }), undefined, files, "eastus")).toMatchObject(
      named,
    );
  });

  it("takes the bytes that were seen, not those that were claimed", () => {
    const manifest = aManifest({ ...commands, package: { file: "app.tar.gz", sha256: "b".repeat(64) } });

    expect(effectiveManifest(manifest, undefined, package_, "eastus").package).toEqual(aFile());
  });

  it.each([
    [{}, undefined, "has no command to install and to remove: its manifest has none, and it has no profile"],
    [{ install: "i" }, undefined, "has no command to remove: its manifest has none"],
    [
      { remove: "r" },
      aProfile({}),
      "has no command to install: neither its manifest nor its profile has one",
    ],
  ])("refuses a manifest with %j without the other command", (settings, profile, told) => {
    const problem = problemOf(() => effectiveManifest(aManifest(settings), profile, package_, "eastus"));

    expect(problem.code).toBe("missing-commands");
    expect(problem.message).toContain(`flooperapp 1.2.0 ${told}`);
    expect(problem.nextStep).toContain("applications/flooperapp.json");
  });

  it("refuses files that would overwrite one another on the machine", () => {
    const manifest = aManifest({ ...commands, configFileName: "APP.tar.gz" });

    expect(problemOf(() => effectiveManifest(manifest, undefined, package_, "eastus")).code).toBe(
      "same-file-name",
    );
  });
});

describe("withHomeRegion", () => {
  it.each([
    [["westus"], ["eastus", "westus"]],
    [
      ["westus", "East US"],
      ["westus", "East US"],
    ],
    [[], ["eastus"]],
  ])("makes of the targets %j %j", (names, expected) => {
    const targets = withHomeRegion(
      names.map((name) => ({ name })),
      "East US",
    );

    expect(targets.map((target) => target.name)).toEqual(expected);
  });

  it("has the home region exactly once, and loses no target", () => {
    const regions = fc.uniqueArray(fc.constantFrom("eastus", "eastus2", "westus", "westeurope"));
    fc.assert(
      fc.property(regions, fc.constantFrom("East US", "eastus", "West Europe"), (names, home) => {
        const targets = names.map((name) => ({ name, regionalReplicaCount: 2 }));
        const all = withHomeRegion(targets, home);
        expect(all.filter((target) => isSameRegion(target.name, home))).toHaveLength(1);
        expect(all).toEqual(expect.arrayContaining(targets));
      }),
    );
  });
});

describe("effectiveManifestText", () => {
  it("is read back as it was written, and is the same each time", () => {
    const manifest = anEffectiveManifest({ update: "./update", advancedSettings: { user: "root" } });

    expect(parseEffectiveManifest(effectiveManifestText(manifest))).toEqual(manifest);
    expect(effectiveManifestText(manifest)).toBe(effectiveManifestText(structuredClone(manifest)));
  });

  it("lets no file of a bad name be read back", () => {
    const text = effectiveManifestText({ ...anEffectiveManifest(), package: aFile("../app") });

    expect(() => parseEffectiveManifest(text)).toThrow("has a path separator");
  });
});
