import { randomBytes } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { getInput } from "@actions/core";
import type { Problem } from "../core/problem.ts";
import { cancellation } from "./cancelled.ts";
import { machineClock } from "./clock.ts";
import { failStep, jobLog, tell } from "./console.ts";
import { createDirectStorage } from "./direct-storage.ts";
import { createReleaseAssets } from "./github-release.ts";
import { idTokenOfJob, readRun } from "./github.ts";
import { isBehindProxy } from "./https-request.ts";
import { readInputs } from "./inputs.ts";
import { operate } from "./operate.ts";
import { operationFrom, type OperationInputs, readOperationInputs } from "./operation-inputs.ts";
import type { Facts } from "./outputs.ts";
import { createPipeline } from "./pipeline.ts";
import { publish } from "./publish.ts";
import { createCredential } from "./sign-in.ts";
import { createStorage } from "./storage.ts";

// An upload leaves nothing but short-lived garbage. V8 would give it ever more room, of which each page stays touched.
setFlagsFromString("--semi-space-growth-factor=1");

let facts: Facts = {};
let problem: Problem | undefined;
const run = readRun(process.env);
const { signal, cancelled } = cancellation(() => facts);
try {
  await Promise.race([work(), cancelled]);
} catch (error) {
  problem = failStep(error);
}
await tell(facts, problem, run);
// What a cancelled step still has under way would keep the runner waiting until it kills it.
if (signal.aborted) process.exit(1);

async function work(): Promise<void> {
  const operation = operationFrom(getInput);
  await (operation === "publish" ? publishRelease() : askPipeline(operation));
}

async function askPipeline(operation: OperationInputs["operation"]): Promise<void> {
  const inputs = readOperationInputs(operation, getInput, run, process.env["AZURE_AUTHORITY_HOST"]);
  const credential = createCredential(inputs.signIn, inputs.cloud, {
    ...{ idToken: idTokenOfJob, environment: process.env, log: jobLog },
  });
  await operate(inputs, {
    pipeline: createPipeline(inputs.url, inputs.audience, credential),
    ...{ clock: machineClock, log: jobLog, learn: (news) => void (facts = { ...facts, ...news }) },
  });
}

async function publishRelease(): Promise<void> {
  const inputs = readInputs(getInput, run, process.env["AZURE_AUTHORITY_HOST"]);
  const { account, blockChecksums, githubToken } = inputs;
  const credential = createCredential(inputs.signIn, inputs.cloud, {
    idToken: idTokenOfJob,
    environment: process.env,
    log: jobLog,
  });
  const createsStorage = isBehindProxy(process.env) ? createStorage : createDirectStorage;
  facts = { ...facts, cloud: inputs.cloud.name };
  await publish(inputs, run, {
    storage: createsStorage(account, credential, { clientId: credential.clientId, blockChecksums }),
    assets: createReleaseAssets(githubToken, run),
    clock: machineClock,
    log: jobLog,
    signal,
    randomHex: () => randomBytes(4).toString("hex"),
    learn: (news) => void (facts = { ...facts, ...news }),
  });
}
