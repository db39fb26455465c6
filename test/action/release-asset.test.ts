import { createHash } from "node:crypto";
import { findAsset } from "../../action/release-asset.ts";
import { digestOf, uploadFile } from "../../action/upload.ts";
import { aWorld, type FakeWorld, release } from "./fake-world.ts";

const mebibyte = 1024 * 1024;
const path = "flooperapp/1.2.0/run-77-1-00000001/flooper.msi";
const bytes = Buffer.alloc(20 * mebibyte + 3);
for (let at = 0; at + 4 <= bytes.length; at += 1000) bytes.writeUInt32LE(at ^ 0x5bd1e995, at);
const sha256 = createHash("sha256").update(bytes).digest("hex");

function aRelease(world: FakeWorld, names: readonly string[], digest?: string): void {
  world.assets.files = names.map((name, id) => ({
    asset: { id, name, size: bytes.length, ...(digest !== undefined && { sha256: digest }) },
    bytes,
  }));
}

describe("findAsset", () => {
  it("streams the one asset that matches into storage", async () => {
    const world = aWorld();
    aRelease(world, ["flooper.deb", "flooper.msi"]);

    const source = await findAsset("*.msi", release, world);
    const sent = await uploadFile(source, path, world);

    expect(sent).toEqual({ file: "flooper.msi", size: bytes.length, sha256 });
    expect(world.storage.blobs.get(path)?.equals(bytes)).toBe(true);
  });

  it("goes on where a download broke", async () => {
    const world = aWorld();
    aRelease(world, ["flooper.msi"]);
    world.assets.breaks = [0, 3 * mebibyte, 65_537, 9 * mebibyte];

    await uploadFile(await findAsset("flooper.msi", release, world), path, world);

    expect(world.storage.blobs.get(path)?.equals(bytes)).toBe(true);
    expect(world.lines.filter((line) => line.startsWith("downloading flooper.msi"))).toHaveLength(4);
  });

  it.each([
    ["*.msi", ["a.msi", "b.msi"], /matches 2 assets, not one: "a.msi", "b.msi"/],
    ["*.exe", ["a.msi"], /matches no asset of the release; it has "a.msi"/],
    ["*", [], /it has none/],
    ["*", ["bad\u202ename.msi"], /the name/],
  ])("refuses %j among %j", async (pattern, names, message) => {
    const world = aWorld();
    aRelease(world, names);

    await expect(findAsset(pattern, release, world)).rejects.toMatchObject({
      code: "bad-asset",
      message: expect.stringMatching(message),
    });
  });

  it("tells when there is no release, and which tags it tried", async () => {
    const world = aWorld();

    await expect(findAsset("*", release, world)).rejects.toMatchObject({
      message: "there is no GitHub release of flooperapp 1.2.0 (tags tried: v1.2.0, 1.2.0)",
    });
  });

  it.each([
    ["is other than GitHub tells", "0".repeat(64), bytes.length],
    ["is longer than GitHub tells", undefined, bytes.length - 1],
    ["is shorter than GitHub tells", undefined, bytes.length + 1],
  ])("makes no blob of an asset that %s", async (_, digest, size) => {
    const world = aWorld();
    world.assets.files = [
      { asset: { id: 1, name: "a.msi", size, ...(digest !== undefined && { sha256: digest }) }, bytes },
    ];

    const source = await findAsset("a.msi", release, world);

    await expect(uploadFile(source, path, world)).rejects.toMatchObject({ code: "asset-changed" });
    expect(world.storage.blobs.size).toBe(0);
  });

  it("needs no download to know a digest that GitHub tells", async () => {
    const world = aWorld();
    aRelease(world, ["a.msi"], sha256);
    world.assets.breaks = [0];

    expect(await digestOf(await findAsset("a.msi", release, world))).toBe(sha256);
    expect(world.assets.breaks).toEqual([0]);
  });
});
