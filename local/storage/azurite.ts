import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";

/** A running Azurite, which nobody but the guard and the queue's stand-ins talk to. */
export type Azurite = {
  readonly blobOrigin: string;
  readonly queueOrigin: string;
  /** The key of one of its accounts. */
  keyOf(account: string): string;
  connectionString(account: string): string;
  stop(): Promise<void>;
};

/** How Azurite is started. */
export type AzuriteOptions = {
  readonly accounts: readonly string[];
  /** Where blobs are kept; without it they are kept in memory. */
  readonly dataFolder?: string;
};

const startTimeoutMilliseconds = 60_000;
const stopTimeoutMilliseconds = 10_000;

// Azurite ends itself when the process that started it is gone, however it went.
const endWithParent =
  'process.once("disconnect",()=>{setTimeout(()=>process.exit(),9000).unref();process.emit("SIGTERM")||process.exit()})';

/** Starts Azurite's blob and queue services on free loopback ports. */
export async function startAzurite({ accounts, dataFolder }: AzuriteOptions): Promise<Azurite> {
  if (dataFolder !== undefined) await mkdir(dataFolder, { recursive: true });
  const keys = new Map(accounts.map((account) => [account, randomBytes(64).toString("base64")]));
  const child = fork(
    createRequire(import.meta.url).resolve("azurite/dist/src/azurite.js"),
    argumentsFor(dataFolder),
    {
      execArgv: ["--import", `data:text/javascript,${encodeURIComponent(endWithParent)}`],
      env: {
        ...process.env,
        NODE_OPTIONS: "",
        AZURITE_ACCOUNTS: [...keys].map((pair) => pair.join(":")).join(";"),
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    },
  );
  const { Blob: blobOrigin, Queue: queueOrigin } = await untilListening(child);
  const keyOf = (account: string): string => {
    const key = keys.get(account);
    if (key === undefined) throw new Error(`Azurite has no account "${account}"`);
    return key;
  };
  return {
    blobOrigin,
    queueOrigin,
    keyOf,
    connectionString: (account) =>
      [
        "DefaultEndpointsProtocol=http",
        `AccountName=${account}`,
        `AccountKey=${keyOf(account)}`,
        `BlobEndpoint=${blobOrigin}/${account}`,
        `QueueEndpoint=${queueOrigin}/${account}`,
      ].join(";"),
    stop: () => stopChild(child),
  };
}

function argumentsFor(dataFolder: string | undefined): readonly string[] {
  const persistence = dataFolder === undefined ? ["--inMemoryPersistence"] : ["--location", dataFolder];
  return [
    ...["--blobPort", "0", "--queuePort", "0", "--tablePort", "0"],
    ...["--blobKeepAliveTimeout", "600"],
    ...["--skipApiVersionCheck", "--disableProductStyleUrl", "--silent", "--disableTelemetry"],
    ...persistence,
  ];
}

type Origins = { readonly Blob: string; readonly Queue: string };

function untilListening(child: ChildProcess): Promise<Origins> {
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => fail("did not listen in time"), startTimeoutMilliseconds);
    child.once("exit", (code) => fail(`ended with exit code ${code ?? "none"}`));
    child.stderr?.on("data", collect);
    child.stdout?.on("data", collect);

    function collect(piece: Buffer): void {
      output += piece.toString();
      const [Blob, Queue] = ["Blob", "Queue"].map(
        (service) => new RegExp(`${service} service is successfully listening at (\\S+)`).exec(output)?.[1],
      );
      if (Blob === undefined || Queue === undefined || !output.includes("Table service is successfully"))
        return;
      settle();
      resolve({ Blob, Queue });
    }
    function fail(what: string): void {
      settle();
      child.kill("SIGKILL");
      reject(new Error(`Azurite ${what}: ${output}`));
    }
    function settle(): void {
      clearTimeout(timer);
      child.removeAllListeners("exit");
      for (const stream of [child.stdout, child.stderr]) stream?.removeAllListeners("data").resume();
    }
  });
}

function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMilliseconds);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    child.disconnect();
  });
}
