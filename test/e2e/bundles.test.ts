import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ensureCertificates, trustEnvironment } from "../../local/certificates.ts";
import { localDeployment, localIdentities, resourceIds } from "../../local/deployment.ts";
import { runActionStep } from "../../local/github-runner.ts";
import { subjectOf } from "../../local/identity/github-job.ts";
import { startIdentityService } from "../../local/identity/start-identity-service.ts";
import { localJob } from "../../local/local-azure.ts";
import { writeProfile } from "../../local/profiles.ts";
import { actionBundle, aPackage, functionApp, runAction, startDeployment } from "./a-deployment.ts";
import { describeWhere } from "./describe-where.ts";
import { startDiscardingStorage } from "./discarding-storage.ts";

const node22 = resolve(import.meta.dirname, "../runtimes/node-22/node_modules/node/bin/node");
const withNode22 = {
  holds: existsSync(node22),
  otherwise: "npm did not install node-22-for-tests on this platform",
};
const functionsBundle = join(functionApp, "main.cjs");

/** Runs a program with nothing in its environment but `env`. */
function runBare(program: string, file: string, env: Record<string, string> = {}) {
  return new Promise<{ exitCode: unknown; output: string }>((done) => {
    execFile(program, [file], { cwd: tmpdir(), env }, (error, stdout, stderr) => {
      done({ exitCode: error?.code ?? 0, output: stdout + stderr });
    });
  });
}

function describeFunctionsBundle(program: string): void {
  it("loads outside of any host", async () => {
    const ids = resourceIds(localDeployment);
    const { exitCode, output } = await runBare(program, functionsBundle, {
      PACKAGES_ENDPOINT: "https://floopackages.blob.core.windows.net",
      PACKAGES_ACCOUNT_ID: ids.account,
      GALLERY_ID: ids.gallery,
    });
    expect(output).not.toMatch(/error/i);
    expect(exitCode).toBe(0);
  });

  it("names every app setting that is missing", async () => {
    const { exitCode, output } = await runBare(program, functionsBundle);
    for (const name of ["PACKAGES_ENDPOINT", "PACKAGES_ACCOUNT_ID", "GALLERY_ID"])
      expect(output).toContain(`${name} is missing`);
    expect(exitCode).toBe(1);
  });
}

describe("dist/functions/main.cjs, with the Node that runs the tests", () => {
  describeFunctionsBundle(process.execPath);
});

describeWhere(withNode22, "dist/functions/main.cjs, with Node 22", () => {
  describeFunctionsBundle(node22);

  it("publishes a release", async () => {
    const { azure, workspace, stop } = await startDeployment({ nodePath: node22 });
    await writeProfile(azure, "flooperapp", { schema: 1, supportedOSType: "Linux" });
    await aPackage(workspace);
    const step = await runAction(azure, workspace, { with: { version: "1.0.0" } });
    await stop();
    expect(step.outputs["outcome"]).toBe("published");
  });
});

describe("dist/action/main.js", () => {
  it("names every input that is missing, once", async () => {
    const { exitCode, output } = await runBare(process.execPath, actionBundle);
    const errors = output.split("\n").filter((line) => line.startsWith("::error::"));
    expect(errors).toHaveLength(1);
    for (const input of ["storage-account", "application", "version", "package"])
      expect(errors[0]).toContain(`input ${input} is missing`);
    expect(exitCode).toBe(1);
  });
});

// The peak of this very program: what `resourceUsage` tells includes the process that started it.
const tellPeakMemory = `
  import { readFileSync, writeSync } from "node:fs";
  process.on("exit", () => writeSync(2, readFileSync("/proc/self/status", "utf8").match(/VmHWM.*\\n/)[0]));
`;
const onLinux = {
  holds: process.platform === "linux",
  otherwise: "the peak of a process's memory is read from /proc",
};

describeWhere(onLinux, "dist/action/main.js, uploading 1 GiB", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "memory-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("stays below 200 MiB", async () => {
    const certificates = await ensureCertificates(folder);
    const storage = await startDiscardingStorage(certificates);
    const identity = await startIdentities(certificates);
    const { uploader } = localIdentities(localDeployment);
    await writeFile(join(folder, "flooper.msi"), "");
    await truncate(join(folder, "flooper.msi"), 2 ** 30);
    const step = await runActionStep({
      main: actionBundle,
      workspace: folder,
      env: {
        ...trustEnvironment(certificates),
        ...identity.github.startJob(localJob),
        AZURE_AUTHORITY_HOST: identity.authorityHost,
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tellPeakMemory)}`,
      },
      with: {
        ...{ "storage-account": storage.endpoint, application: "flooperapp", version: "1.0.0" },
        ...{ "client-id": uploader.clientId, "tenant-id": localDeployment.tenantId },
        ...{ package: "flooper.msi", install: "flooper.msi /quiet", remove: "echo", wait: "none" },
      },
    });
    await Promise.all([storage.stop(), identity.stop()]);
    const peakKibibytes = Number(/VmHWM:\s+(\d+) kB/.exec(step.lines.join("\n"))?.[1]);
    expect(step.exitCode).toBe(0);
    expect(storage.received.bytes).toBeGreaterThan(2 ** 30);
    expect(peakKibibytes).toBeGreaterThan(0);
    expect(peakKibibytes).toBeLessThan(200 * 1024);
  });
});

async function startIdentities(certificates: Awaited<ReturnType<typeof ensureCertificates>>) {
  const { uploader } = localIdentities(localDeployment);
  const service = await startIdentityService({ certificates, tenantId: localDeployment.tenantId });
  const { issuer } = service.github;
  const audiences = ["api://AzureADTokenExchange"];
  service.registry.add({
    identity: uploader,
    federatedCredentials: [{ issuer, subject: subjectOf(localJob), audiences }],
  });
  return service;
}
