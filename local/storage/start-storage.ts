import { BlobServiceClient } from "@azure/storage-blob";
import type { Certificates } from "../certificates.ts";
import { listenHttps } from "../listener.ts";
import type { Listener } from "../listener.ts";
import type { AccessControl, BlobReader, BlobWritten, Network, TokenVerifier } from "../world.ts";
import { containerId, lockedDown } from "./account.ts";
import type { AccountName, AccountRules } from "./account.ts";
import { startAzurite } from "./azurite.ts";
import type { Azurite } from "./azurite.ts";
import { createBlobReader } from "./blob-reader.ts";
import { createFaults } from "./faults.ts";
import type { Faults } from "./faults.ts";
import { guardHandler } from "./guard.ts";
import { createBlobStore } from "./store.ts";
import { createWrittenBlobs } from "./written-blobs.ts";

/** A network that reaches storage through a listener of its own. */
export type ListeningNetwork = Exclude<Network, "trusted-service">;

/** How storage is set up. */
export type StorageOptions = {
  /** The account with the packages, whose blobs are guarded. */
  readonly account: AccountName;
  /** The account of the function app, with queues that only stand-ins use. */
  readonly hostAccount: string;
  readonly access: AccessControl;
  readonly tokens: TokenVerifier;
  readonly certificates: Certificates;
  /** Where clients without a good token are sent: `https://<authority>/<tenant>/oauth2/authorize`. */
  readonly authorizationUri: string;
  /** Default: {@link lockedDown}. */
  readonly rules?: AccountRules;
  /** Where blobs are kept; without it they are kept in memory. */
  readonly dataFolder?: string;
  /** Default: a free port each. */
  readonly ports?: Partial<Record<ListeningNetwork, number>>;
  /** Default: the project's four. */
  readonly containers?: readonly string[];
};

/** The storage of the local Azure. */
export type Storage = {
  /** The account's blob endpoint as each network reaches it, without a slash at the end. */
  readonly endpoints: Readonly<Record<ListeningNetwork, string>>;
  /** The ARM id of a container. */
  containerId(container: string): string;
  readonly rules: () => AccountRules;
  /** Changes the account's rules for all later requests. */
  configure(changes: Partial<AccountRules>): void;
  readonly reader: BlobReader;
  /** Calls `listener` for each blob that was written; returns how to stop it. */
  onBlobWritten(listener: (blob: BlobWritten) => void): () => void;
  readonly inject: Faults["inject"];
  /** Unguarded, with keys: for the stand-ins and for tests that arrange or look behind. */
  readonly backstage: {
    readonly blobConnectionString: string;
    readonly hostConnectionString: string;
    readonly queueEndpoint: string;
  };
  stop(): Promise<void>;
};

const networks = ["runner", "function-subnet", "internet"] as const;

/** Starts Azurite and the guard in front of its blobs. */
export async function startStorage(options: StorageOptions): Promise<Storage> {
  const { account, hostAccount } = options;
  const azurite = await startAzurite({
    accounts: [account.name, hostAccount],
    ...(options.dataFolder !== undefined && { dataFolder: options.dataFolder }),
  });
  const blobConnectionString = azurite.connectionString(account.name);
  await createContainers(
    blobConnectionString,
    options.containers ?? ["incoming", "packages", "reports", "applications"],
  );
  const listeners = await Promise.all(
    networks.map((network) => listenHttps(options.certificates, options.ports?.[network])),
  );
  const guarded = guardAccount(options, azurite, listeners);
  return {
    ...guarded,
    containerId: (container) => containerId(account, container),
    backstage: {
      blobConnectionString,
      hostConnectionString: azurite.connectionString(hostAccount),
      queueEndpoint: `${azurite.queueOrigin}/${hostAccount}`,
    },
    stop: async () => {
      await Promise.all(listeners.map((listener) => listener.stop()));
      guarded.stop();
      await azurite.stop();
    },
  };
}

function guardAccount(options: StorageOptions, azurite: Azurite, listeners: readonly Listener[]) {
  const { account, access, tokens, authorizationUri } = options;
  const [runner = "", functionSubnet = "", internet = ""] = listeners.map(
    ({ origin }) => `${origin}/${account.name}`,
  );
  const endpoints = { runner, "function-subnet": functionSubnet, internet };
  const store = createBlobStore(azurite, account.name);
  const faults = createFaults();
  const written = createWrittenBlobs(store, functionSubnet);
  let rules = options.rules ?? lockedDown;
  const blobExists = async (container: string, path: string) =>
    (await store.properties(container, path)) !== undefined;
  const context = () => ({ account, rules, access, authorizationUri, blobExists });
  const parts = { context, tokens, store, faults, written, endpoints: Object.values(endpoints) };
  networks.forEach((network, index) => listeners[index]?.serve(guardHandler(parts, network)));
  return {
    endpoints,
    rules: () => rules,
    configure: (changes: Partial<AccountRules>) => {
      rules = { ...rules, ...changes };
    },
    reader: createBlobReader(parts),
    onBlobWritten: written.listen,
    inject: faults.inject,
    stop: () => store.stop(),
  };
}

async function createContainers(connectionString: string, containers: readonly string[]): Promise<void> {
  const service = BlobServiceClient.fromConnectionString(connectionString);
  await Promise.all(containers.map((name) => service.getContainerClient(name).createIfNotExists()));
}
