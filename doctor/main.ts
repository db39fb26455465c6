// npm run doctor: how a deployment stands, and what to do about what is not as it should be.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { Problem } from "../core/problem.ts";
import { postureText } from "../core/posture/posture-text.ts";
import { type Candidate, probeText } from "../core/posture/probe.ts";
import { placesOf } from "../functions/look-around.ts";
import { configOf, examine } from "./examine.ts";
import { deploymentInAzure, localDeployment, type Patient } from "./patient.ts";
import { probe } from "./probe.ts";
import { probeStage } from "./probe-stage.ts";

const USAGE = `npm run doctor -- [--app ID] [--local FILE] [--json] [--probe]

  --app ID      the function app's id in Azure, functionAppId of the template's outputs; asked with whatever this
                machine is signed in with (az login)
  --local FILE  the endpoints of a local Azure (npm run cloud); .local/endpoints.json when neither is given
  --json        findings as JSON
  --probe       publishes an application of 1 KB to find the narrowest role with which the gallery can read packages.
                Nothing else of the doctor writes; what it makes, it takes away again

Exits with 0 when there is no problem, with 1 when there is one, with 2 when it could not look.`;

interface Options {
  readonly app?: string;
  readonly local?: string;
  readonly json?: boolean;
  readonly probe?: boolean;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(`${error.message}\n${error.nextStep}`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { app, local, json, probe: isProbe } = options();
  const patient =
    app === undefined
      ? localDeployment(local ?? ".local/endpoints.json", isProbe ? "deployer" : "operator")
      : deploymentInAzure(app);
  if (isProbe) return probed(patient, json ?? false);
  const posture = await examine(patient);
  const color = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  process.stdout.write(json ? `${JSON.stringify(posture, null, 2)}\n` : postureText(posture, { color }));
  return posture.count.problem === 0 ? 0 : 1;
}

async function probed(patient: Patient, json: boolean): Promise<number> {
  const config = await configOf(patient);
  const { packagesAccountId, galleryId, role, roleScope } = placesOf(config);
  const now: Candidate = {
    galleryRole: role.name.endsWith("Reader") ? "reader" : "contributor",
    roleScope: roleScope === packagesAccountId ? "account" : "container",
  };
  const name = `vmapp-probe-${randomBytes(4).toString("hex")}`;
  const tell = (line: string): void => {
    console.error(line);
  };
  tell(
    `This writes, and takes away again: a container ${name} with 1 KB in ${packagesAccountId}; up to four galleries ` +
      `${name.replaceAll("-", "_")}_… beside ${galleryId}, each with a version of one application and one role on the ` +
      "account or the container. The deployment's own gallery and packages are not touched.",
  );
  const packagesEndpoint = patient.packagesEndpoint ?? config.packagesEndpoint;
  const place = { packagesAccountId, packagesEndpoint, galleryId, name };
  const { galleryApiVersion } = config.arm;
  const result = await probe(probeStage(patient, { ...place, galleryApiVersion }, untilStopped(tell)), tell);
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : probeText(result, now));
  return result.trials.some(({ worked }) => worked) && result.leftBehind.length === 0 ? 0 : 1;
}

/** A signal of the system stops the probe, which then takes away what it has made; later ones find it doing so. */
function untilStopped(tell: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      tell("Stopping: first, what the probe has made is taken away.");
      controller.abort(new Problem("probe-stopped", "the probe was stopped", "Run it again."));
    });
  }
  return controller.signal;
}

function options(): Options {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({ options: { app: text, local: text, json: flag, probe: flag } }).values;
  } catch (error) {
    throw new Problem("bad-arguments", error instanceof Error ? error.message : String(error), USAGE);
  }
}
