import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { DefaultAzureCredential, type TokenCredential } from "@azure/identity";
import * as z from "zod";
import { Problem } from "../core/problem.ts";

/** A deployment to look at, and as whom. */
export interface Patient {
  readonly credential: TokenCredential;
  readonly arm: { readonly endpoint: string; readonly scope: string };
  /** Microsoft Graph, which knows who is in a group. */
  readonly graph: { readonly endpoint: string; readonly scope: string };
  /** The function app's id in Resource Manager: its settings name everything else. */
  readonly functionAppId: string;
  /** Where the function app's endpoints are, when it is not for Resource Manager to say. */
  readonly url?: string;
  /** Where this machine reaches the packages account, when not where the function app does. */
  readonly packagesEndpoint?: string;
  /** Waits for that many of the deployment's seconds; less when stopped. */
  readonly wait: (seconds: number, stopped?: AbortSignal) => Promise<void>;
}

const PUBLIC_CLOUD = ["https://management.azure.com", "https://graph.microsoft.com"] as const;
const BY_AUTHORITY: readonly (readonly [RegExp, readonly [arm: string, graph: string]])[] = [
  [/chinacloudapi\.cn/, ["https://management.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"]],
  [/microsoftonline\.us/, ["https://management.usgovcloudapi.net", "https://graph.microsoft.us"]],
];

/** A deployment in Azure, seen as whoever is signed in. Another cloud is the one of AZURE_AUTHORITY_HOST. */
export function deploymentInAzure(functionAppId: string): Patient {
  if (
    !/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Web\/sites\/[^/]+$/i.test(
      functionAppId,
    )
  ) {
    throw new Problem(
      "bad-arguments",
      `"${functionAppId}" is no id of a function app`,
      "Pass functionAppId of the template's outputs: jq -r .functionAppId.value outputs.json",
    );
  }
  const authority = process.env["AZURE_AUTHORITY_HOST"] ?? "";
  const known = BY_AUTHORITY.find(([pattern]) => pattern.test(authority));
  const [arm, graph] = known?.[1] ?? PUBLIC_CLOUD;
  return {
    ...{ arm: serviceAt(arm), graph: serviceAt(graph), functionAppId },
    ...{ credential: new DefaultAzureCredential(), wait: waitAt(1) },
  };
}

function serviceAt(endpoint: string) {
  return { endpoint, scope: `${endpoint}/.default` };
}

const endpointsSchema = z.object({
  arm: z.string(),
  graph: z.string(),
  authority: z.string(),
  caFile: z.string(),
  tenantId: z.string(),
  functions: z.string(),
  functionAppId: z.string(),
  clientSecret: z.string(),
  blob: z.string(),
  speed: z.number(),
  identities: z.object({
    operator: z.object({ clientId: z.string() }),
    deployer: z.object({ clientId: z.string() }),
  }),
});

/** The deployment in a local Azure, as one of its identities. `file` is what `npm run cloud` writes. */
export function localDeployment(file: string, as: "operator" | "deployer"): Patient {
  const endpoints = endpointsSchema.parse(JSON.parse(textOf(file)));
  setDefaultCACertificates([...getCACertificates("default"), readFileSync(endpoints.caFile, "utf8")]);
  process.env["AZURE_TENANT_ID"] = endpoints.tenantId;
  process.env["AZURE_CLIENT_ID"] = endpoints.identities[as].clientId;
  process.env["AZURE_CLIENT_SECRET"] = endpoints.clientSecret;
  process.env["AZURE_AUTHORITY_HOST"] = endpoints.authority;
  return {
    // Only the clouds that Microsoft runs can be looked up.
    credential: new DefaultAzureCredential({ disableInstanceDiscovery: true }),
    ...{ arm: serviceAt(endpoints.arm), graph: serviceAt(endpoints.graph) },
    functionAppId: endpoints.functionAppId,
    url: endpoints.functions,
    packagesEndpoint: endpoints.blob,
    wait: waitAt(endpoints.speed),
  };
}

function waitAt(speed: number): Patient["wait"] {
  // Whoever stops it looks at the signal afterwards.
  return (seconds, signal) =>
    pause((seconds * 1000) / speed, undefined, signal && { signal }).catch(() => undefined);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new Problem(
      "nothing-to-look-at",
      `there is no ${file}, so no local Azure is up`,
      "Start one (npm run cloud), or name a deployment: npm run doctor -- --app ID",
      { cause },
    );
  }
}
