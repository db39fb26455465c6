/* eslint jest/no-export: "off" -- a suite that the test file of each implementation calls */
import { randomUUID } from "node:crypto";
import type { TokenCredential } from "@azure/identity";
import type { createStorage, Storage } from "../../action/storage.ts";

/** An account in which the uploader of `flooperapp` may do what uploaders may. */
export interface UploaderAccount {
  readonly create: (...args: Parameters<typeof createStorage>) => Storage;
  readonly blobEndpoint: string;
  readonly tenantId: string;
  readonly token: () => Promise<string>;
  readonly bytesOf: (path: string) => Promise<Buffer>;
  readonly saveReport: (path: string, text: string) => Promise<void>;
}

/** What every implementation of the Action's `Storage` promises. */
export function itUploads(given: () => UploaderAccount): void {
  const open = (credential: Partial<TokenCredential> = {}, options = {}): Storage =>
    given().create(
      { name: "flooperpackages", blobEndpoint: given().blobEndpoint },
      {
        getToken: async () => ({ token: await given().token(), expiresOnTimestamp: Date.now() + 3_600_000 }),
        ...credential,
      },
      options,
    );
  const aPath = (): string => `flooperapp/1.2.0/run-${randomUUID()}/app with space.bin`;
  const signal = new AbortController().signal;

  it("creates a blob once", async () => {
    const path = aPath();

    expect(await open().createBlob(path, Buffer.from("first"), "text/plain")).toBe("written");
    expect(await open().createBlob(path, Buffer.from("second"), "text/plain")).toBe("exists");
    expect((await given().bytesOf(path)).toString()).toBe("first");
  });

  it.each([{}, { blockChecksums: true }])(
    "commits blocks in the order of the list, with %j",
    async (options) => {
      const [storage, path] = [open({}, options), aPath()];
      const one = Buffer.alloc(600_000, "1");
      const ids = ["bGF0ZXI=", "Zmlyc3Q="];
      await storage.writeBlock(path, ids[1]!, Buffer.from("end"), signal);
      await storage.writeBlock(path, ids[0]!, one, signal);

      expect(await storage.commitBlocks(path, ids, "application/octet-stream")).toBe("written");
      expect((await given().bytesOf(path)).equals(Buffer.concat([one, Buffer.from("end")]))).toBe(true);
      expect(await storage.commitBlocks(path, ids, "application/octet-stream")).not.toBe("written");
    },
  );

  it("creates a small blob with a checksum, too", async () => {
    const path = aPath();

    expect(await open({}, { blockChecksums: true }).createBlob(path, Buffer.from("x"), "a/b")).toBe(
      "written",
    );
    expect((await given().bytesOf(path)).toString()).toBe("x");
  });

  it("reads a report, and finds none where there is none", async () => {
    await given().saveReport("flooperapp/1.2.0/release.json", '{"text":"ü"}');

    expect(await open().readReport("flooperapp/1.2.0/release.json")).toBe('{"text":"ü"}');
    expect(await open().readReport("flooperapp/9.9.9/release.json")).toBeUndefined();
  });

  it("tells whether a blob may be created, and creates none", async () => {
    const path = aPath();

    await open().checkMayCreate(path);

    await expect(open().checkMayCreate("otherapp/1.2.0/run-1/app.bin")).rejects.toMatchObject({
      code: "storage-role",
    });
    await expect(given().bytesOf(path)).rejects.toMatchObject({ statusCode: 404 });
  });

  it("asks for a token of the tenant that the account names", async () => {
    const asked: (string | undefined)[] = [];
    const storage = open({
      getToken: async (_, options) => {
        asked.push(options?.tenantId);
        const token = options?.tenantId === undefined ? "of-another-tenant" : await given().token();
        return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    });

    expect(await storage.readReport("flooperapp/9.9.9/release.json")).toBeUndefined();
    expect(asked).toEqual([undefined, given().tenantId]);
  });

  it("hands on why there is no token", async () => {
    const storage = open({ getToken: () => Promise.reject(new Error("nobody is signed in")) });

    await expect(storage.readReport("flooperapp/1.2.0/release.json")).rejects.toThrow("nobody is signed in");
  });

  it("stops a block when it is told to", async () => {
    const writing = open().writeBlock(aPath(), "Zmlyc3Q=", Buffer.from("x"), AbortSignal.abort());

    await expect(writing).rejects.toMatchObject({ code: expect.any(String) });
  });

  it("says when the account does not answer", async () => {
    const storage = given().create(
      { name: "nobody", blobEndpoint: "https://127.0.0.1:9" },
      { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }) },
    );

    await expect(storage.readReport("a/1.0.0/release.json")).rejects.toMatchObject({
      kind: "transient",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });
}
