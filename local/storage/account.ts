import type { Network } from "../world.ts";

/** The properties of a storage account that decide who gets in; they may change while it runs. */
export type AccountRules = {
  readonly allowSharedKeyAccess: boolean;
  readonly allowBlobPublicAccess: boolean;
  readonly networkAcls: {
    readonly defaultAction: "Allow" | "Deny";
    readonly bypass: "AzureServices" | "None";
    /** Stands for the virtual network and IP rules. */
    readonly allowedNetworks: readonly Network[];
  };
};

/** A storage account: its name and its ARM id. */
export type AccountName = { readonly name: string; readonly id: string };

/** The rules that the project deploys: no keys, nothing public, nobody from outside but trusted services. */
export const lockedDown: AccountRules = {
  allowSharedKeyAccess: false,
  allowBlobPublicAccess: false,
  networkAcls: {
    defaultAction: "Deny",
    bypass: "AzureServices",
    allowedNetworks: ["function-subnet", "runner"],
  },
};

/** Whether the account's firewall lets a network in. */
export function admitsNetwork({ networkAcls }: AccountRules, network: Network): boolean {
  if (networkAcls.defaultAction === "Allow") return true;
  if (network === "trusted-service") return networkAcls.bypass === "AzureServices";
  return networkAcls.allowedNetworks.includes(network);
}

/** The ARM id of a container, the scope of roles on it. */
export function containerId(account: AccountName, container: string): string {
  return `${account.id}/blobServices/default/containers/${container}`;
}
