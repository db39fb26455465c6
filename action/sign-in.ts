import { ClientAssertionCredential, DefaultAzureCredential, type TokenCredential } from "@azure/identity";
import { Problem } from "../core/problem.ts";
import { causes, problemOfAzureError } from "./azure-refusal.ts";
import type { Cloud } from "./cloud.ts";
import type { SignIn } from "./inputs.ts";
import { messageOf } from "./thrown.ts";

/** What the log says about how the Action signs in. */
export function signInLine(signIn: SignIn): string {
  if (signIn.with === "github") {
    return `signing in as ${signIn.clientId} of tenant ${signIn.tenantId}, with this job's GitHub OIDC token`;
  }
  const identity = signIn.clientId === undefined ? "" : `; a managed identity would be ${signIn.clientId}`;
  return `signing in with what this job is already signed in with (environment, workload identity, managed identity, Azure CLI or PowerShell)${identity}`;
}

/**
 * The credential for Azure. Refusals of Entra's come as problems. `idToken` gives a new GitHub token for an audience each
 * time: one lives about five minutes, and a long wait needs several.
 */
export function createCredential(
  signIn: SignIn,
  cloud: Cloud,
  idToken: (audience: string) => Promise<string>,
): TokenCredential {
  const options = {
    authorityHost: cloud.authority,
    // Instance discovery asks the public cloud about every authority; nobody else needs to hear of this sign-in.
    disableInstanceDiscovery: !cloud.isPublic,
  };
  const credential =
    signIn.with === "github"
      ? new ClientAssertionCredential(
          signIn.tenantId,
          signIn.clientId,
          () => idToken(cloud.assertionAudience),
          options,
        )
      : new DefaultAzureCredential({
          ...options,
          ...(signIn.clientId !== undefined && {
            managedIdentityClientId: signIn.clientId,
            workloadIdentityClientId: signIn.clientId,
          }),
        });
  return {
    getToken: async (scopes, tokenOptions) => {
      try {
        return await credential.getToken(scopes, tokenOptions);
      } catch (error) {
        throw problemOfSignIn(error, signIn, cloud, tokenOptions?.tenantId);
      }
    },
  };
}

/** Why signing in did not work. `wanted` is the tenant that storage asked for, when it named one. */
export function problemOfSignIn(error: unknown, signIn: SignIn, cloud: Cloud, wanted?: string): Problem {
  if (signIn.with === "github" && wanted !== undefined && wanted !== signIn.tenantId) {
    return new Problem(
      "wrong-tenant",
      `the storage account belongs to Entra tenant ${wanted}, but tenant-id is ${signIn.tenantId}`,
      `Pass tenant-id ${wanted}, and a client-id that lives there.`,
      { cause: error },
    );
  }
  // Entra describes itself under the tenant's name, so an unknown tenant shows here, like an address that is unreachable.
  if (signIn.with === "github" && messageOf(error).includes("endpoints_resolution_error")) {
    return new Problem(
      "unknown-identity",
      `${cloud.authority} does not tell how to sign in to tenant ${signIn.tenantId}: there is no such tenant, or this machine does not reach that address`,
      "Check tenant-id, and AZURE_AUTHORITY_HOST for another cloud than the public one.",
      { cause: error },
    );
  }
  const isUnanswered = signIn.with === "environment" && !causes(error).some(mentionsEntraCode);
  if (isUnanswered) return notSignedIn(error);
  const context = signIn.clientId === undefined ? {} : { clientId: signIn.clientId };
  return problemOfAzureError(error, "entra", context);
}

function mentionsEntraCode(error: unknown): boolean {
  return /AADSTS\d/.test(messageOf(error));
}

function notSignedIn(error: unknown): Problem {
  return new Problem(
    "not-signed-in",
    "this job is not signed in to Azure: no identity was found in its environment, on its machine or in the Azure CLI",
    'Pass client-id and tenant-id and give the job the permission "id-token: write", run azure/login before, or use a runner that has a managed identity.',
    { cause: error },
  );
}
