import { contentDigests, differingFields } from "../../core/content-digests.ts";
import { aDigest, aManifest, anEffectiveManifest } from "./samples.ts";

const published = contentDigests(anEffectiveManifest());

describe("differingFields", () => {
  it("finds none between what was submitted and what was published", () => {
    const submitted = aManifest({ package: { file: "app.tar.gz", sha256: aDigest }, install: "./install" });

    expect(differingFields(contentDigests(submitted), published)).toEqual([]);
  });

  it.each([
    ["the default behaviour after a reboot", { scriptBehaviorAfterReboot: "None" as const }],
    ["no advanced settings", { advancedSettings: {} }],
    ["regions and tags", { targetRegions: [{ name: "westus" }], tags: { a: "b" } }],
  ])("does not mind %s", (_, settings) => {
    expect(differingFields(contentDigests(anEffectiveManifest(settings)), published)).toEqual([]);
  });

  it.each([
    ["install", { install: "x" }],
    ["remove", { remove: "x" }],
    ["update", { update: "x" }],
    ["packageFileName", { packageFileName: "x" }],
    ["configFileName", { configFileName: "x" }],
    ["scriptBehaviorAfterReboot", { scriptBehaviorAfterReboot: "Rerun" as const }],
    ["advancedSettings", { advancedSettings: { user: "x" } }],
  ])("finds another %s", (field, settings) => {
    expect(differingFields(contentDigests(anEffectiveManifest(settings)), published)).toEqual([field]);
  });

  it("finds another package and a configuration that is new", () => {
    const submitted = contentDigests({
      package: { sha256: "b".repeat(64) },
      configuration: { sha256: aDigest },
    });

    expect(differingFields(submitted, published)).toEqual(["package", "configuration"]);
  });

  it("does not take a package without digest for the same one", () => {
    const unknown = contentDigests({ package: {}, configuration: {} });

    expect(unknown).toEqual({ package: "unknown", configuration: "unknown" });
    expect(differingFields(unknown, published)).toEqual(["package", "configuration"]);
  });
});

describe("contentDigests", () => {
  it("does not depend on the order of advanced settings", () => {
    const one = contentDigests({ package: {}, advancedSettings: { a: "1", b: "2" } });

    expect(one).toEqual(contentDigests({ package: {}, advancedSettings: { b: "2", a: "1" } }));
  });
});
