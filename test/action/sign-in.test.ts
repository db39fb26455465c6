import { cloudOf } from "../../action/cloud.ts";
import { problemOfSignIn } from "../../action/sign-in-problems.ts";
import { createCredential, type SignInTools } from "../../action/sign-in.ts";
import { aWorld } from "./fake-world.ts";
import { Problem } from "../../core/problem.ts";

const github = { with: "github", clientId: "c1", tenantId: "t1" } as const;
const scope = "https://storage.azure.com/.default";

function tools(idToken: SignInTools["idToken"]): SignInTools {
  return { idToken, environment: {}, log: aWorld().log };
}

describe("createCredential", () => {
  it("hands on why there is no GitHub token, and names who it would have been for", async () => {
    const audiences: string[] = [];
    const idToken = async (audience: string): Promise<string> => {
      audiences.push(audience);
      throw new Problem("missing-id-token-permission", "no token", "Add id-token: write.");
    };
    const cloud = cloudOf("https://login.chinacloudapi.cn");

    await expect(createCredential(github, cloud, tools(idToken)).getToken(scope)).rejects.toMatchObject({
      code: "missing-id-token-permission",
    });
    expect(audiences[0]).toBe("api://AzureADTokenExchangeChina");
  });

  it("tells the tenant that the account belongs to", async () => {
    const credential = createCredential(
      github,
      cloudOf(undefined),
      tools(async () => "token"),
    );

    await expect(credential.getToken(scope, { tenantId: "t2" })).rejects.toMatchObject({
      code: "wrong-tenant",
      message: "the storage account belongs to Entra tenant t2, but tenant-id is t1",
    });
  });
});

describe("problemOfSignIn", () => {
  it.each([
    [
      "endpoints_resolution_error: See https://aka.ms/msal",
      "unknown-identity",
      /tenant t1: there is no such tenant/,
    ],
    ["invalid_client: AADSTS700213: No matching", "no-federated-credential", /AADSTS700213: No matching/],
    ["invalid_request: AADSTS90002: Tenant", "unknown-identity", /AADSTS90002/],
  ])("knows %j", (text, code, message) => {
    const problem = problemOfSignIn(new Error(text), github, cloudOf(undefined));

    expect(problem).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("tells a job that is signed in with nothing what it could do", () => {
    const error = new Error("ChainedTokenCredential authentication failed.");

    expect(problemOfSignIn(error, { with: "environment" }, cloudOf(undefined))).toMatchObject({
      code: "not-signed-in",
      nextStep: expect.stringMatching(/id-token: write/),
    });
  });
});
