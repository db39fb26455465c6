// The local Azure, staying up for tools and for trying things.
import { mkdir } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { Problem } from "../core/problem.ts";
import { commandLine } from "./arguments.ts";
import { endpointsOf, writeEndpoints } from "./endpoints.ts";
import { startLocalAzure } from "./local-azure.ts";
import { writeProfile } from "./profiles.ts";

const USAGE = "npm run cloud -- [--application NAME]... [--speed N]";
const root = resolve(import.meta.dirname, "..");
const dataFolder = join(root, ".local");
const endpointsFile = join(dataFolder, "endpoints.json");

try {
  await main();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(`${error.message}\n${error.nextStep}`);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const options = commandLine(
    { application: { type: "string", multiple: true }, speed: { type: "string" } },
    USAGE,
  );
  const applications = options.application ?? ["flooperapp"];
  await mkdir(dataFolder, { recursive: true });
  const azure = await startLocalAzure({
    ...{ dataFolder, applications },
    functionApp: join(root, "dist", "functions"),
    speed: Number(options.speed ?? "20"),
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
  await writeEndpoints(azure, endpointsFile);
  const { blob, arm, functions, authority, caFile } = endpointsOf(azure);
  console.log(`Local Azure is up. Ctrl+C ends it.

  blob       ${blob}
  arm        ${arm}
  functions  ${functions}
  authority  ${authority}
  CA         ${caFile}

Applications with a profile: ${applications.join(", ")}
All endpoints, identities and how to get their tokens: ${relative(process.cwd(), endpointsFile)}
docs/local-azure.md shows it with az, azcopy and curl.`);
  await new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  console.log("\nStopping.");
  await azure.stop();
}
