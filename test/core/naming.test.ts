import fc from "fast-check";
import * as naming from "../../core/naming.ts";
import { aDigest } from "./samples.ts";

const endpoint = "https://acct.blob.core.windows.net";
const plain = fc.stringMatching(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,20}[A-Za-z0-9_-])?$/);
const anyName = fc
  .string({ unit: "binary", minLength: 1, maxLength: 12 })
  .filter((text) => !text.includes("/"));
const weird = fc.constantFrom(
  "",
  ".",
  "..",
  "a.",
  "\\",
  "a\\b",
  "a\nb",
  "\ud800",
  "%2e%2e",
  "run-..",
  "run-a b",
  "a b",
);
const version = fc.tuple(fc.nat(9), fc.nat(99), fc.nat()).map((numbers) => numbers.join("."));

describe("dropOfPath", () => {
  it.each([
    ["app/1.2.0/x.deb", "", "x.deb"],
    ["app/1.2.0/run-1-1-0a0b0c0d/manifest.json", "run-1-1-0a0b0c0d", "manifest.json"],
    ["app/1.2.0/New folder (2)/my package.deb", "New folder (2)", "my package.deb"],
    ["app/not-a-version/x.deb", "", "x.deb"],
  ])("finds the drop of %s", (path, folder, file) => {
    const found = naming.dropOfPath(path);

    expect(found).toMatchObject({ drop: { application: "app", folder }, file });
    expect(naming.dropPrefix(found!.drop) + found!.file).toBe(path);
  });

  it.each([
    "",
    "x.deb",
    "app/x.deb",
    "app/1.2.0/",
    "app//x.deb",
    "app/1.2.0//x.deb",
    "/1.2.0/x.deb",
    "app/1.2.0/a/b/x.deb",
    "../1.2.0/x.deb",
    "app/../x.deb",
    "app/1.2.0/..",
    "app/1.2.0/../x.deb",
    "app/1.2.0/./x.deb",
    "app/1.2.0/run-1 /x.deb",
    "app/1.2.0/run-%2e/manifest.json",
    "app/1.2.0/a\\b/x.deb",
    "app/1.2.0/x\n.deb",
    "app/1.2.0/\ud800",
    "my app/1.2.0/x.deb",
    `app/1.2.0/${"x".repeat(251)}`,
  ])("knows no drop of %j", (path) => {
    expect(naming.dropOfPath(path)).toBeUndefined();
  });

  it("gives back what the paths of a drop were made of", () => {
    const folder = fc.oneof(fc.constant(""), plain);
    fc.assert(
      fc.property(plain, version, folder, plain, (application, version, folder, file) => {
        const drop = { application, version, folder };
        expect(naming.dropOfPath(naming.dropPrefix(drop) + file)).toEqual({ drop, file });
        expect(naming.dropOfPath(naming.manifestPath(drop))).toEqual({ drop, file: "manifest.json" });
      }),
    );
  });

  it("gives no drop whose paths leave their container, whatever a blob is called", () => {
    const part = fc.oneof(anyName, weird, plain);
    fc.assert(
      fc.property(fc.array(part, { minLength: 3, maxLength: 4 }), (parts) => {
        const path = parts.join("/");
        const found = naming.dropOfPath(path);
        fc.pre(found !== undefined);
        const submission = { ...found.drop, submission: found.drop.folder || "drop-0" };
        const paths = [
          ["incoming", path],
          ["reports", naming.releaseReportPath(found.drop)],
          ["applications", naming.profilePath(found.drop.application)],
          ...(naming.isCommittedByManifest(found.drop)
            ? [["reports", naming.submissionReportPath(submission)]]
            : []),
        ] as [string, string][];
        for (const [container, path] of paths) {
          const url = naming.blobUrl(endpoint, container, path);
          expect(new URL(url).pathname.split("/")).toHaveLength(path.split("/").length + 2);
          expect(naming.pathOfBlobUrl(url, endpoint, container)).toBe(path);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("isCommittedByManifest", () => {
  it.each([
    ["run-1-1-aa", true],
    ["api-1", true],
    ["", false],
    ["running", false],
    ["my-run-1", false],
  ])("tells of the folder %j: %s", (folder, expected) => {
    expect(naming.isCommittedByManifest({ application: "a", version: "1.0.0", folder })).toBe(expected);
  });

  it("holds for the folders of the Action", () => {
    const folder = naming.runFolder("12345", "2", "0a0b0c0d");

    expect(folder).toBe("run-12345-2-0a0b0c0d");
    expect(naming.isCommittedByManifest({ application: "a", version: "1.0.0", folder })).toBe(true);
  });
});

describe("isPlainSegment", () => {
  it.each([
    ["1.2.0", true],
    ["1.2.0+b-1_x", true],
    ["a".repeat(117), true],
    ["a".repeat(118), false],
    ["", false],
    ["..", false],
    [".a", false],
    ["a.", false],
    ["a b", false],
    ["a%2f", false],
  ])("tells of %j: %s", (text, expected) => {
    expect(naming.isPlainSegment(text)).toBe(expected);
  });
});

describe("paths", () => {
  const release = { application: "app", version: "1.2.0" };

  it("are those of the four containers", () => {
    expect(naming.containers).toEqual({
      dropBox: "incoming",
      vault: "packages",
      reports: "reports",
      profiles: "applications",
    });
    expect(naming.vaultPath(release, aDigest, "x.deb")).toBe(`app/1.2.0/${aDigest}/x.deb`);
    expect(naming.releaseReportPath(release)).toBe("app/1.2.0/release.json");
    expect(naming.submissionReportPath({ ...release, submission: "run-1" })).toBe("app/1.2.0/run-1.json");
    expect(naming.profilePath("app")).toBe("app.json");
  });

  it("never give two submissions or a release and a submission the same report", () => {
    fc.assert(
      fc.property(plain, version, plain, plain, (application, version, one, other) => {
        fc.pre(one !== other);
        const reportOf = (name: string) =>
          naming.submissionReportPath({ application, version, submission: naming.runFolder("1", "1", name) });
        expect(reportOf(one)).not.toBe(reportOf(other));
        expect(reportOf(one)).not.toBe(naming.releaseReportPath({ application, version }));
      }),
    );
  });

  it("tell the digest in a path of the vault and in no other", () => {
    expect(naming.digestOfVaultPath(naming.vaultPath(release, aDigest, "x.deb"))).toBe(aDigest);
    expect(naming.digestOfVaultPath(`app/1.2.0/${aDigest}`)).toBeUndefined();
    expect(naming.digestOfVaultPath(`app/1.2.0/${aDigest}/a/b`)).toBeUndefined();
    expect(naming.digestOfVaultPath(`app/1.2.0/${aDigest.toUpperCase()}/x`)).toBeUndefined();
    expect(naming.digestOfVaultPath(`app/1.2.0/${aDigest}0/x`)).toBeUndefined();
  });
});

describe("blobUrl", () => {
  it.each([
    [endpoint, "https://acct.blob.core.windows.net/packages/a/b%20c%2Bd"],
    [`${endpoint}/`, "https://acct.blob.core.windows.net/packages/a/b%20c%2Bd"],
    ["https://127.0.0.1:10000/acct", "https://127.0.0.1:10000/acct/packages/a/b%20c%2Bd"],
    ["https://user:secret@acct.net/?sv=1&sig=2#x", "https://acct.net/packages/a/b%20c%2Bd"],
  ])("is the plain address below %s", (blobEndpoint, url) => {
    expect(naming.blobUrl(blobEndpoint, "packages", "a/b c+d")).toBe(url);
  });

  it("never has a query, whatever the file is called", () => {
    expect(naming.blobUrl(endpoint, "packages", "a/b?sig=x#y")).toBe(
      `${endpoint}/packages/a/b%3Fsig%3Dx%23y`,
    );
  });

  it.each(["../x", "a/../b", "a/./b", "a//b", "", "/a"])(
    "is not made of %j, which a reader would change",
    (path) => {
      expect(() => naming.blobUrl(endpoint, "packages", path)).toThrow(TypeError);
    },
  );
});

describe("pathOfBlobUrl", () => {
  it("gives back every path that an address was made of", () => {
    const part = anyName.filter((text) => text !== "." && text !== ".." && !/\p{Cs}/u.test(text));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const url = naming.blobUrl(endpoint, "packages", parts.join("/"));
        expect(naming.pathOfBlobUrl(url, endpoint, "packages")).toBe(parts.join("/"));
      }),
    );
  });

  it.each([
    ["https://ACCT.blob.core.windows.net:443/packages/a/b", "a/b"],
    [`${endpoint}/packages/a/b?sv=1&sig=2`, "a/b"],
    [`${endpoint}/packages/x/../a/b`, "a/b"],
  ])("reads %s as Azure would", (url, path) => {
    expect(naming.pathOfBlobUrl(url, endpoint, "packages")).toBe(path);
  });

  it.each([
    "https://acct.evil.net/packages/a/b",
    "https://acct.blob.core.windows.net.evil.net/packages/a/b",
    "https://acct.blob.core.windows.net@evil.net/packages/a/b",
    "https://evil@acct.blob.core.windows.net/packages/a/b",
    "https://acct2.blob.core.windows.net/packages/a/b",
    "http://acct.blob.core.windows.net/packages/a/b",
    "https://acct.blob.core.windows.net:444/packages/a/b",
    "https://acct.blob.core.windows.net/packages2/a/b",
    "https://acct.blob.core.windows.net/packages/../incoming/a/b",
    "https://acct.blob.core.windows.net/packages/%2e%2e/incoming/a",
    "https://acct.blob.core.windows.net/Packages/a/b",
    "https://acct.blob.core.windows.net/packages/",
    "https://acct.blob.core.windows.net/packages",
    "https://acct.blob.core.windows.net/packages/%",
    "packages/a/b",
    "",
  ])("knows that %s lies elsewhere", (url) => {
    expect(naming.pathOfBlobUrl(url, endpoint, "packages")).toBeUndefined();
  });

  it("takes no account for another whose name it begins with", () => {
    const local = "https://127.0.0.1:10000/acct";

    expect(naming.pathOfBlobUrl("https://127.0.0.1:10000/acct/packages/a", local, "packages")).toBe("a");
    expect(
      naming.pathOfBlobUrl("https://127.0.0.1:10000/acct2/packages/a", local, "packages"),
    ).toBeUndefined();
  });
});

describe("handDropId", () => {
  const one = { path: "app/1.2.0/x.deb", etag: "0x1" };
  const other = { path: "app/1.2.0/y.deb", etag: "0x2" };

  it("is the same whatever the order of files and the quotes of ETags", () => {
    expect(naming.handDropId([one, other])).toBe(naming.handDropId([other, { ...one, etag: '"0x1"' }]));
    expect(naming.handDropId([one])).toMatch(/^drop-[0-9a-f]{32}$/);
  });

  it("changes whenever a file does", () => {
    const ids = [
      [one],
      [other],
      [one, other],
      [{ ...one, etag: "0x3" }],
      [{ ...one, path: "app/1.2.0/z.deb" }],
      [],
    ];

    expect(new Set(ids.map((blobs) => naming.handDropId(blobs))).size).toBe(ids.length);
  });

  it("does not take two files for one whose name has a line break", () => {
    const both = naming.handDropId([
      { path: "a", etag: "1" },
      { path: "b", etag: "2" },
    ]);

    expect(naming.handDropId([{ path: "a\n1\nb", etag: "2" }])).not.toBe(both);
  });
});

describe("storyInstanceId", () => {
  const drop = { application: "app", version: "1.2.0", folder: "run-1" };

  it("is 64 hex digits, which every storage of Durable Functions takes", () => {
    expect(naming.storyInstanceId(drop, 0)).toMatch(/^[0-9a-f]{64}$/);
    expect(naming.storyInstanceId(drop, 0)).toBe(naming.storyInstanceId({ ...drop }, 0));
  });

  it("differs for every drop and generation", () => {
    const ids = [
      naming.storyInstanceId(drop, 0),
      naming.storyInstanceId(drop, 1),
      naming.storyInstanceId({ ...drop, folder: "" }, 0),
      naming.storyInstanceId({ ...drop, version: "1.2.1" }, 0),
      naming.storyInstanceId({ ...drop, application: "app2" }, 0),
    ];

    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("roleAssignmentName", () => {
  const scope = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Storage/storageAccounts/acct";
  const role = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
  const principal = "00000000-0000-0000-0000-000000000001";

  it("is the UUIDv5 that it has always been, since assignments are found again by it", () => {
    expect(naming.roleAssignmentName(scope, role, principal)).toBe("ead53ece-2a59-59cb-bdbd-994ae1b39534");
  });

  it("does not tell case apart, as Azure does not", () => {
    expect(naming.roleAssignmentName(scope.toUpperCase(), role.toUpperCase(), principal)).toBe(
      naming.roleAssignmentName(scope, role, principal),
    );
  });

  it("is a UUIDv5 of its own for each scope, role and principal", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid(), { minLength: 4, maxLength: 4 }), ([a, b, c, d]) => {
        const name = naming.roleAssignmentName(a!, b!, c!);
        expect(name).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(naming.roleAssignmentName(d!, b!, c!)).not.toBe(name);
        expect(naming.roleAssignmentName(a!, d!, c!)).not.toBe(name);
        expect(naming.roleAssignmentName(a!, b!, d!)).not.toBe(name);
      }),
    );
  });
});
