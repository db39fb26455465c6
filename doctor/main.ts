// npm run doctor: how a deployment stands, and what to do about what is not as it should be.
import { parseArgs } from "node:util";
import { Problem } from "../core/problem.ts";
import { postureText } from "../core/posture/posture-text.ts";
import { examine } from "./examine.ts";
import { deploymentInAzure, localDeployment } from "./patient.ts";

const USAGE = `npm run doctor -- [--app ID] [--local FILE] [--json]

  --app ID      the function app's id in Azure, functionAppId of the template's outputs; asked with whatever this
                machine is signed in with (az login)
  --local FILE  the endpoints of a local Azure (npm run cloud); .local/endpoints.json when neither is given
  --json        findings as JSON

Exits with 0 when there is no problem, with 1 when there is one, with 2 when it could not look.`;

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(`${error.message}\n${error.nextStep}`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { app, local, json } = options();
  const patient =
    app === undefined ? localDeployment(local ?? ".local/endpoints.json") : deploymentInAzure(app);
  const posture = await examine(patient);
  const color = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  process.stdout.write(json ? `${JSON.stringify(posture, null, 2)}\n` : postureText(posture, { color }));
  return posture.count.problem === 0 ? 0 : 1;
}

function options(): { app?: string; local?: string; json?: boolean } {
  const text = { type: "string" } as const;
  try {
    return parseArgs({ options: { app: text, local: text, json: { type: "boolean" } } }).values;
  } catch (error) {
    throw new Problem("bad-arguments", error instanceof Error ? error.message : String(error), USAGE);
  }
}
