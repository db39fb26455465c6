import {
  AzureCliCredential,
  AzurePowerShellCredential,
  ClientAssertionCredential,
  EnvironmentCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { Problem } from "../core/problem.ts";
import type { Cloud } from "./cloud.ts";
import type { Log } from "./console.ts";
import { createFederatedCredential } from "./federated-credential.ts";
import type { Environment } from "./github.ts";
import { isBehindProxy } from "./https-request.ts";
import type { SignIn } from "./sign-in-inputs.ts";
import { problemOfSignIn } from "./sign-in-problems.ts";
import { memberOf, messageOf } from "./thrown.ts";

/** What signing in needs from outside. */
export interface SignInTools {
  /** A new GitHub token for an audience, each time: one lives about five minutes, and a long wait needs several. */
  readonly idToken: (audience: string) => Promise<string>;
  readonly environment: Environment;
  readonly log: Log;
}

/** A credential that knows, once it has given a token, whose it is. */
export interface SignedIn extends TokenCredential {
  readonly clientId: () => string | undefined;
}

/** A way to sign in, and how the log calls it. */
interface Way {
  readonly name: string;
  /** Whether it is worth trying, where finding out by trying would take long. */
  readonly isThere?: () => Promise<boolean>;
  readonly credential: () => TokenCredential;
}

/**
 * The credential for Azure, for storage and the pipeline's endpoints alike. The first way that gives a token is kept, and
 * the log says which it is. Refusals of Entra's come as problems.
 */
export function createCredential(signIn: SignIn, cloud: Cloud, tools: SignInTools): SignedIn {
  const ways = waysOf(signIn, cloud, tools);
  let chosen: TokenCredential | undefined;
  let clientId = signIn.clientId;
  return {
    clientId: () => clientId,
    getToken: async (scopes, options) => {
      const refusals: string[] = [];
      if (chosen) return told(chosen.getToken(scopes, options), options?.tenantId);
      for (const { name, isThere, credential } of ways) {
        if (isThere && !(await isThere())) {
          refusals.push(`${name}: not there`);
          continue;
        }
        try {
          const candidate = credential();
          const token = await candidate.getToken(scopes, options);
          chosen = candidate;
          clientId = applicationOf(token?.token) ?? clientId;
          const who = clientId === undefined || name.includes(clientId) ? "" : `, as ${clientId}`;
          tools.log.info(`signed in with ${name}${who}`);
          return token;
        } catch (error) {
          if (ways.length === 1 || !isUnavailable(error)) {
            throw problemOfSignIn(error, signIn, cloud, options?.tenantId);
          }
          refusals.push(`${name}: ${messageOf(error)}`);
        }
      }
      for (const refusal of refusals) tools.log.debug(refusal);
      throw problemOfSignIn(new Error(refusals.join("\n")), signIn, cloud, options?.tenantId);
    },
  };

  async function told<Token>(token: Promise<Token>, tenantId: string | undefined): Promise<Token> {
    try {
      return await token;
    } catch (error) {
      throw problemOfSignIn(error, signIn, cloud, tenantId);
    }
  }
}

// What a workflow did on purpose goes before what the machine happens to have.
function waysOf(signIn: SignIn, cloud: Cloud, tools: SignInTools): Way[] {
  if (signIn.with === "github") return [githubWay(signIn, cloud, tools)];
  const managed = managedIdentityWay(signIn.clientId, tools.environment);
  const workload = workloadIdentityWay(signIn.clientId, cloud, tools.environment);
  switch (signIn.with) {
    case "managed-identity":
      return [{ name: managed.name, credential: managed.credential }];
    case "workload-identity":
      return [{ name: workload.name, credential: workload.credential }];
    case "azure-cli":
      return [azureCliWay];
    case "environment": {
      const secretWay: Way = {
        name: "the application of AZURE_CLIENT_ID",
        isThere: () => Promise.resolve(Boolean(tools.environment["AZURE_TENANT_ID"])),
        credential: () => new EnvironmentCredential(authorityOptions(cloud)),
      };
      const powerShell: Way = {
        name: "Azure PowerShell",
        credential: () => new AzurePowerShellCredential({ processTimeoutInMs: 15_000 }),
      };
      return signIn.clientId === undefined
        ? [secretWay, workload, azureCliWay, managed, powerShell]
        : [workload, managed, azureCliWay];
    }
  }
}

const azureCliWay: Way = {
  name: "the Azure CLI (azure/login, az login)",
  credential: () => new AzureCliCredential({ processTimeoutInMs: 30_000 }),
};

function githubWay(
  { clientId, tenantId }: Extract<SignIn, { with: "github" }>,
  cloud: Cloud,
  { idToken, environment }: SignInTools,
): Way {
  const assertion = (): Promise<string> => idToken(cloud.assertionAudience);
  return {
    name: `this job's GitHub OIDC token, as ${clientId} of tenant ${tenantId}`,
    credential: () =>
      isBehindProxy(environment)
        ? new ClientAssertionCredential(tenantId, clientId, assertion, authorityOptions(cloud))
        : createFederatedCredential({ authority: cloud.authority, tenantId, clientId, assertion }),
  };
}

function workloadIdentityWay(clientId: string | undefined, cloud: Cloud, environment: Environment): Way {
  return {
    name: `workload identity (AZURE_FEDERATED_TOKEN_FILE)${clientId === undefined ? "" : `, as ${clientId}`}`,
    isThere: () => Promise.resolve(Boolean(environment["AZURE_FEDERATED_TOKEN_FILE"])),
    credential: () =>
      new WorkloadIdentityCredential({
        ...authorityOptions(cloud),
        ...(clientId !== undefined && { clientId }),
      }),
  };
}

function managedIdentityWay(clientId: string | undefined, environment: Environment): Way {
  return {
    name: `this machine's managed identity${clientId === undefined ? "" : ` ${clientId}`}`,
    isThere: () => answersForIdentities(environment),
    credential: () => new ManagedIdentityCredential(clientId === undefined ? {} : { clientId }),
  };
}

// A machine that is no Azure VM would keep the SDK waiting for an address that nobody answers.
async function answersForIdentities(environment: Environment): Promise<boolean> {
  if (environment["IDENTITY_ENDPOINT"] || environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"]) return true;
  try {
    // Without the header `Metadata` the endpoint refuses, but it answers at once.
    await fetch("http://169.254.169.254/metadata/identity/oauth2/token", {
      signal: AbortSignal.timeout(1000),
    });
    return true;
  } catch {
    return false;
  }
}

function authorityOptions(cloud: Cloud) {
  return {
    authorityHost: cloud.authority,
    // Instance discovery asks the public cloud about every authority; nobody else needs to hear of this sign-in.
    disableInstanceDiscovery: !cloud.isPublic,
  };
}

// For messages only: nothing is decided by it, so nobody checks the signature.
function applicationOf(token: string | undefined): string | undefined {
  try {
    const payload = Buffer.from(token?.split(".")[1] ?? "", "base64url").toString("utf8");
    const claims: unknown = JSON.parse(payload);
    const id = memberOf(claims, "appid") ?? memberOf(claims, "azp");
    return typeof id === "string" && /^[0-9a-f-]{36}$/i.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

function isUnavailable(error: unknown): boolean {
  const name = memberOf(error, "name");
  if (error instanceof Problem) return false;
  return name === "CredentialUnavailableError" || name === "AuthenticationRequiredError";
}
