/* eslint jest/no-export: "off" -- a suite that the test file of each implementation calls */
import type { EffectiveManifest } from "../../core/effective-manifest.ts";
import type { Gallery, VersionSource } from "../../functions/ports.ts";

/** A gallery under test with a package that it may read. */
export interface GalleryUnderTest {
  readonly gallery: Gallery;
  readonly source: VersionSource;
  /** Lets so much time pass that every copy has ended. */
  readonly finishReplication: () => Promise<void>;
  /** From now on the gallery's identity may not read packages. */
  readonly lockPackages: () => Promise<void>;
}

const release = { application: "hammerapp", version: "1.2.0" };

function aManifest(regions: readonly string[]): EffectiveManifest {
  return {
    schema: 1,
    ...release,
    package: { file: "app.tar.gz", size: 10, sha256: "ab".repeat(32) },
    install: "install.sh",
    remove: "remove.sh",
    packageFileName: "app.tar.gz",
    targetRegions: regions.map((name) => ({ name })),
  };
}

/** Has a version accepted into these regions, and gives the address of the operation. */
export async function aVersionIn(
  { gallery, source }: Pick<GalleryUnderTest, "gallery" | "source">,
  regions: readonly string[],
): Promise<string | undefined> {
  const manifest = aManifest(regions);
  await gallery.createApplication("hammerapp", "eastus", {
    schema: 1,
    supportedOSType: "Linux",
    patienceMinutes: 60,
    settlingSeconds: 120,
    timeoutMinutes: 360,
    latest: "when-replicated",
  });
  return gallery.putVersion(manifest, "eastus", source, manifest.targetRegions);
}

/** What every implementation of `Gallery` promises. `create` gives an empty gallery in `eastus`. */
export function itPublishesVersions(create: () => Promise<GalleryUnderTest>): void {
  async function withVersion(regions: readonly string[]) {
    const under = await create();
    await aVersionIn(under, regions);
    return under;
  }

  it("knows its region and its identity", async () => {
    const { gallery } = await create();

    expect(await gallery.read()).toEqual({
      location: "eastus",
      principalId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it("knows the versions of an application by name", async () => {
    const { gallery } = await withVersion(["eastus"]);

    expect(await gallery.versionNames("hammerapp")).toEqual(["1.2.0"]);
    expect(await gallery.versionNames("nosuchapp")).toEqual([]);
  });

  it("knows the subscription's regions by both names", async () => {
    const { gallery } = await create();

    expect(await gallery.regions()).toContainEqual({ name: "westeurope", displayName: "West Europe" });
  });

  it("finds neither application nor version before they are made", async () => {
    const { gallery } = await create();

    expect(await gallery.hasApplication("hammerapp")).toBe(false);
    expect(await gallery.readVersion(release)).toBeUndefined();
  });

  it("has accepted a version before it is replicated", async () => {
    const { gallery, source } = await withVersion(["eastus", "westeurope"]);

    expect(await gallery.hasApplication("hammerapp")).toBe(true);
    expect(await gallery.readVersion(release)).toMatchObject({
      id: gallery.versionId(release),
      mediaLink: source.mediaLink,
      install: "install.sh",
      packageFileName: "app.tar.gz",
      excludeFromLatest: false,
      targetRegions: [{ name: "East US" }, { name: "West Europe" }],
    });
  });

  it("shows each region as completed in the end", async () => {
    const { gallery, finishReplication } = await withVersion(["eastus", "westeurope"]);
    await finishReplication();

    const version = await gallery.readVersion(release);

    expect(version?.provisioningState).toBe("Succeeded");
    expect(version?.regions.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "East US Completed",
      "West Europe Completed",
    ]);
  });

  it("brings a version to more regions", async () => {
    const { gallery, source, finishReplication } = await withVersion(["eastus"]);
    await finishReplication();
    await gallery.updateRegions(release, source, [{ name: "eastus" }, { name: "westeurope" }]);
    await finishReplication();

    expect((await gallery.readVersion(release))?.regions).toMatchObject([
      { name: "East US", state: "Completed" },
      { name: "West Europe", state: "Completed" },
    ]);
  });

  it("refuses to lose a region that it has", async () => {
    const { gallery, source, finishReplication } = await withVersion(["eastus", "westeurope"]);
    await finishReplication();

    await expect(gallery.updateRegions(release, source, [{ name: "eastus" }])).rejects.toMatchObject({
      name: "AzureRefusal",
    });
  });

  it("says in Azure's words when it may not read the package", async () => {
    const { gallery, source, finishReplication, lockPackages } = await withVersion(["eastus"]);
    await finishReplication();
    await lockPackages();

    await expect(
      gallery.updateRegions(release, source, [{ name: "eastus" }, { name: "westeurope" }]),
    ).rejects.toMatchObject({
      answer: { service: "gallery", status: 400, message: expect.stringContaining("The SAS is not valid") },
    });
  });
}
