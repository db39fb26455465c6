import { randomBytes } from "node:crypto";
import { getInput } from "@actions/core";
import type { Problem } from "../core/problem.ts";
import { machineClock } from "./clock.ts";
import { cloudOf } from "./cloud.ts";
import { failStep, jobLog, tell } from "./console.ts";
import { idTokenOfJob, readRun } from "./github.ts";
import { readInputs } from "./inputs.ts";
import type { Facts } from "./outputs.ts";
import { publish } from "./publish.ts";
import { createCredential, signInLine } from "./sign-in.ts";
import { createStorage } from "./storage.ts";

let facts: Facts = {};
let problem: Problem | undefined;
try {
  const run = readRun(process.env);
  const cloud = cloudOf(process.env["AZURE_AUTHORITY_HOST"]);
  const inputs = readInputs(getInput, run, cloud);
  jobLog.info(signInLine(inputs.signIn));
  const credential = createCredential(inputs.signIn, cloud, idTokenOfJob);
  const storage = createStorage(inputs.account, credential, inputs.signIn.clientId);
  const learn = (news: Facts): void => void (facts = { ...facts, ...news });
  const randomHex = (): string => randomBytes(4).toString("hex");
  await publish(inputs, run, { storage, clock: machineClock, log: jobLog, randomHex, learn });
} catch (error) {
  problem = failStep(error);
}
await tell(facts, problem);
