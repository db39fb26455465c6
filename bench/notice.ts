import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Release } from "../core/naming.ts";
import { pauseSeconds } from "../core/replication.ts";
import { isFinal } from "../core/outcome.ts";
import { builtInRoles } from "../local/access/built-in-roles.ts";
import { trustEnvironment, trustInThisProcess } from "../local/certificates.ts";
import { localGuid } from "../local/deployment.ts";
import { type LocalAzure, localSecret, startLocalAzure } from "../local/local-azure.ts";
import { aWorld } from "../test/functions/a-world.ts";
import { numberText, Section } from "./bars.ts";
import { median } from "./interleaved.ts";
import { reportOf, submit, writeProfileOf } from "./local-releases.ts";
import { measure } from "./processes.ts";
import { azClient } from "./upload-clients.ts";

/** How long the replications take that are waited for in real time. Each is of its own application. */
const SECONDS = [38, 45, 52];

/** How long after the end of a replication it is noticed: by pauses alone, woken by an event, and by Azure's own tool. */
export async function benchNotice(functionApp: string, quick: boolean): Promise<Section> {
  const section = new Section("notice");
  const worst = await latenessInPauses();
  section.atMost("by pauses alone, 1 to 60 minutes of replication: at most", worst, 1, "pauses late");
  const durations = quick ? SECONDS.slice(0, 1) : SECONDS;
  const { woken, az } = await latenessInRealTime(functionApp, durations);
  section.tell("woken by an event", `${numberText(median(woken))} s late`);
  section.tell("az sig gallery-application version create", `${numberText(median(az))} s late`);
  section.atMost("woken by an event", median(woken) / median(az), 0.5, "× az");
  return section;
}

/** The most that the story is late by, as a part of the pause that it was in; in virtual time. */
async function latenessInPauses(): Promise<number> {
  let worst = 0;
  for (let seconds = 61; seconds < 3600; seconds += 97) {
    const world = aWorld();
    world.gallery.replicationSeconds = seconds;
    world.submit();
    const { report } = await world.publish();
    const noticed = report.regions[0]?.seconds ?? Number.NaN;
    worst = Math.max(worst, (noticed - seconds) / pauseSeconds(noticed));
  }
  return worst;
}

async function latenessInRealTime(functionApp: string, durations: readonly number[]) {
  const dataFolder = await mkdtemp(join(tmpdir(), "bench-notice-"));
  const azure = await startLocalAzure({
    ...{ dataFolder, functionApp, speed: 1, applications: durations.map(ours), access: "standing" },
    ...{ propagationSeconds: 0, wakeOnReplication: true },
    arm: { replicationSeconds: (_region, _bytes, version) => Number(version.split(".")[1]) },
  });
  try {
    trustInThisProcess(azure.certificates);
    const woken: Promise<number>[] = [];
    for (const seconds of durations) {
      const release = { application: ours(seconds), version: versionOf(seconds) };
      await writeProfileOf(azure, release.application, { latest: "immediately" });
      await submit(azure, release, 2);
      woken.push(latenessOfStory(azure, release));
    }
    const az = await latenessOfAz(azure, dataFolder, durations);
    return { woken: await Promise.all(woken), az };
  } finally {
    await azure.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

async function latenessOfStory(azure: LocalAzure, release: Release): Promise<number> {
  for (;;) {
    const report = await reportOf(azure, release);
    if (report?.endedAt && isFinal(report.outcome)) {
      if (report.outcome !== "published")
        throw new Error(`${release.application} ended as ${report.outcome}`);
      return (Date.parse(report.endedAt) - endOf(azure, release)) / 1000;
    }
    await delay(500);
  }
}

/** Creates versions of the same packages with az, all at once; none when there is no az. */
async function latenessOfAz(
  azure: LocalAzure,
  folder: string,
  durations: readonly number[],
): Promise<number[]> {
  if (typeof azClient() === "string") return [];
  const env = azEnvironment(azure, folder);
  const run = (args: readonly string[]) => measure({ command: "az", args, env });
  const { identity, identities, deployment, ids, arm } = azure;
  const authority = `${identity.authorityHost}/adfs`;
  azure.access.assign({
    ...{ name: localGuid("az creates versions"), scope: ids.subscription },
    roleId: builtInRoles.find(({ name }) => name === "Contributor")?.id ?? "",
    ...{ principalId: identities.administrator.principalId, principalType: "ServicePrincipal" },
  });
  await run([
    ...["cloud", "register", "--name", "bench", "--endpoint-resource-manager", arm.endpoint],
    ...["--endpoint-active-directory", authority],
    ...["--endpoint-active-directory-resource-id", "https://management.azure.com"],
    ...["--endpoint-management", "https://management.azure.com"],
    ...["--endpoint-active-directory-graph-resource-id", "https://graph.windows.net"],
  ]);
  await run(["cloud", "set", "--name", "bench"]);
  await run([
    ...["login", "--service-principal", "--username", identities.administrator.clientId],
    ...["--password", localSecret, "--tenant", deployment.tenantId],
  ]);
  const [group = "", gallery = ""] = [ids.group.split("/").at(-1), ids.gallery.split("/").at(-1)];
  return Promise.all(
    durations.map(async (seconds) => {
      const release = { application: `az${seconds}`, version: versionOf(seconds) };
      const source = { application: ours(seconds), version: versionOf(seconds) };
      const { location } = deployment;
      arm.state.createApplication({ id: applicationId(azure, release), location, supportedOSType: "Linux" });
      await ended(
        "az",
        [
          ...["sig", "gallery-application", "version", "create", "--resource-group", group],
          ...["--gallery-name", gallery, "--application-name", release.application],
          ...["--version-name", release.version],
          ...["--package-file-link", await packageUrl(azure, source), "--location", "eastus"],
          ...["--install-command", "./install.sh", "--remove-command", "./remove.sh"],
          ...["--target-regions", '[{"name":"eastus","regionalReplicaCount":1}]', "--output", "none"],
        ],
        env,
      );
      return (azure.clock.now() - endOf(azure, release)) / 1000;
    }),
  );
}

function azEnvironment(azure: LocalAzure, folder: string): Readonly<Record<string, string>> {
  return {
    ...trustEnvironment(azure.certificates),
    AZURE_CONFIG_DIR: join(folder, "az"),
    AZURE_CORE_COLLECT_TELEMETRY: "no",
    AZURE_CORE_ONLY_SHOW_ERRORS: "yes",
  };
}

// `measure` is for one process at a time.
function ended(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
      stdio: ["ignore", "ignore", "inherit"],
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.slice(0, 4).join(" ")} ended with ${String(code)}`));
    });
  });
}

async function packageUrl(azure: LocalAzure, release: Release): Promise<string> {
  for (;;) {
    const report = await reportOf(azure, release);
    if (report?.blobUrl && azure.arm.state.version(versionId(azure, release))) return report.blobUrl;
    await delay(500);
  }
}

function endOf(azure: LocalAzure, release: Release): number {
  return azure.arm.state.version(versionId(azure, release))?.change.endsAt ?? Number.NaN;
}

function versionId(azure: LocalAzure, release: Release): string {
  return `${applicationId(azure, release)}/versions/${release.version}`;
}

function applicationId({ ids }: LocalAzure, { application }: Release): string {
  return `${ids.gallery}/applications/${application}`;
}

function ours(seconds: number): string {
  return `benchapp${seconds}`;
}

function versionOf(seconds: number): string {
  return `1.${seconds}.0`;
}
