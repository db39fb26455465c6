import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import { isFinal } from "../../core/outcome.ts";
import { parseReport, type Report } from "../../core/report.ts";
import { trustEnvironment, trustInThisProcess } from "../../local/certificates.ts";
import { runActionStep, type StepResult } from "../../local/github-runner.ts";
import {
  type LocalAzure,
  type LocalAzureOptions,
  localJob,
  startLocalAzure,
} from "../../local/local-azure.ts";

const root = resolve(import.meta.dirname, "../..");
export const actionBundle = join(root, "dist", "action", "main.js");
export const functionApp = join(root, "dist", "functions");

/** The pipeline deployed in a local Azure of its own, two hundred times as fast as the real one. */
export async function startDeployment(options: Partial<LocalAzureOptions> = {}) {
  const dataFolder = await mkdtemp(join(tmpdir(), "e2e-"));
  const azure = await startLocalAzure({
    ...{ dataFolder, functionApp, speed: 200, applications: ["flooperapp"] },
    ...options,
  });
  trustInThisProcess(azure.certificates);
  const workspace = join(dataFolder, "workspace");
  await mkdir(workspace);
  const stop = async (): Promise<void> => {
    await azure.stop();
    await rm(dataFolder, { recursive: true, force: true });
  };
  return { azure, workspace, stop };
}

/** A container as the platform sees it, behind the guard. */
export function backstage(azure: LocalAzure, container: string): ContainerClient {
  const { blobConnectionString } = azure.storage.backstage;
  return BlobServiceClient.fromConnectionString(blobConnectionString).getContainerClient(container);
}

/** Runs the Action's bundle in a workspace, signed in as the uploader. `with` and `env` go over what is usual. */
export function runAction(
  azure: LocalAzure,
  workspace: string,
  step: {
    readonly with?: Record<string, string>;
    readonly env?: Record<string, string>;
    readonly event?: object;
    readonly signal?: AbortSignal;
    readonly killSignal?: NodeJS.Signals;
    readonly onLine?: (line: string) => void;
    /** Nothing but what `with` says. */
    readonly only?: true;
  },
): Promise<StepResult> {
  return runActionStep({
    main: actionBundle,
    workspace,
    env: {
      ...trustEnvironment(azure.certificates),
      ...azure.identity.github.startJob(localJob),
      AZURE_AUTHORITY_HOST: azure.identity.authorityHost,
      ...step.env,
    },
    with: { ...(!step.only && usualInputs(azure)), ...step.with },
    ...(step.event && { event: step.event }),
    ...(step.onLine && { onLine: step.onLine }),
    ...(step.signal && { signal: step.signal }),
    ...(step.killSignal && { killSignal: step.killSignal }),
  });
}

function usualInputs(azure: LocalAzure): Record<string, string> {
  return {
    "storage-account": azure.storage.endpoints.runner,
    "client-id": azure.identities.uploader.clientId,
    "tenant-id": azure.deployment.tenantId,
    application: "flooperapp",
    package: "flooper.tar.gz",
    install: "tar xzf flooper.tar.gz && ./install.sh",
    remove: "./remove.sh",
    "target-regions": "eastus2,westeurope,japaneast",
  };
}

/** Writes a package into a workspace and returns its bytes. */
export async function aPackage(
  workspace: string,
  name = "flooper.tar.gz",
  content = `bytes of ${name}`,
): Promise<Buffer> {
  const bytes = Buffer.from(content);
  await writeFile(join(workspace, name), bytes);
  return bytes;
}

/** The final report of the only submission of a version whose name begins with `prefix`, once it is there. */
export async function finalReport(azure: LocalAzure, release: string, prefix: string): Promise<Report> {
  const reports = backstage(azure, "reports");
  const [application = "", version = ""] = release.split(" ");
  for (;;) {
    for await (const blob of reports.listBlobsFlat({ prefix: `${application}/${version}/${prefix}` })) {
      // One request: a report may be written anew between two.
      const { readableStreamBody } = await reports.getBlobClient(blob.name).download();
      const report = parseReport(readableStreamBody ? await text(readableStreamBody) : "");
      if (isFinal(report.outcome)) return report;
    }
    await azure.clock.sleep(10_000);
  }
}
