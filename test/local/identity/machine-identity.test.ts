import { ManagedIdentityCredential } from "@azure/identity";
import { functionApp, startIdentities, storageScope } from "../a-local-world.ts";

let identities: Awaited<ReturnType<typeof startIdentities>>;

beforeAll(async () => {
  identities = await startIdentities();
  const endpoint = await identities.attach({ userAssigned: [functionApp] });
  Object.assign(process.env, endpoint.machineEnvironment);
});
afterAll(() => identities.stop());

describe("a machine's identity endpoint", () => {
  it.each([
    ["its only identity, unnamed", {}],
    ["a client id", { clientId: functionApp.clientId }],
    ["a resource id", { resourceId: functionApp.resourceId! }],
    ["an object id", { objectId: functionApp.principalId }],
  ])("gives the unmodified SDK a token for %s", async (_what, options) => {
    const { token } = await new ManagedIdentityCredential(options as { clientId: string }).getToken(
      storageScope,
    );
    const caller = await identities.tokens.verify(`Bearer ${token}`, ["https://storage.azure.com"]);
    expect(caller).toEqual(functionApp);
  });

  it("wants its header", async () => {
    const host = process.env["AZURE_POD_IDENTITY_AUTHORITY_HOST"] ?? "";
    const answer = await fetch(`${host}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=a`);
    expect(await answer.json()).toEqual({
      error: "invalid_request",
      error_description: "Required metadata header not specified",
    });
  });
});
