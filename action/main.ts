import "./uncompiled-schemas.ts";
import { randomBytes } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { getInput } from "@actions/core";
import type { Problem } from "../core/problem.ts";
import { cancellation } from "./cancelled.ts";
import { machineClock } from "./clock.ts";
import type { Cloud } from "./cloud.ts";
import { failStep, jobLog, tell } from "./console.ts";
import { createDirectIntake } from "./direct-intake.ts";
import { createDirectStorage } from "./direct-storage.ts";
import { createGithubBundles } from "./github-attestations.ts";
import { createReleaseAssets } from "./github-release.ts";
import { idTokenOfJob, readRun } from "./github.ts";
import { isBehindProxy, openAhead } from "./https-request.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import type { Intake } from "./intake.ts";
import { jobCredential } from "./job-credential.ts";
import { operate } from "./operate.ts";
import { operationFrom, type OperationInputs, readOperationInputs } from "./operation-inputs.ts";
import type { Facts } from "./outputs.ts";
import { createPipeline } from "./pipeline.ts";
import { createPipelineClient, type PipelineClient } from "./pipeline-client.ts";
import type { PipelineAccess } from "./pipeline-inputs.ts";
import { createPipelineIntake } from "./pipeline-intake.ts";
import { createSubmissions } from "./pipeline-submissions.ts";
import { publish } from "./publish.ts";
import { createCredential } from "./sign-in.ts";
import { createStorage } from "./storage.ts";
import { connectionsFor } from "./upload.ts";
import type { Way } from "./way-inputs.ts";

// An upload leaves nothing but short-lived garbage. V8 would give it ever more room, of which each page stays touched.
setFlagsFromString("--semi-space-growth-factor=1");

let facts: Facts = {};
let problem: Problem | undefined;
const run = readRun(process.env);
const { signal, cancelled } = cancellation(() => facts);
const learn = (news: Facts): void => void (facts = { ...facts, ...news });
const tools = { clock: machineClock, log: jobLog, signal, learn };
const signInTools = { idToken: idTokenOfJob, environment: process.env, log: jobLog };
void main();

async function main(): Promise<void> {
  try {
    await Promise.race([work(), cancelled]);
  } catch (error) {
    problem = failStep(error);
  }
  await tell(facts, problem, run);
  // What a cancelled step still has under way would keep the runner waiting until it kills it.
  if (signal.aborted) process.exit(1);
}

async function work(): Promise<void> {
  const operation = operationFrom(getInput);
  await (operation === "publish" ? publishRelease() : askPipeline(operation));
}

async function askPipeline(operation: OperationInputs["operation"]): Promise<void> {
  const inputs = readOperationInputs(operation, getInput, run, process.env["AZURE_AUTHORITY_HOST"]);
  facts = { ...facts, cloud: inputs.cloud.name };
  const pipeline = createPipeline(clientOf(inputs.pipeline, inputs.cloud));
  await operate(inputs, { pipeline, ...tools });
}

async function publishRelease(): Promise<void> {
  const inputs = readInputs(getInput, run, process.env["AZURE_AUTHORITY_HOST"]);
  facts = { ...facts, cloud: inputs.cloud.name };
  const intake = inputs.way.route === "direct" ? dropBox(inputs.way, inputs) : endpoints(inputs.way, inputs);
  const assets = createReleaseAssets(inputs.githubToken, run);
  const expect = (bytes: number): void => openAhead(intake.place.value, connectionsFor(bytes));
  await publish(inputs, run, { intake, assets, expect, ...tools });
}

function dropBox({ account, signIn }: Extract<Way, { route: "direct" }>, inputs: Inputs): Intake {
  const credential = createCredential(signIn, inputs.cloud, signInTools);
  const createsStorage = isBehindProxy(process.env) ? createStorage : createDirectStorage;
  const storage = createsStorage(account, credential, {
    clientId: credential.clientId,
    blockChecksums: inputs.blockChecksums,
  });
  const randomHex = (): string => randomBytes(4).toString("hex");
  const intakeTools = { ...tools, randomHex, githubBundles: createGithubBundles(inputs.githubToken, run) };
  return createDirectIntake({ storage, endpoint: account.blobEndpoint }, run, intakeTools);
}

function endpoints(
  { pipeline }: Extract<Way, { route: "pipeline" }>,
  { cloud, githubToken }: Inputs,
): Intake {
  const client = clientOf(pipeline, cloud);
  const asked = { status: createPipeline(client), submissions: createSubmissions(client) };
  return createPipelineIntake(client.url, asked, {
    ...tools,
    githubBundles: createGithubBundles(githubToken, run),
  });
}

function clientOf({ url, scope, signIn }: PipelineAccess, cloud: Cloud): PipelineClient {
  const credential =
    signIn === "job" ? jobCredential(idTokenOfJob, jobLog) : createCredential(signIn, cloud, signInTools);
  return createPipelineClient(url, scope, credential);
}
