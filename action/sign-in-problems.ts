import { Problem } from "../core/problem.ts";
import { causes, problemOfAzureError } from "./azure-refusal.ts";
import type { Cloud } from "./cloud.ts";
import type { SignIn } from "./sign-in-inputs.ts";
import { messageOf } from "./thrown.ts";

/** Why signing in did not work. `wanted` is the tenant that storage asked for, when it named one. */
export function problemOfSignIn(error: unknown, signIn: SignIn, cloud: Cloud, wanted?: string): Problem {
  const told = causes(error).find((cause) => cause instanceof Problem);
  if (told instanceof Problem) return told;
  if (signIn.with === "github") return problemOfGithubSignIn(error, signIn, cloud, wanted);
  const text = causes(error).map(messageOf).join("\n");
  if (wanted !== undefined && /not configured to acquire tokens for tenant/i.test(text)) {
    return new Problem(
      "wrong-tenant",
      `the storage account belongs to Entra tenant ${wanted}, and this job is signed in to another one`,
      `Sign in to tenant ${wanted} (azure/login: tenant-id), or pass client-id and tenant-id of an identity that lives there.`,
      { cause: error },
    );
  }
  if (/AADSTS\d/.test(text)) return problemOfAzureError(error, "entra", contextOf(signIn));
  if (/identity not found|no (?:user.assigned|managed) identity/i.test(text)) return noSuchIdentity(signIn);
  return notSignedIn(signIn, error);
}

function problemOfGithubSignIn(
  error: unknown,
  signIn: Extract<SignIn, { with: "github" }>,
  cloud: Cloud,
  wanted: string | undefined,
): Problem {
  if (wanted !== undefined && wanted !== signIn.tenantId) {
    return new Problem(
      "wrong-tenant",
      `the storage account belongs to Entra tenant ${wanted}, but tenant-id is ${signIn.tenantId}`,
      `Pass tenant-id ${wanted}, and a client-id that lives there.`,
      { cause: error },
    );
  }
  // Entra describes itself under the tenant's name, so an unknown tenant shows here, like an address that is unreachable.
  if (messageOf(error).includes("endpoints_resolution_error")) {
    return new Problem(
      "unknown-identity",
      `${cloud.authority} does not tell how to sign in to tenant ${signIn.tenantId}: there is no such tenant, or this machine does not reach that address`,
      "Check tenant-id, and cloud (or authority-host) for another cloud than the public one.",
      { cause: error },
    );
  }
  return problemOfAzureError(error, "entra", contextOf(signIn));
}

function notSignedIn(signIn: SignIn, cause?: unknown): Problem {
  const where = {
    github: "GitHub's token was not taken",
    environment: "no identity was found in its environment, on its machine or in the Azure CLI",
    "managed-identity": "its machine gives it no managed identity",
    "workload-identity": "there is no workload identity file (AZURE_FEDERATED_TOKEN_FILE)",
    "azure-cli": "the Azure CLI is not signed in",
  }[signIn.with];
  return new Problem(
    "not-signed-in",
    `this job is not signed in to Azure: ${where}`,
    'Pass client-id and tenant-id and give the job the permission "id-token: write", run azure/login before, or use a runner that has a managed identity.',
    { cause },
  );
}

function noSuchIdentity(signIn: SignIn): Problem {
  const { clientId } = signIn;
  const which =
    clientId === undefined ? "a managed identity that it could choose" : `the identity ${clientId}`;
  return new Problem(
    "no-managed-identity",
    `this machine does not have ${which}`,
    "Assign it to the virtual machine (az vm identity assign); pass client-id when the machine has several and none is system-assigned.",
  );
}

function contextOf({ clientId }: SignIn): { readonly clientId?: string } {
  return clientId === undefined ? {} : { clientId };
}
