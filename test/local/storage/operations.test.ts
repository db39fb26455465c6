import { blobRequest } from "../../../local/storage/blob-request.ts";
import { operationOf } from "../../../local/storage/operations.ts";

const copySource = { "x-ms-copy-source": "https://127.0.0.1/acct/incoming/a" };

describe("operationOf", () => {
  it.each([
    ["GET", "/acct?comp=list", {}, "List Containers", "containers/read"],
    [
      "POST",
      "/acct?restype=service&comp=userdelegationkey",
      {},
      "Get User Delegation Key",
      "generateUserDelegationKey",
    ],
    ["GET", "/acct/c?restype=container&comp=list&prefix=a", {}, "List Blobs", "blobs/read"],
    ["HEAD", "/acct/c?restype=container", {}, "Get Container Properties", "containers/read"],
    ["PUT", "/acct/c?restype=container", {}, "Create Container", "containers/write"],
    ["GET", "/acct/c/a/b", {}, "Get Blob", "blobs/read"],
    ["HEAD", "/acct/c/a/b", {}, "Get Blob Properties", "blobs/read"],
    ["GET", "/acct/c/a?comp=blocklist", {}, "Get Block List", "blobs/read"],
    ["PUT", "/acct/c/a", { "x-ms-blob-type": "BlockBlob" }, "Put Blob", "create"],
    ["PUT", "/acct/c/a?comp=block&blockid=AA", {}, "Put Block", "blobs/write"],
    ["PUT", "/acct/c/a?comp=blocklist", {}, "Put Block List", "blobs/write"],
    ["PUT", "/acct/c/a", copySource, "Copy Blob", "create"],
    ["DELETE", "/acct/c/a", {}, "Delete Blob", "blobs/delete"],
  ])("takes %s %s with %j for %s, which needs %s", (method, target, headers, name, right) => {
    expect(operationOf(blobRequest(method, target, headers)!)).toMatchObject({ name, right });
  });

  it.each([
    ["PUT", "/acct/c/a?comp=tags", {}],
    ["PUT", "/acct/c/a", { "x-ms-tags": "a=b" }],
    ["PUT", "/acct/c/a?comp=block&blockid=AA", copySource],
    ["PUT", "/acct/c/a", { ...copySource, "x-ms-blob-type": "BlockBlob" }],
    ["PUT", "/acct/c?restype=container&comp=acl", {}],
    ["GET", "/acct/c", {}],
  ])("knows nothing of %s %s with %j", (method, target, headers) => {
    expect(operationOf(blobRequest(method, target, headers)!)).toBeUndefined();
  });
});

describe("blobRequest", () => {
  it("decodes a blob's name once", () => {
    const request = blobRequest("GET", "/acct/incoming/app/1.0.0/a%20b%2525%2Fc?x=1", {});
    expect(request).toMatchObject({ account: "acct", container: "incoming", path: "app/1.0.0/a b%25/c" });
  });

  it.each([
    "/acct/incoming/mine/../other/a",
    "/acct/incoming/mine/%2e%2e/other",
    "/acct/c/./a",
    "/acct/c/%zz",
  ])("refuses %s, which two readers may take for two blobs", (target) => {
    expect(blobRequest("PUT", target, {})).toBeUndefined();
  });
});
