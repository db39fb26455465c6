import type { Cloud } from "./cloud.ts";
import type { Faults } from "./faults.ts";
import { missingInput, oneOf } from "./input-values.ts";
import { type PipelineAccess, pipelineFrom } from "./pipeline-inputs.ts";
import { type SignIn, signInFrom } from "./sign-in-inputs.ts";
import { type StorageAccount, storageAccountFrom } from "./storage-account.ts";

/** How a release gets to the pipeline: into its storage account, or through its endpoints. */
export type Way =
  | { readonly route: "direct"; readonly account: StorageAccount; readonly signIn: SignIn }
  | { readonly route: "pipeline"; readonly pipeline: PipelineAccess };

const ROUTES = ["auto", "direct", "pipeline"] as const;

// Through the pipeline when its address is given, else direct.
function routeFrom(input: (name: string) => string): Way["route"] {
  const route = oneOf("route", input("route") || "auto", ROUTES);
  if (route !== "auto") return route;
  return input("pipeline-url") === "" ? "direct" : "pipeline";
}

/** The way that the inputs ask for, with every fault of it. */
export function wayFrom(
  input: (name: string) => string,
  cloud: Cloud | undefined,
  faults: Faults,
): Way | undefined {
  const route = faults.try(() => routeFrom(input));
  if (route === undefined) return undefined;
  if (route === "pipeline") {
    const pipeline = faults.try(() => pipelineFrom(input));
    return pipeline && { route, pipeline };
  }
  const account = faults.try(() => accountFrom(input("storage-account"), cloud));
  const signIn = faults.try(() => signInFrom(input("sign-in"), input("client-id"), input("tenant-id")));
  return account && signIn && { route, account, signIn };
}

function accountFrom(text: string, cloud: Cloud | undefined): StorageAccount | undefined {
  if (text === "") {
    throw missingInput(
      "storage-account",
      "Pass the name of the pipeline's packages account; or pipeline-url, where storage is closed to this runner.",
    );
  }
  // Without a cloud there is a fault already, and no address that could be made of a name.
  return cloud && storageAccountFrom(text, cloud.blobSuffix);
}
