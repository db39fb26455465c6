import { ManagedIdentityCredential } from "@azure/identity";
import { functionApp, gallery, startIdentities, storageScope } from "../a-local-world.ts";

let identities: Awaited<ReturnType<typeof startIdentities>>;

beforeAll(async () => {
  identities = await startIdentities();
  const endpoint = await identities.attach({ systemAssigned: gallery, userAssigned: [functionApp] });
  Object.assign(process.env, endpoint.appEnvironment);
});
afterAll(() => identities.stop());

describe("an app's identity endpoint", () => {
  it.each([
    ["the system-assigned identity", {}, gallery],
    ["a client id", { clientId: functionApp.clientId }, functionApp],
    ["a resource id", { resourceId: functionApp.resourceId! }, functionApp],
    ["an object id", { objectId: functionApp.principalId }, functionApp],
  ])("gives the unmodified SDK a token for %s", async (_what, options, expected) => {
    const { token } = await new ManagedIdentityCredential(options as { clientId: string }).getToken(
      storageScope,
    );
    const caller = await identities.tokens.verify(`Bearer ${token}`, ["https://storage.azure.com"]);
    expect(caller).toEqual(expected);
  });

  it("has no token for an identity that is not attached", async () => {
    const credential = new ManagedIdentityCredential({ clientId: "99999999-0000-4000-8000-000000000001" });
    await expect(credential.getToken(storageScope)).rejects.toThrow(
      "No User Assigned or Delegated Managed Identity",
    );
  });

  it("wants its header", async () => {
    const url = `${process.env["IDENTITY_ENDPOINT"] ?? ""}?api-version=2019-08-01&resource=https://storage.azure.com`;
    expect((await fetch(url)).status).toBe(401);
  });
});
