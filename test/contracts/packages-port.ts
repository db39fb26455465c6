/* eslint jest/no-export: "off" -- a suite that the test file of each implementation calls */
import { createHash } from "node:crypto";
import type { Packages } from "../../functions/ports.ts";

/** A packages account under test, and a hand behind its scenes. */
export interface PackagesUnderTest {
  readonly packages: Packages;
  readonly drop: (path: string, bytes: string | Buffer) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  /** What lies in the vault, committed; undefined when nothing does. */
  readonly vaultBytes: (path: string) => Promise<Buffer | undefined>;
  readonly writeProfile: (application: string, text: string) => Promise<void>;
}

function digestOf(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** What every implementation of `Packages` promises. `create` gives an empty account. */
export function itKeepsPackages(create: () => Promise<PackagesUnderTest>): void {
  async function withFile(bytes: string | Buffer, path = "app/1.0.0/run-1/app.tar.gz") {
    const under = await create();
    await under.drop(path, bytes);
    const [file] = await under.packages.list(path.slice(0, path.lastIndexOf("/") + 1));
    return { ...under, file: file! };
  }

  it("lists the files right under a prefix, with their sizes", async () => {
    const { packages, drop } = await create();
    await drop("app/1.0.0/b.zip", "bb");
    await drop("app/1.0.0/a.zip", "a");
    await drop("app/1.0.0/run-1/c.zip", "c");
    await drop("app/1.0.01/d.zip", "d");

    const files = await packages.list("app/1.0.0/");

    expect(files.map(({ path, size }) => [path, size])).toEqual([
      ["app/1.0.0/a.zip", 1],
      ["app/1.0.0/b.zip", 2],
    ]);
  });

  it("lists nothing where nothing was dropped", async () => {
    expect(await (await create()).packages.list("app/1.0.0/")).toEqual([]);
  });

  it("gives a file that is written again another ETag", async () => {
    const { packages, drop, file } = await withFile("one");
    await drop(file.path, "two");

    expect((await packages.list("app/1.0.0/run-1/"))[0]?.etag).not.toBe(file.etag);
  });

  it.each(["{}", ""])("reads a dropped file as text: %j", async (text) => {
    const { packages, file } = await withFile(text);

    expect(await packages.readDropped(file)).toEqual({ text });
  });

  it("reads no more of a document than shows that it is too large", async () => {
    const { packages, file } = await withFile("x".repeat(100_000));

    expect(await packages.readDropped(file)).toEqual({ text: "x".repeat(65_537) });
  });

  it("digests a dropped file", async () => {
    const { packages, file } = await withFile("some bytes");

    expect(await packages.digest(file)).toEqual({ size: 10, sha256: digestOf("some bytes") });
  });

  it("copies a file of several blocks into the vault", async () => {
    const bytes = Buffer.alloc(20 * 1024 * 1024 + 3, "0123456789abcdef-");
    const { packages, file, vaultBytes } = await withFile(bytes);
    const place = { path: "app/1.0.0/x/app.tar.gz", size: bytes.length, sha256: digestOf(bytes) };

    expect(await packages.copyIntoVault(file, place)).toBe("in-vault");
    expect(digestOf((await vaultBytes(place.path))!)).toBe(place.sha256);
  });

  it("copies nothing whose bytes are not what they should be, and says what they are", async () => {
    const { packages, file, vaultBytes } = await withFile("other bytes");
    const place = { path: "app/1.0.0/x/app.tar.gz", size: 11, sha256: digestOf("right bytes") };

    expect(await packages.copyIntoVault(file, place)).toEqual({ size: 11, sha256: digestOf("other bytes") });
    expect(await vaultBytes(place.path)).toBeUndefined();
  });

  it("copies the same again, also at the same time, without harm", async () => {
    const { packages, file } = await withFile("some bytes");
    const place = { path: "app/1.0.0/x/app.tar.gz", size: 10, sha256: digestOf("some bytes") };

    const twice = await Promise.all([
      packages.copyIntoVault(file, place),
      packages.copyIntoVault(file, place),
    ]);

    expect([...twice, await packages.copyIntoVault(file, place)]).toEqual([
      "in-vault",
      "in-vault",
      "in-vault",
    ]);
  });

  it.each(["readDropped", "digest", "copyIntoVault"] as const)(
    "%s tells a file that was lost",
    async (method) => {
      const { packages, drop, remove, file } = await withFile("some bytes");
      const place = { path: "app/1.0.0/x/app.tar.gz", size: 10, sha256: digestOf("some bytes") };

      await drop(file.path, "other");
      expect(await packages[method](file, place)).toBe("changed");
      await remove(file.path);
      // The emulator finds the ETag of a blob that is gone to be another.
      expect(["gone", "changed"]).toContain(await packages[method](file, place));
    },
  );

  it("keeps a small text in the vault, and takes the same again", async () => {
    const { packages } = await create();
    await packages.writeIntoVault("app/1.0.0/x/manifest.json", "{}\n");
    await packages.writeIntoVault("app/1.0.0/x/manifest.json", "{}\n");

    expect(await packages.readFromVault("app/1.0.0/x/manifest.json")).toBe("{}\n");
  });

  it("throws when it is to read what is not in the vault", async () => {
    const { packages } = await create();

    await expect(packages.readFromVault("app/1.0.0/x/manifest.json")).rejects.toMatchObject({
      name: "AzureRefusal",
      answer: { service: "storage", status: 404, code: "BlobNotFound" },
    });
  });

  it("knows the vault's addresses, both ways", async () => {
    const { packages } = await create();
    const url = packages.vaultUrl("app/1.0.0/x/my app.zip");

    expect(url).toMatch(/^https?:\/\/.*\/packages\/app\/1\.0\.0\/x\/my%20app\.zip$/);
    expect(packages.vaultPathOf(url)).toBe("app/1.0.0/x/my app.zip");
    expect(packages.vaultPathOf("https://elsewhere.test/packages/x")).toBeUndefined();
  });

  it("reads a profile, or that there is none", async () => {
    const { packages, writeProfile } = await create();
    await writeProfile("app", "{}");

    expect(await packages.readProfile("app")).toBe("{}");
    expect(await packages.readProfile("other")).toBeUndefined();
    await expect(packages.readProfile("App")).rejects.toMatchObject({ code: "application-spelling" });
  });
}
