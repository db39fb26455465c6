import { type Arm, withApiVersion } from "../../../functions/azure/arm-requests.ts";
import { azureAccess } from "../../../functions/azure/access.ts";
import { azureGallery } from "../../../functions/azure/gallery.ts";
import { trustInThisProcess } from "../../../local/certificates.ts";
import { itLeasesAccess } from "../../contracts/access-port.ts";
import { aVersionIn, itPublishesVersions } from "../../contracts/gallery-port.ts";
import {
  accountId,
  type ArmFixture,
  blobReaderRole,
  identityId,
  mediaLink,
  reader,
  startFixture,
  subscription,
  testCertificates,
} from "../../local/arm/arm-fixture.ts";

// The same code as in production, on a stand-in for Azure Resource Manager.

const credential = { getToken: async () => ({ token: "good", expiresOnTimestamp: Date.now() + 3_600_000 }) };
const started: ArmFixture[] = [];

beforeAll(async () => trustInThisProcess(await testCertificates()));

afterEach(async () => {
  for (const fixture of started.splice(0)) await fixture.arm.stop();
});

async function aFixture(): Promise<{ fixture: ArmFixture; arm: Arm }> {
  const fixture = await startFixture();
  started.push(fixture);
  const { endpoint } = fixture.arm;
  return { fixture, arm: { endpoint, scope: `${endpoint}/.default`, galleryApiVersion: "2024-03-03" } };
}

function galleryOf(arm: Arm, identity = identityId) {
  const place = { subscriptionId: subscription, resourceGroup: "apps", name: "apps_gallery", identity };
  return azureGallery(credential, arm, place);
}

function accessOf(arm: Arm) {
  return azureAccess(credential, arm, {
    subscriptionId: subscription,
    roleId: blobReaderRole,
    scope: accountId,
  });
}

describe("azureGallery", () => {
  itPublishesVersions(async () => {
    const { fixture, arm } = await aFixture();
    fixture.grantReader();
    return {
      gallery: galleryOf(arm),
      source: { mediaLink },
      finishReplication: () => fixture.clock.advance(600),
      lockPackages: async () => {
        fixture.access.assignments = [];
      },
    };
  });

  it("asks for the configured api-version", async () => {
    const { arm } = await aFixture();

    await expect(galleryOf({ ...arm, galleryApiVersion: "2031-01-01" }).read()).rejects.toMatchObject({
      answer: { code: "NoRegisteredProviderFound", message: expect.stringContaining("'2031-01-01'") },
    });
  });

  it("has a remedy for a gallery without the identity that is to read", async () => {
    const { arm } = await aFixture();

    await expect(galleryOf(arm, "system").read()).rejects.toMatchObject({
      code: "gallery-identity-missing",
      message: expect.stringContaining(`it has ${identityId}`),
    });
  });

  it("may not be allowed to list regions", async () => {
    const { fixture, arm } = await aFixture();
    fixture.access.denied.add("Microsoft.Resources/subscriptions/locations/read");

    expect(await galleryOf(arm).regions()).toBeUndefined();
  });

  it("tells that there is no answer as a refusal without status", async () => {
    const { arm } = await aFixture();
    const nobody = { ...arm, endpoint: "https://127.0.0.1:1" };

    await expect(galleryOf(nobody).read()).rejects.toMatchObject({
      answer: { status: 0, code: "ECONNREFUSED" },
    });
    await expect(galleryOf(nobody).regions()).rejects.toMatchObject({ answer: { status: 0 } });
  });

  it("knows why an operation failed that was accepted, from its signed address", async () => {
    const { fixture, arm } = await aFixture();
    fixture.grantReader();
    const message = JSON.stringify({
      error: { code: "OperationNotAllowed", message: "exceeding the quota" },
    });
    fixture.arm.faults.failOperation({ code: "GalleryApplicationVersionInternalError", message });
    const gallery = galleryOf(arm);
    const operation = (await aVersionIn({ gallery, source: { mediaLink } }, ["eastus"])) ?? "";

    expect(operation).toContain("/capsOperations/");
    expect(await gallery.whyFailed(operation)).toBeUndefined();
    await fixture.clock.advance(600);

    expect(await gallery.whyFailed(operation)).toBe(
      "exceeding the quota [GalleryApplicationVersionInternalError]",
    );
    fixture.access.denied.add("Microsoft.Compute/locations/capsOperations/read");
    expect(await gallery.whyFailed(operation)).toBeUndefined();
    expect(await gallery.whyFailed(`https://elsewhere.example/${operation}`)).toBeUndefined();
  });

  it("passes on how long Azure asks to wait", async () => {
    const { arm } = await aFixture();
    const gallery = galleryOf(arm);
    let refused: PromiseRejectedResult | undefined;
    // Few at a time: a busy machine does not answer hundreds of new connections in time.
    for (let round = 0; round < 40 && !refused; round++) {
      const answers = await Promise.allSettled(Array.from({ length: 20 }, () => gallery.read()));
      refused = answers.find((answer) => answer.status === "rejected");
    }

    expect(refused?.reason).toMatchObject({
      answer: { service: "gallery", status: 429, retryAfterSeconds: expect.any(Number) },
    });
  });
});

describe("azureAccess", () => {
  itLeasesAccess(async () => {
    const { fixture, arm } = await aFixture();
    return {
      access: accessOf(arm),
      principalId: reader.principalId,
      assignBySomebody: async () => fixture.grantReader(accountId),
      assignments: async () => fixture.access.assignments.length,
    };
  });

  it("tells a refusal with Azure's code", async () => {
    const { fixture, arm } = await aFixture();
    fixture.access.denied.add("Microsoft.Authorization/roleAssignments/write");

    await expect(accessOf(arm).grant(reader.principalId)).rejects.toMatchObject({
      answer: { service: "access", status: 403, code: "AuthorizationFailed" },
    });
  });
});

describe("withApiVersion", () => {
  it.each([
    ["https://a/x?api-version=2025-12-03", "https://a/x?api-version=2024-03-03"],
    ["https://a/x?$expand=R&api-version=2025-12-03&b=c", "https://a/x?$expand=R&api-version=2024-03-03&b=c"],
    ["https://a/x", "https://a/x"],
    [
      "https://a/capsOperations/1?api-version=2025-12-03&s=x",
      "https://a/capsOperations/1?api-version=2025-12-03&s=x",
    ],
  ])("makes of %s: %s", (url, expected) => {
    expect(withApiVersion(url, "2024-03-03")).toBe(expected);
  });
});
