import { createHash } from "node:crypto";
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileSource } from "../../action/file-source.ts";
import type { PackageSource } from "../../action/package-source.ts";
import { findFile } from "../../action/package-file.ts";
import { digestOf, uploadFile, uploadText } from "../../action/upload.ts";
import { aWorld, FakeStorage, type FakeWorld } from "./fake-world.ts";
import { aWorkspace } from "./workspace.ts";

const mebibyte = 1024 * 1024;
const path = "flooperapp/1.2.0/run-77-1-00000001/app.bin";

// Bytes that differ from block to block, so that a block in the wrong place shows.
function someBytes(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let offset = 0; offset + 4 <= size; offset += 4096) bytes.writeUInt32LE(offset ^ 0x5bd1e995, offset);
  return bytes;
}

function aFile(bytes: Buffer): { readonly folder: string; readonly file: PackageSource } {
  const folder = aWorkspace({ "app.bin": "x" });
  writeFileSync(join(folder, "app.bin"), bytes);
  return { folder, file: fileSource(findFile("app.bin", "package", folder)) };
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

describe("uploadFile", () => {
  it.each([1, 8 * mebibyte, 8 * mebibyte + 1, 60 * mebibyte + 7])(
    "sends %d bytes as they are",
    async (size) => {
      const bytes = someBytes(size);
      const world = aWorld();

      const sent = await uploadFile(aFile(bytes).file, path, world);

      expect(sent).toEqual({ file: "app.bin", size, sha256: sha256(bytes) });
      expect(sha256(world.storage.blobs.get(path)!)).toBe(sent.sha256);
    },
  );

  it("sends a block again that Azure was too busy for", async () => {
    const bytes = someBytes(20 * mebibyte);
    const world = aWorld();
    world.storage.refuse("writeBlock", { status: 503, code: "ServerBusy" });
    world.storage.refuse("writeBlock", { status: 429, retryAfterSeconds: 30 });
    world.storage.refuse("commitBlocks", { status: 0, code: "ECONNRESET" });

    await uploadFile(aFile(bytes).file, path, world);

    expect(world.storage.blobs.get(path)?.equals(bytes)).toBe(true);
    expect(world.lines.filter((line) => line.includes("trying again"))).toHaveLength(3);
    expect(world.clock.now()).toBeGreaterThanOrEqual(30_000);
  });

  it("takes its own blob for its own when only the answer was lost", async () => {
    const world = aWorld();
    world.storage.refuse("createBlob", { status: 0, code: "ECONNRESET" }, true);

    await uploadFile(aFile(someBytes(10)).file, path, world);

    expect(world.storage.blobs.get(path)?.length).toBe(10);
  });

  it("overwrites nothing", async () => {
    const world = aWorld();
    await uploadText("before", path, world);

    await expect(uploadFile(aFile(someBytes(10)).file, path, world)).rejects.toMatchObject({
      code: "blob-exists",
    });
    expect(world.storage.blobs.get(path)?.toString()).toBe("before");
  });

  it("gives up after two minutes of refusals", async () => {
    const world = aWorld();
    for (let count = 0; count < 8; count++)
      world.storage.refuse("createBlob", { status: 503, code: "ServerBusy" });

    const upload = uploadFile(aFile(someBytes(10)).file, path, world);

    await expect(upload).rejects.toMatchObject({
      code: "azure-unavailable",
      nextStep: expect.stringMatching(/Nothing was published/),
    });
    expect(world.clock.now()).toBe(120_000);
  });

  it("stops at once at a refusal that does not pass, and makes no blob", async () => {
    const world = aWorld();
    world.storage.refuse("writeBlock", { status: 403, code: "AuthorizationPermissionMismatch" });

    await expect(uploadFile(aFile(someBytes(30 * mebibyte)).file, path, world)).rejects.toMatchObject({
      code: "storage-role",
    });
    expect(world.storage.blobs.size).toBe(0);
  });

  it.each<[string, (file: string) => void]>([
    ["grows", (file) => appendFileSync(file, "more")],
    ["shrinks", (file) => writeFileSync(file, "less")],
    ["is written to", (file) => writeFileSync(file, Buffer.alloc(20 * mebibyte, 1))],
  ])("makes no blob of a file that %s meanwhile", async (_, change) => {
    const { folder, file } = aFile(someBytes(20 * mebibyte));
    const world = aWorld();
    const changing = changeAtFirstBlock(world, () => change(join(folder, "app.bin")));

    await expect(uploadFile(file, path, changing)).rejects.toMatchObject({ code: "file-changed" });
    expect(world.storage.blobs.size).toBe(0);
  });

  it("tells when the file is gone", async () => {
    const { folder, file } = aFile(someBytes(10));
    rmSync(join(folder, "app.bin"));

    await expect(uploadFile(file, path, aWorld())).rejects.toMatchObject({ code: "unreadable-file" });
  });

  it("tells how far it is", async () => {
    const world = aWorld();

    await uploadFile(aFile(someBytes(40 * mebibyte)).file, path, world);

    expect(world.lines[0]).toMatch(/^uploading app\.bin: 14 % of 40\.0 MiB/);
    expect(world.lines.at(-1)).toMatch(/^uploaded app\.bin: 40\.0 MiB in /);
  });
});

describe("digestOf", () => {
  it("is the SHA-256 of the file", async () => {
    const bytes = someBytes(17 * mebibyte + 3);

    expect(await digestOf(aFile(bytes).file)).toBe(sha256(bytes));
  });
});

function changeAtFirstBlock(world: FakeWorld, change: () => void): FakeWorld {
  let isFirst = true;
  class ChangingStorage extends FakeStorage {
    override async writeBlock(...block: Parameters<FakeStorage["writeBlock"]>): Promise<void> {
      if (isFirst) change();
      isFirst = false;
      return world.storage.writeBlock(...block);
    }
  }
  return { ...world, storage: new ChangingStorage() };
}
