import { quoted } from "../core/application.ts";
import { Problem } from "../core/problem.ts";
import { missingInput, oneOf } from "./input-values.ts";

/** How the Action proves who it is: GitHub's OIDC token for an identity, or what the job or its machine has. */
export type SignIn =
  | { readonly with: "github"; readonly clientId: string; readonly tenantId: string }
  | {
      readonly with: "environment" | "azure-cli" | "managed-identity" | "workload-identity";
      readonly clientId?: string;
    };

const CHOICES = ["auto", "github", "azure-cli", "managed-identity", "workload-identity"] as const;

/** The way to sign in that the inputs `sign-in`, `client-id` and `tenant-id` ask for. */
export function signInFrom(choice: string, clientId: string, tenantId: string): SignIn {
  const chosen = oneOf("sign-in", choice || "auto", CHOICES);
  checkId("client-id", clientId);
  checkId("tenant-id", tenantId);
  const wanted = chosen === "auto" && tenantId !== "" ? "github" : chosen;
  if (wanted === "github") {
    if (clientId === "") {
      throw missingInput(
        "client-id",
        "Pass it beside tenant-id: the client id of the identity that trusts this repository.",
      );
    }
    if (tenantId === "") throw missingInput("tenant-id", "Pass the Entra tenant that client-id lives in.");
    return { with: "github", clientId, tenantId };
  }
  return { with: wanted === "auto" ? "environment" : wanted, ...(clientId !== "" && { clientId }) };
}

function checkId(name: string, value: string): void {
  if (value === "" || /^[0-9A-Za-z][0-9A-Za-z.-]{0,252}$/.test(value)) return;
  throw new Problem(
    "bad-input",
    `input ${name} ${quoted(value)} is no id`,
    `Pass ${name} as the portal shows it.`,
  );
}
