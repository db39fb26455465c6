import { join } from "node:path";
import { type Plan, planOf } from "./bicep/deployment.ts";
import type { Value } from "./bicep/functions.ts";

export const infra = join(import.meta.dirname, "../../infra");
export const subscriptionId = "11111111-1111-4111-8111-111111111111";
export const group = `/subscriptions/${subscriptionId}/resourceGroups/vm-applications`;

const clouds: Readonly<Record<string, Value>> = {
  AzureCloud: {
    resourceManager: "https://management.azure.com/",
    authentication: { loginEndpoint: "https://login.microsoftonline.com/" },
    suffixes: { storage: "core.windows.net", keyvaultDns: ".vault.azure.net" },
  },
  AzureChinaCloud: {
    resourceManager: "https://management.chinacloudapi.cn/",
    authentication: { loginEndpoint: "https://login.chinacloudapi.cn/" },
    suffixes: { storage: "core.chinacloudapi.cn", keyvaultDns: ".vault.azure.cn" },
  },
  AzureUSGovernment: {
    resourceManager: "https://management.usgovcloudapi.net/",
    authentication: { loginEndpoint: "https://login.microsoftonline.us/" },
    suffixes: { storage: "core.usgovcloudapi.net", keyvaultDns: ".vault.usgovcloudapi.net" },
  },
};

/** One uploader with two applications, an administrator and an operator. */
export const people = {
  uploaders: [
    {
      name: "flooper",
      subject: "repo:contoso@77/flooper@1001:environment:release",
      applications: ["flooperapp", "flooperagent"],
    },
  ],
  administrators: [{ id: "a0000000-0000-4000-8000-000000000000", type: "Group" }],
  operators: [{ id: "b0000000-0000-4000-8000-000000000000", type: "User" }],
};

/** What deploying a template of `infra/` with these parameters would write. */
export function aPlan(
  parameters: Readonly<Record<string, Value>> = {},
  place: { readonly cloud?: string; readonly existing?: Readonly<Record<string, Value>> } = {},
  template = "main.bicep",
): Plan {
  const cloud = place.cloud ?? "AzureCloud";
  return planOf(
    join(infra, template),
    template === "main.bicep" ? { ...people, ...parameters } : parameters,
    {
      subscriptionId,
      resourceGroup: "vm-applications",
      cloud: { ...clouds[cloud], name: cloud, tenantId: "22222222-2222-4222-8222-222222222222" },
      existing: place.existing ?? {},
    },
  );
}

/** The bodies of a plan's resources of a type, by name. */
export function bodiesOf(plan: Plan, type: string): Record<string, Value> {
  return Object.fromEntries(
    plan.resources.filter((each) => each.type === type).map(({ name, body }) => [name, body]),
  );
}
