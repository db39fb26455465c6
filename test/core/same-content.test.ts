import { contentDifferences } from "../../core/same-content.ts";
import { pathOfBlobUrl } from "../../core/naming.ts";
import { aDigest, anEffectiveManifest, aVersion } from "./samples.ts";

const account = "https://acct.blob.core.windows.net";
const vaultPathOf = (url: string) => pathOfBlobUrl(url, account, "packages");
const other = "b".repeat(64);

describe("contentDifferences", () => {
  it("finds none between a submission and the version that it became", () => {
    expect(contentDifferences(anEffectiveManifest(), aVersion(), vaultPathOf)).toEqual([]);
  });

  it.each([
    ["regions", { targetRegions: [{ name: "westus" }] }],
    ["replicas", { replicaCount: 3 }],
    ["latest", { excludeFromLatest: true }],
    ["the end of life", { endOfLifeDate: "2030-01-01T00:00:00Z" }],
    ["tags", { tags: { a: "b" } }],
    ["the default behaviour after a reboot", { scriptBehaviorAfterReboot: "None" as const }],
    ["no advanced settings", { advancedSettings: {} }],
    [
      "storage of a region that the version does not tell of",
      {
        targetRegions: [{ name: "eastus", storageAccountType: "Premium_LRS" as const }],
      },
    ],
    ["storage that the version does not tell of", { storageAccountType: "Standard_LRS" as const }],
  ])("does not mind %s, which can be changed or are the same", (_, settings) => {
    expect(contentDifferences(anEffectiveManifest(settings), aVersion(), vaultPathOf)).toEqual([]);
  });

  it.each([
    ["install", { install: "a" }, {}],
    ["remove", { remove: "a" }, {}],
    ["update", { update: "a" }, {}],
    ["update", {}, { update: "a" }],
    ["packageFileName", { packageFileName: "a" }, {}],
    ["configFileName", { configFileName: "a" }, {}],
    ["scriptBehaviorAfterReboot", { scriptBehaviorAfterReboot: "Rerun" as const }, {}],
    ["advancedSettings", { advancedSettings: { user: "a" } }, { advancedSettings: { user: "b" } }],
    [
      "storageAccountType",
      { storageAccountType: "Premium_LRS" as const },
      { storageAccountType: "Standard_LRS" },
    ],
  ])("finds another %s", (field, submitted, published) => {
    const differences = contentDifferences(anEffectiveManifest(submitted), aVersion(published), vaultPathOf);

    expect(differences.map((difference) => difference.field)).toEqual([field]);
  });

  it("finds other storage in a region, which cannot be changed", () => {
    const submitted = anEffectiveManifest({
      targetRegions: [{ name: "eastus", storageAccountType: "Premium_LRS" }],
    });
    const published = aVersion({ targetRegions: [{ name: "East US", storageAccountType: "Standard_LRS" }] });

    expect(contentDifferences(submitted, published, vaultPathOf)).toEqual([
      {
        field: "targetRegions.eastus.storageAccountType",
        submitted: "Premium_LRS",
        published: "Standard_LRS",
      },
    ]);
  });

  it("tells both digests of another package", () => {
    const published = aVersion({ mediaLink: `${account}/packages/flooperapp/1.2.0/${other}/app.tar.gz` });

    expect(contentDifferences(anEffectiveManifest(), published, vaultPathOf)).toEqual([
      { field: "package", submitted: aDigest, published: other },
    ]);
  });

  it("tells of a configuration on one side only", () => {
    const defaultConfigurationLink = `${account}/packages/flooperapp/1.2.0/${other}/app.json`;

    expect(
      contentDifferences(anEffectiveManifest(), aVersion({ defaultConfigurationLink }), vaultPathOf),
    ).toEqual([{ field: "configuration", submitted: "none", published: other }]);
  });

  it.each([
    `https://evil.net/packages/flooperapp/1.2.0/${aDigest}/app.tar.gz`,
    `${account}/incoming/flooperapp/1.2.0/${aDigest}/app.tar.gz`,
    `${account}/packages/${aDigest}`,
  ])("takes %s for no package of ours, whatever digest it names", (mediaLink) => {
    const [difference] = contentDifferences(anEffectiveManifest(), aVersion({ mediaLink }), vaultPathOf);

    expect(difference?.published).toBe(`not in the vault (${mediaLink})`);
  });

  it("never repeats a signature", () => {
    const mediaLink = "https://evil.net/a?sv=1&sig=secret";

    expect(
      JSON.stringify(contentDifferences(anEffectiveManifest(), aVersion({ mediaLink }), vaultPathOf)),
    ).not.toContain("secret");
  });
});
