import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ensureCertificates, trustEnvironment, trustInThisProcess } from "../local/certificates.ts";
import { scaledClock } from "../local/clock.ts";
import { localDeployment, localIdentities, resourceIds } from "../local/deployment.ts";
import { startFunctionsHost } from "../local/functions-host/start.ts";
import type { GithubJob } from "../local/identity/github-job.ts";
import { startIdentityService } from "../local/identity/start-identity-service.ts";
import { jsonHandler, listenHttps } from "../local/listener.ts";
import { localJob } from "../local/local-azure.ts";
import { type Link, loopback } from "./link.ts";
import { cpuSecondsOf, memoryOf, processThat } from "./processes.ts";
import { startFakeCloud } from "./start-fake-cloud.ts";
import { startProcess } from "./started-process.ts";

/** The jobs that may publish: two, since one may have only ten submissions open. */
export const publishingJobs: readonly GithubJob[] = [
  localJob,
  { ...localJob, repository: "contoso/gadget", repositoryId: "1002" },
];

/** A pipeline whose storage throws away what it is sent. */
export type APipeline = Awaited<ReturnType<typeof startPipeline>>;

/**
 * Starts the function app in its local host, with a discarding storage behind it that answers at once, and in front of it
 * the link to the runner.
 */
export async function startPipeline(folder: string, functionApp: string, link: Link) {
  const certificatesFolder = join(folder, "certificates");
  const certificates = await ensureCertificates(certificatesFolder);
  trustInThisProcess(certificates);
  const dataFolder = await mkdtemp(join(tmpdir(), "bench-pipeline-"));
  const { tenantId, githubAudience } = localDeployment;
  const identity = await startIdentityService({ certificates, tenantId });
  const identities = localIdentities(localDeployment);
  identity.registry.add({ identity: identities.function });
  const own = await identity.attach({ userAssigned: [identities.function] });
  const storage = await startFakeCloud(certificatesFolder, loopback);
  const account = `${storage.blob}/benchaccount`;
  const { issuer } = identity.github;
  await putText(`${account}/applications/benchapp.json`, JSON.stringify(profileFor(issuer)));
  const ids = resourceIds(localDeployment);
  const host = await startFunctionsHost({
    ...{ appFolder: functionApp, dataFolder, clock: scaledClock(1) },
    env: {
      ...trustEnvironment(certificates),
      ...own.appEnvironment,
      AZURE_CLIENT_ID: identities.function.clientId,
      PACKAGES_ENDPOINT: account,
      PACKAGES_ACCOUNT_ID: ids.account,
      GALLERY_ID: ids.gallery,
      ARM_ENDPOINT: storage.tokens,
      GITHUB_AUDIENCE: githubAudience,
      GITHUB_ISSUERS: JSON.stringify([{ issuer, jwksUri: `${issuer}/.well-known/jwks` }]),
    },
  });
  const front = await startProcess(join(import.meta.dirname, "link-front.ts"), [
    ...[certificatesFolder, JSON.stringify(link), host.url],
  ]);
  const oidc = await listenHttps(certificates);
  oidc.serve(
    jsonHandler(async () => {
      await delay(link.delay);
      return { status: 200, body: { value: await identity.github.tokenFor(localJob, githubAudience) } };
    }),
  );
  return {
    storage,
    audience: githubAudience,
    url: addressIn(front.line),
    tokenFor: (job: GithubJob) => identity.github.tokenFor(job, githubAudience),
    oidcUrl: `${oidc.origin}/idtoken?api-version=2.0`,
    /** The memory of the process that holds the host and the app. */
    memory: () => memoryOf(processThat(["functions-host", dataFolder])),
    /** Processor time so far of the front, of host and app, and of the storage behind them, together. */
    cpuSeconds: () =>
      [processThat(["functions-host", dataFolder]), front.pid, storage.pid]
        .map(cpuSecondsOf)
        .reduce((sum, one) => sum + one, 0),
    async stop() {
      await front.stop();
      await host.stop();
      await Promise.all([oidc.stop(), identity.stop(), storage.stop()]);
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

function profileFor(issuer: string) {
  const publishers = publishingJobs.map(({ repository, repositoryId, repositoryOwnerId, environment }) => ({
    ...{ issuer, repositoryId, ownerId: repositoryOwnerId, environment: environment ?? "" },
    workflow: `${repository}/.github/workflows/release.yml`,
  }));
  const commands = { install: "./install.sh", remove: "./remove.sh" };
  return { schema: 1, supportedOSType: "Linux", ...commands, publishers };
}

function addressIn(line: string): string {
  const places: unknown = JSON.parse(line);
  return String(Reflect.get(Object(places), "front"));
}

function putText(url: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const agent = new Agent();
    const headers = { "content-length": Buffer.byteLength(text), "x-ms-blob-type": "BlockBlob" };
    request(url, { method: "PUT", headers, agent }, (answer) => {
      answer.resume().once("end", resolve);
    })
      .once("error", reject)
      .end(text);
  });
}
