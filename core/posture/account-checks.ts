import type { Account, PostureFacts } from "./facts.ts";
import { type Finding, type Group, judged, type Telling, tellerOf } from "./finding.ts";

/** Whether both accounts are locked down. */
export function accountChecks(facts: PostureFacts): readonly Finding[] {
  const { packagesAccountId, hostAccountId = "" } = facts.places;
  const packages = { group: "Packages account", check: "packages-account", what: "the account" } as const;
  const host = { group: "Host account", check: "host-account", what: "the account" } as const;
  return [
    ...judged(facts.packagesAccount, packages, (account) => [
      ...lockDown("Packages account", account, packagesAccountId),
      hierarchical(account),
    ]),
    ...judged(facts.containers, { ...packages, check: "containers", what: "its containers" }, ({ value }) => [
      publicContainers(value, packagesAccountId),
    ]),
    ...judged(
      facts.blobService,
      { ...packages, check: "blob-service", what: "its blob service" },
      (service) => [kept(service.properties, packagesAccountId)],
    ),
    ...judged(facts.hostAccount, host, (account) => lockDown("Host account", account, hostAccountId)),
  ];
}

function lockDown(group: Group, { properties }: Account, id: string): Finding[] {
  const { check } = tellerOf(group);
  const update = (option: string) => `az storage account update --ids ${id} ${option}`;
  const acls = properties.networkAcls;
  const isClosed = properties.publicNetworkAccess === "Disabled";
  const rules: Record<string, Telling> = {
    "shared-key": {
      holds: properties.allowSharedKeyAccess === false,
      good: "Shared keys, and every SAS signed with one, are refused.",
      bad: "Shared keys are accepted: whoever reads one can read and replace everything.",
      remedy: update("--allow-shared-key-access false"),
    },
    "public-access": {
      holds: properties.allowBlobPublicAccess === false,
      good: "No container can be public.",
      bad: "Containers may be made public; a public one also hides that the gallery's identity does not work.",
      remedy: update("--allow-blob-public-access false"),
    },
    "network-default": {
      holds: isClosed || acls?.defaultAction === "Deny",
      good: "Networks that no rule names are kept out.",
      bad: "Every network is let in.",
      remedy: update("--default-action Deny"),
    },
    bypass: {
      holds: !isClosed && (acls?.bypass ?? "None").includes("AzureServices"),
      good: "Trusted Azure services are let in: the gallery, and Event Grid.",
      bad: "Trusted Azure services are kept out, so neither the gallery nor Event Grid gets through.",
      remedy: update("--public-network-access Enabled --bypass AzureServices"),
    },
    "network-rules": {
      holds: (acls?.ipRules ?? []).every(({ value }) => !/\/(?:[0-9]|1[0-5])$/.test(value)),
      good: `${(acls?.virtualNetworkRules ?? []).length} subnets and ${(acls?.ipRules ?? []).length} address ranges are let in.`,
      bad: "An address range of more than 65,536 addresses is let in.",
      remedy: `az storage account show --ids ${id} --query networkRuleSet.ipRules`,
      otherwise: "warning",
    },
    tls: {
      holds: properties.minimumTlsVersion !== "TLS1_0" && properties.minimumTlsVersion !== "TLS1_1",
      good: "TLS 1.2 is the least.",
      bad: `TLS ${properties.minimumTlsVersion?.slice(3).replace("_", ".") ?? "1.0"} is accepted.`,
      remedy: update("--min-tls-version TLS1_2"),
    },
    https: {
      holds: properties.supportsHttpsTrafficOnly !== false,
      good: "Only HTTPS is accepted.",
      bad: "Plain HTTP is accepted.",
      remedy: update("--https-only true"),
    },
  };
  return Object.entries(rules).map(([name, rule]) => check(name, rule));
}

function hierarchical({ properties }: Account): Finding {
  return tellerOf("Packages account").check("hierarchical-namespace", {
    holds: properties.isHnsEnabled !== true,
    good: "The account has no hierarchical namespace.",
    bad: "The account has a hierarchical namespace, where blobs can be renamed into the vault.",
    remedy: "Deploy to a new account: the namespace cannot be switched off.",
  });
}

type Containers = readonly {
  readonly name: string;
  readonly properties: { publicAccess?: string | null | undefined };
}[];

function publicContainers(containers: Containers, id: string): Finding {
  const open = containers.filter(
    ({ properties }) => !["None", null, undefined].includes(properties.publicAccess),
  );
  const [first] = open;
  return tellerOf("Packages account").check("public-container", {
    holds: open.length === 0,
    good: "No container is public.",
    bad: `Public: ${open.map(({ name }) => name).join(", ")}. Whoever knows an address can read it, and a broken gallery identity goes unnoticed.`,
    remedy: `az storage container-rm update --storage-account ${id} --name ${first?.name ?? ""} --public-access off`,
  });
}

function kept(
  service: {
    isVersioningEnabled?: boolean | null | undefined;
    deleteRetentionPolicy?: { enabled?: boolean | null | undefined } | null | undefined;
  },
  id: string,
): Finding {
  return tellerOf("Packages account").check("soft-delete", {
    holds: service.isVersioningEnabled === true && service.deleteRetentionPolicy?.enabled === true,
    good: "Overwritten and deleted blobs can be brought back.",
    bad: "Versioning or soft delete is off: what is overwritten or deleted is gone.",
    remedy: `az storage account blob-service-properties update --account-name ${nameIn(id)} --enable-versioning true --enable-delete-retention true --delete-retention-days 30`,
    otherwise: "warning",
  });
}

function nameIn(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
