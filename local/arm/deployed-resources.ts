import { readFileSync } from "node:fs";
import type { AccountRules } from "../storage/account.ts";
import type { Deployment } from "../deployment.ts";
import { resourceIds } from "../deployment.ts";
import type { ArmState } from "./arm-state.ts";

/** What Resource Manager shows of a deployed pipeline beside its gallery. */
export type Deployed = {
  readonly deployment: Deployment;
  /** Asked at each request: tests change the packages account's rules while it runs. */
  readonly rules: () => AccountRules;
  readonly functionIdentity: {
    readonly resourceId: string;
    readonly principalId: string;
    readonly clientId: string;
  };
  readonly topicPrincipalId: string;
  /** What runners run as. */
  readonly machineIdentity: {
    readonly resourceId: string;
    readonly principalId: string;
    readonly clientId: string;
  };
  /** The function app's settings, as deployed. */
  readonly settings: () => Readonly<Record<string, string>>;
};

/** Makes both storage accounts, the topic with its subscription, and the function app known to Resource Manager. */
export function showDeployed(state: ArmState, deployed: Deployed): void {
  const { deployment, functionIdentity } = deployed;
  const ids = resourceIds(deployment);
  const show = (id: string, type: string, properties: () => object, rest: object = {}): void => {
    state.resources.set(id, {
      ...{ id, type, location: deployment.location, createdAt: 0 },
      get properties() {
        return { ...properties() };
      },
      ...rest,
    });
  };
  const account = "Microsoft.Storage/storageAccounts";
  show(ids.account, account, () => accountProperties(deployed.rules()));
  show(ids.host, account, () => accountProperties(hostRules));
  show(`${ids.account}/blobServices/default`, `${account}/blobServices`, () => ({
    isVersioningEnabled: true,
    deleteRetentionPolicy: { enabled: true, days: 30 },
    containerDeleteRetentionPolicy: { enabled: true, days: 30 },
  }));
  for (const name of ["incoming", "packages", "reports", "applications"]) {
    show(ids.container(name), `${account}/blobServices/containers`, () => ({ publicAccess: "None" }));
  }
  show(
    ids.topic,
    "Microsoft.EventGrid/systemTopics",
    () => ({ source: ids.account, topicType: account, provisioningState: "Succeeded" }),
    { identity: { type: "SystemAssigned", principalId: deployed.topicPrincipalId } },
  );
  show(
    `${ids.topic}/eventSubscriptions/vm-application-submissions`,
    "Microsoft.EventGrid/systemTopics/eventSubscriptions",
    () => subscriptionProperties(deployment),
  );
  const { resourceId, principalId, clientId } = functionIdentity;
  show(
    ids.functionApp,
    "Microsoft.Web/sites",
    () => ({
      state: "Running",
      defaultHostName: "",
      httpsOnly: true,
      virtualNetworkSubnetId: `${ids.group}/subnet`,
    }),
    {
      identity: { type: "UserAssigned", userAssignedIdentities: { [resourceId]: { principalId, clientId } } },
    },
  );
  const machines = { [deployed.machineIdentity.resourceId]: deployed.machineIdentity };
  for (const type of ["virtualMachines", "virtualMachineScaleSets"]) {
    const id = `${ids.group}/providers/Microsoft.Compute/${type}/runner`;
    const identity = { type: "UserAssigned", userAssignedIdentities: machines };
    show(id, `Microsoft.Compute/${type}`, () => ({ provisioningState: "Succeeded" }), { identity });
  }
  show(`${ids.functionApp}/config/appsettings`, "Microsoft.Web/sites/config", deployed.settings);
  for (const name of ["scm", "ftp"]) {
    const id = `${ids.functionApp}/basicPublishingCredentialsPolicies/${name}`;
    show(id, "Microsoft.Web/sites/basicPublishingCredentialsPolicies", () => ({ allow: false }));
  }
}

const hostRules: AccountRules = {
  allowSharedKeyAccess: false,
  allowBlobPublicAccess: false,
  networkAcls: { defaultAction: "Deny", bypass: "AzureServices", allowedNetworks: ["function-subnet"] },
};

function accountProperties({
  allowSharedKeyAccess,
  allowBlobPublicAccess,
  networkAcls,
}: AccountRules): object {
  const { defaultAction, bypass, allowedNetworks } = networkAcls;
  return {
    ...{ allowSharedKeyAccess, allowBlobPublicAccess, provisioningState: "Succeeded" },
    ...{ defaultToOAuthAuthentication: true, isHnsEnabled: false, minimumTlsVersion: "TLS1_2" },
    ...{ publicNetworkAccess: "Enabled", supportsHttpsTrafficOnly: true },
    networkAcls: {
      ...{ defaultAction, bypass, ipRules: [] },
      virtualNetworkRules: allowedNetworks.map((id) => ({ id, action: "Allow", state: "Succeeded" })),
    },
  };
}

// The filter of the template, so that the two cannot differ.
function subscriptionProperties(deployment: Deployment): object {
  const { host } = resourceIds(deployment);
  const filter: unknown = JSON.parse(
    readFileSync(new URL("../../infra/event-filter.json", import.meta.url), "utf8"),
  );
  const identity = { type: "SystemAssigned" };
  return {
    provisioningState: "Succeeded",
    filter,
    eventDeliverySchema: "EventGridSchema",
    deliveryWithResourceIdentity: {
      identity,
      destination: {
        endpointType: "StorageQueue",
        properties: { resourceId: host, queueName: deployment.eventQueue },
      },
    },
    deadLetterWithResourceIdentity: {
      identity,
      deadLetterDestination: {
        endpointType: "StorageBlob",
        properties: { resourceId: host, blobContainerName: "dead-letters" },
      },
    },
  };
}
