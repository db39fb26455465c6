// The local Azure, staying up for tools and for trying things.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { applicationNameFrom } from "../core/application.ts";
import { commandLine, runCommand, speedFrom } from "./arguments.ts";
import { endpointsOf, writeEndpoints } from "./endpoints.ts";
import { type LocalAzure, startLocalAzure } from "./local-azure.ts";
import { takePidFile } from "./pid-file.ts";
import { writeProfile } from "./profiles.ts";

const USAGE = "npm run cloud -- [--application NAME]... [--speed N]";
const root = resolve(import.meta.dirname, "..");
// npm runs scripts in the project's folder.
const dataFolder = resolve(".local");
const endpointsFile = join(dataFolder, "endpoints.json");
const functionsLog = join(dataFolder, "functions.log");

await runCommand(main);

async function main(): Promise<void> {
  const options = commandLine(
    { application: { type: "string", multiple: true }, speed: { type: "string" } },
    USAGE,
  );
  const speed = speedFrom(options.speed ?? "20", USAGE);
  const applications = (options.application ?? ["flooperapp"]).map(applicationNameFrom);
  await mkdir(dataFolder, { recursive: true });
  const giveUpPidFile = await takePidFile(join(dataFolder, "cloud.pid"), "A local Azure");
  try {
    await forgetEarlierRun();
    const azure = await startCloud(applications, speed);
    await writeEndpoints(azure, endpointsFile);
    // Listening first: who reads the welcome may send the signal at once.
    const told = untilTold();
    console.log(welcome(azure, applications));
    await told;
    console.log("\nStopping.");
    await rm(endpointsFile, { force: true });
    await azure.stop();
  } finally {
    await giveUpPidFile();
  }
}

/** The gallery and the roles live in memory, so blobs and orchestrations of an earlier run would contradict them. */
async function forgetEarlierRun(): Promise<void> {
  const left = ["storage", "functions-host"].map((name) => join(dataFolder, name));
  await Promise.all([...left, endpointsFile].map((path) => rm(path, { recursive: true, force: true })));
  await writeFile(functionsLog, "");
}

async function startCloud(applications: readonly string[], speed: number): Promise<LocalAzure> {
  const functionApp = join(root, "dist", "functions");
  const azure = await startLocalAzure({
    ...{ dataFolder, applications, functionApp, functionsLog, speed, hasDeployer: true },
  });
  for (const application of applications) {
    await writeProfile(azure, application, {
      schema: 1,
      supportedOSType: "Linux",
      install: "echo installed",
      remove: "echo removed",
      targetRegions: ["eastus2", "westeurope", "japaneast"],
      settlingSeconds: 20,
    });
  }
  return azure;
}

function welcome(azure: LocalAzure, applications: readonly string[]): string {
  const { blob, arm, functions, authority, caFile } = endpointsOf(azure);
  const here = (path: string) => relative(process.cwd(), path);
  return `Local Azure is up, empty, and ${azure.clock.speed} times as fast as the real one. Ctrl+C ends it.

  blob       ${blob}
  arm        ${arm}
  functions  ${functions}
  authority  ${authority}
  CA         ${caFile}

Applications with a profile: ${applications.join(", ")}
All endpoints, identities and how to get their tokens: ${here(endpointsFile)}
What the functions log: ${here(functionsLog)}
docs/local-azure.md shows it with curl, azcopy, az and the SDKs.`;
}

function untilTold(): Promise<unknown> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, resolve);
  });
}
