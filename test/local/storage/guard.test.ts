import { createHash } from "node:crypto";
import { ClientAssertionCredential } from "@azure/identity";
import type { AccessToken, TokenCredential } from "@azure/identity";
import {
  BlobServiceClient,
  ContainerClient,
  generateBlobSASQueryParameters,
  BlobSASPermissions,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import type { RestError } from "@azure/storage-blob";
import type { BlobWritten, LocalIdentity } from "../../../local/world.ts";
import {
  functionApp,
  gallery,
  operator,
  releaseJob,
  startLocalWorld,
  tenantId,
  tokenExchange,
  uploader,
} from "../a-local-world.ts";

const reader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
const addOnlyRole = {
  id: "aaaaaaaa-0000-4000-8000-000000000000",
  name: "Adder",
  actions: [],
  notActions: [],
  dataActions: ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action"],
};
const storageAudience = "https://storage.azure.com";
let world: Awaited<ReturnType<typeof startLocalWorld>>;
let backstage: BlobServiceClient;

beforeAll(async () => {
  world = await startLocalWorld([addOnlyRole]);
  backstage = BlobServiceClient.fromConnectionString(world.storage.backstage.blobConnectionString);
});
afterAll(() => world.stop());

describe("the guard", () => {
  it("takes blocks and their list from a job that proved itself with GitHub's token", async () => {
    const credential = new ClientAssertionCredential(
      tenantId,
      uploader.clientId,
      () => world.identities.github.tokenFor(releaseJob, tokenExchange),
      { authorityHost: world.identities.authorityHost, disableInstanceDiscovery: true },
    );
    const blob = containerAs(credential, "incoming").getBlockBlobClient(
      "flooperapp/1.0.0/run-1/pack age+ü.zip",
    );
    await blob.uploadData(Buffer.alloc(9_000_000, 7), { blockSize: 4_194_304, maxSingleShotSize: 1 });
    const stored = await backstage.getContainerClient("incoming").getBlobClient(blob.name).getProperties();
    expect(stored.contentLength).toBe(9_000_000);
  });

  it("tells of a blob once it is committed, and of no single block", async () => {
    const told: BlobWritten[] = [];
    const stop = world.storage.onBlobWritten((blob) => void told.push(blob));
    const blob = as(functionApp, "packages").getBlockBlobClient("told/1.0.0/a b.bin");
    await blob.stageBlock("AAAA", "hello", 5);
    const before = told.length;
    const { etag } = await blob.commitBlockList(["AAAA"], {
      blobHTTPHeaders: { blobContentType: "text/plain" },
    });
    await as(functionApp, "packages").getBlockBlobClient("told/1.0.0/c").upload("abc", 3);
    stop();
    expect(before).toBe(0);
    expect(told).toEqual([
      expect.objectContaining({
        api: "PutBlockList",
        path: "told/1.0.0/a b.bin",
        url: `${world.storage.endpoints["function-subnet"]}/packages/told/1.0.0/a%20b.bin`,
        etag: etag?.replaceAll('"', ""),
        contentLength: 5,
        contentType: "text/plain",
      }),
      expect.objectContaining({ api: "PutBlob", path: "told/1.0.0/c", contentLength: 3 }),
    ]);
  });

  it.each([
    ["the uploader in another application's folder", uploader, "incoming", "other/1.0.0/a", 403],
    ["the uploader in the vault", uploader, "packages", "flooperapp/1.0.0/a", 403],
    ["the uploader in its own folder", uploader, "incoming", "flooperapp/1.0.0/a", 201],
    ["the function in the profiles", functionApp, "applications", "flooperapp.json", 403],
    ["the operator in the reports", operator, "reports", "flooperapp/1.0.0/release.json", 403],
  ])("answers a write of %s by its roles", async (_who, identity, container, path, status) => {
    const upload = as(identity, container).getBlockBlobClient(path).upload("x", 1);
    expect(await outcomeOf(upload)).toEqual(
      status === 201 ? [201, undefined] : [403, "AuthorizationPermissionMismatch"],
    );
  });

  it("lets the uploader neither read, list nor delete what it uploaded", async () => {
    const incoming = as(uploader, "incoming");
    await incoming.getBlockBlobClient("flooperapp/1.0.0/mine").upload("x", 1);
    const attempts = [
      incoming.getBlobClient("flooperapp/1.0.0/mine").download(),
      incoming.getBlobClient("flooperapp/1.0.0/mine").delete(),
      incoming.listBlobsFlat({ prefix: "flooperapp/" }).next(),
    ];
    expect(await Promise.all(attempts.map(outcomeOf))).toEqual(
      attempts.map(() => [403, "AuthorizationPermissionMismatch"]),
    );
  });

  it("lets whoever may only add create a blob, but not replace it", async () => {
    const adder = { principalId: operator.principalId, principalType: "User" };
    const role = { scope: world.storage.containerId("packages"), roleId: addOnlyRole.id };
    world.access.assign({ name: "add-only", ...role, ...adder });
    const blob = as(operator, "packages").getBlockBlobClient("only/once");
    const outcomes = [await outcomeOf(blob.upload("1", 1)), await outcomeOf(blob.upload("2", 1))];
    const blocks = await outcomeOf(blob.stageBlock("AAAA", "x", 1));
    expect([...outcomes, blocks]).toEqual([
      [201, undefined],
      [403, "AuthorizationPermissionMismatch"],
      [403, "AuthorizationPermissionMismatch"],
    ]);
  });

  it("refuses to commit over a blob that must not exist", async () => {
    const blob = as(functionApp, "packages").getBlockBlobClient("twice/a");
    await blob.upload("first", 5);
    await blob.stageBlock("AAAA", "again", 5);
    const commit = blob.commitBlockList(["AAAA"], { conditions: { ifNoneMatch: "*" } });
    expect(await outcomeOf(commit)).toEqual([409, "BlobAlreadyExists"]);
  });

  it("reads with If-Match, and says so when the blob has changed", async () => {
    const blob = as(functionApp, "packages").getBlockBlobClient("flooperapp/changed");
    const { etag = "" } = await blob.upload("first", 5);
    const first = await blob.downloadToBuffer(0, undefined, { conditions: { ifMatch: etag } });
    await blob.upload("second", 6);
    const second = blob.download(0, undefined, { conditions: { ifMatch: etag } });
    expect([first.toString(), await outcomeOf(second)]).toEqual(["first", [412, "ConditionNotMet"]]);
  });

  it("copies within the account for whoever may read the source", async () => {
    await as(uploader, "incoming").getBlockBlobClient("flooperapp/source").upload("copied", 6);
    const url = (identity: LocalIdentity) => as(identity, "incoming").getBlobClient("flooperapp/source").url;
    const copy = await as(functionApp, "packages").getBlobClient("copy/a").syncCopyFromURL(url(functionApp));
    const uploaderCopy = as(uploader, "incoming")
      .getBlobClient("flooperapp/copy")
      .syncCopyFromURL(url(uploader));
    expect([copy.copyStatus, await outcomeOf(uploaderCopy)]).toEqual([
      "success",
      [403, "AuthorizationPermissionMismatch"],
    ]);
  });

  it.each([
    ["expired", () => world.identities.tokenFor(functionApp, storageAudience, -60)],
    ["for Resource Manager", () => world.identities.tokenFor(functionApp, "https://management.azure.com")],
    ["altered", async () => alter(await world.identities.tokenFor(functionApp, storageAudience))],
    ["not a token", async () => "nonsense"],
  ])("answers 401 with a challenge to a token that is %s", async (_what, token) => {
    const address = `${world.storage.endpoints.runner}/reports/a`;
    const answer = await fetch(address, { headers: { authorization: `Bearer ${await token()}` } });
    expect([answer.status, answer.headers.get("x-ms-error-code")]).toEqual([
      401,
      "InvalidAuthenticationInfo",
    ]);
    expect(answer.headers.get("www-authenticate")).toBe(
      `Bearer authorization_uri=${world.identities.authorityHost}/${tenantId}/oauth2/authorize resource_id=https://storage.azure.com`,
    );
  });

  it("refuses keys and signatures while shared keys are forbidden, and takes them when allowed", async () => {
    const { address, signed, withKey } = await keyedAccess();
    const attempt = async () => [
      (await fetch(signed)).headers.get("x-ms-error-code"),
      (await outcomeOf(withKey.getProperties()))[0],
      (await fetch(address)).headers.get("x-ms-error-code"),
    ];
    const locked = await attempt();
    world.storage.configure({ allowSharedKeyAccess: true, allowBlobPublicAccess: true });
    const open = await attempt();
    world.storage.configure({ allowSharedKeyAccess: false, allowBlobPublicAccess: false });
    expect(locked).toEqual(["KeyBasedAuthenticationNotPermitted", 403, "PublicAccessNotPermitted"]);
    expect(open).toEqual([null, 200, "ResourceNotFound"]);
  });

  it("lets only the allowed networks in, whoever asks", async () => {
    const from = (network: "internet" | "runner") =>
      outcomeOf(as(functionApp, "reports", network).getBlobClient("none").getProperties());
    const before = [(await from("internet"))[0], (await from("runner"))[0]];
    const { networkAcls } = world.storage.rules();
    world.storage.configure({ networkAcls: { ...networkAcls, allowedNetworks: ["function-subnet"] } });
    const closed = await from("runner");
    world.storage.configure({ networkAcls });
    expect([before, closed[0]]).toEqual([[403, 404], 403]);
  });

  it("gives delegation keys at the account's scope only", async () => {
    const keyFor = (identity: LocalIdentity) =>
      outcomeOf(
        new BlobServiceClient(world.storage.endpoints.runner, credentialOf(identity)).getUserDelegationKey(
          new Date(),
          new Date(Date.now() + 60_000),
        ),
      );
    const assignment = {
      principalId: gallery.principalId,
      principalType: "ServicePrincipal",
      roleId: reader,
    };
    world.access.assign({ ...assignment, name: "narrow", scope: world.storage.containerId("packages") });
    const narrow = await keyFor(gallery);
    world.access.assign({ ...assignment, name: "wide", scope: world.account.id });
    const wide = await keyFor(gallery);
    world.access.unassign(world.account.id, "wide");
    world.access.unassign(world.storage.containerId("packages"), "narrow");
    expect([narrow, wide]).toEqual([
      [403, "AuthorizationPermissionMismatch"],
      [501, "NotSupportedLocally"],
    ]);
  });

  it.each([
    ["tags", "PUT", "/incoming/flooperapp/a?comp=tags"],
    ["snapshots", "PUT", "/incoming/flooperapp/a?comp=snapshot"],
    ["access lists", "GET", "/incoming?restype=container&comp=acl"],
  ])("says loudly that it does not do %s", async (_what, method, path) => {
    const answer = await fetch(`${world.storage.endpoints.runner}${path}`, { method });
    expect([answer.status, answer.headers.get("x-ms-error-code")]).toEqual([501, "NotSupportedLocally"]);
  });

  it("fails when told to, and is well again afterwards", async () => {
    const blob = as(functionApp, "reports").getBlockBlobClient("fault");
    world.storage.inject(
      { kind: "answer", status: 503, code: "ServerBusy", retryAfterSeconds: 0 },
      ({ operation, path }) => operation === "Put Blob" && path === "fault",
    );
    const answer = await fetch(blob.url, await putBlob(functionApp));
    expect([answer.status, (await blob.upload("x", 1))._response.status]).toEqual([503, 201]);
  });

  it("loses an answer after the work was done", async () => {
    const blob = as(functionApp, "reports").getBlockBlobClient("lost");
    world.storage.inject({ kind: "reset-answer", afterBytes: -1 }, ({ path }) => path === "lost");
    await expect(fetch(blob.url, await putBlob(functionApp))).rejects.toThrow("fetch failed");
    expect(await blob.exists()).toBe(true);
  });

  it("breaks an upload in the middle, which leaves nothing behind", async () => {
    const blob = as(functionApp, "reports").getBlockBlobClient("broken");
    world.storage.inject({ kind: "reset-upload", afterBytes: 1000 }, ({ path }) => path === "broken");
    const upload = fetch(blob.url, await putBlob(functionApp, Buffer.alloc(2_000_000)));
    await expect(upload).rejects.toThrow("fetch failed");
    expect(await blob.exists()).toBe(false);
  });
});

describe("the blob reader", () => {
  it("reads as the gallery does: only with a role, and by its content", async () => {
    const { url } = await uploaded("reader/a", "content");
    const scope = world.storage.containerId("packages");
    const read = (address: string, principalId?: string) => world.storage.reader.read(address, principalId);
    const without = [await read(url), await read(url, gallery.principalId)];
    world.access.assign({
      name: "lease",
      scope,
      roleId: reader,
      principalId: gallery.principalId,
      principalType: "ServicePrincipal",
    });
    const granted = await read(url, gallery.principalId);
    const absent = await read(`${url}2`, gallery.principalId);
    world.access.unassign(scope, "lease");
    expect(without).toEqual([
      { status: 409, code: "PublicAccessNotPermitted" },
      { status: 403, code: "AuthorizationPermissionMismatch" },
    ]);
    const sha256 = createHash("sha256").update("content").digest("hex");
    expect(granted).toMatchObject({ status: 200, size: 7, blobType: "BlockBlob", sha256 });
    expect(absent).toEqual({ status: 404, code: "BlobNotFound" });
  });

  it("is kept out when trusted services may not pass the firewall", async () => {
    const { url } = await uploaded("reader/b", "content");
    const { networkAcls } = world.storage.rules();
    world.storage.configure({ networkAcls: { ...networkAcls, bypass: "None" } });
    const reading = await world.storage.reader.read(url, functionApp.principalId);
    world.storage.configure({ networkAcls });
    expect(reading).toEqual({ status: 403, code: "AuthorizationFailure" });
  });

  it.each([["https://elsewhere.example/a/b/c"], ["not an address"]])(
    "knows nothing of %s",
    async (address) => {
      expect(await world.storage.reader.read(address, functionApp.principalId)).toBeUndefined();
    },
  );

  it("refuses a signature in the address while shared keys are forbidden", async () => {
    const { signed } = await keyedAccess();
    expect(await world.storage.reader.read(signed, undefined)).toEqual({
      status: 403,
      code: "KeyBasedAuthenticationNotPermitted",
    });
  });
});

function credentialOf(identity: LocalIdentity): TokenCredential {
  return {
    getToken: async (): Promise<AccessToken> => ({
      token: await world.identities.tokenFor(identity, storageAudience),
      expiresOnTimestamp: Date.now() + 3_600_000,
    }),
  };
}

function as(identity: LocalIdentity, container: string, network: "internet" | "runner" = "runner") {
  return containerAs(credentialOf(identity), container, network);
}

function containerAs(
  credential: TokenCredential,
  container: string,
  network: "internet" | "runner" = "runner",
): ContainerClient {
  return new ContainerClient(`${world.storage.endpoints[network]}/${container}`, credential);
}

async function outcomeOf(request: Promise<any>): Promise<[number, string | undefined]> {
  try {
    const answer = await request;
    return [answer._response?.status ?? 200, undefined];
  } catch (error) {
    const { statusCode, code, details } = error as RestError;
    return [statusCode ?? 0, code ?? (details as { errorCode?: string } | undefined)?.errorCode];
  }
}

async function uploaded(path: string, content: string) {
  const blob = as(functionApp, "packages").getBlockBlobClient(path);
  await blob.upload(content, content.length);
  return { url: `${world.storage.endpoints["function-subnet"]}/packages/${path}` };
}

async function putBlob(identity: LocalIdentity, body: string | Buffer = "x"): Promise<RequestInit> {
  return {
    method: "PUT",
    body: new Uint8Array(Buffer.from(body)),
    headers: {
      authorization: `Bearer ${await world.identities.tokenFor(identity, storageAudience)}`,
      "x-ms-blob-type": "BlockBlob",
      "x-ms-version": "2025-11-05",
    },
  };
}

async function keyedAccess() {
  await as(functionApp, "packages").getBlockBlobClient("keyed").upload("x", 1);
  const { blobConnectionString } = world.storage.backstage;
  const key = /AccountKey=([^;]+)/.exec(blobConnectionString)?.[1] ?? "";
  const shared = new StorageSharedKeyCredential(world.account.name, key);
  const address = `${world.storage.endpoints.runner}/packages/keyed`;
  const sas = generateBlobSASQueryParameters(
    {
      containerName: "packages",
      blobName: "keyed",
      permissions: BlobSASPermissions.parse("r"),
      expiresOn: new Date(Date.now() + 60_000),
    },
    shared,
  );
  const withKey = new ContainerClient(`${world.storage.endpoints.runner}/packages`, shared).getBlobClient(
    "keyed",
  );
  return { address, signed: `${address}?${sas.toString()}`, withKey };
}

function alter(token: string): string {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const forged = Buffer.from(JSON.stringify({ ...claims, oid: uploader.principalId })).toString("base64url");
  return [header, forged, signature].join(".");
}
