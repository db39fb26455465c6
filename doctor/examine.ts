import * as z from "zod";
import { settingsSchema, siteSchema } from "../core/posture/facts.ts";
import { groupsThatDrop } from "../core/posture/approver-checks.ts";
import { groups } from "../core/posture/finding.ts";
import { completedBy, type Posture, postureFrom, postureOf } from "../core/posture/posture.ts";
import { groupsWithPower } from "../core/posture/power-checks.ts";
import { Problem } from "../core/problem.ts";
import { readArm, readPosture, reading } from "../functions/azure/posture.ts";
import { type Config, configFrom } from "../functions/config.ts";
import { placesOf } from "../functions/look-around.ts";
import { readApprovers, readGroups } from "./directory.ts";
import type { Patient } from "./patient.ts";

/** How a deployment stands: seen from outside, and completed by what the function app itself sees. */
export async function examine(patient: Patient): Promise<Posture> {
  const config = await configOf(patient);
  const arm = { ...patient.arm, galleryApiVersion: config.arm.galleryApiVersion };
  const facts = await readPosture(patient.credential, arm, placesOf(config));
  const wanted = [...new Set([...groupsWithPower(facts), ...groupsThatDrop(facts)])];
  const [groups, approvers] = await Promise.all([
    reading(() => readGroups(patient, wanted)),
    reading(async () => (config.api ? await readApprovers(patient, config.api.audience) : [])),
  ]);
  const posture = postureOf({ ...facts, groups, approvers });
  return completedBy(posture, await seenByApp(patient, config, posture.at));
}

/** The settings that a deployment has. */
export async function configOf({ credential, arm, functionAppId }: Patient): Promise<Config> {
  const path = `${functionAppId}/config/appsettings/list?api-version=2024-04-01`;
  const settings = await readArm(credential, arm, path, settingsSchema, {});
  if ("value" in settings) return configFrom(settings.value.properties);
  throw new Problem(
    "settings-unreadable",
    `the settings of ${functionAppId} could not be read: ${settings.unreadable}`,
    "Check the id, and sign in (az login) as somebody who has Microsoft.Web/sites/config/list/action there: the role VM " +
      "Application Doctor has it, which operators are given; the built-in Reader, which customRoles=false gives instead, " +
      `has not. Then: az role assignment create --role "Website Contributor" --assignee ID --scope ${functionAppId} ` +
      "(which may also change the app), or ask GET /api/posture, which needs the app role Releases.Read only.",
  );
}

const findingSchema = z.object({
  group: z.enum(groups),
  check: z.string(),
  verdict: z.enum(["ok", "warning", "problem", "unknown"]),
  says: z.string(),
  remedy: z.string().exactOptional(),
});
const postureSchema = z.object({ findings: z.array(findingSchema) });

/** What the function app answers about itself; nothing but one `unknown` when it does not answer. */
async function seenByApp(patient: Patient, config: Config, at: string): Promise<Posture> {
  const answer = await reading(() => askApp(patient, config));
  if ("value" in answer) return postureFrom(at, answer.value.findings);
  return postureFrom(at, [
    {
      ...{ group: "Content", check: "app-view", verdict: "unknown" },
      says: `What only the function app can see is not here: ${answer.unreadable}.`,
      remedy: "Have the app role Releases.Read of the pipeline's API assigned, and sign in again.",
    },
  ]);
}

async function askApp({ credential, arm, functionAppId, url }: Patient, { api }: Config) {
  if (!api) throw new Error("its endpoints are not set up");
  const signal = AbortSignal.timeout(60_000);
  const token = await credential.getToken(`${api.audience}/.default`, { abortSignal: signal });
  const site = await readArm(credential, arm, `${functionAppId}?api-version=2024-04-01`, siteSchema);
  const name = "value" in site ? (site.value.properties.defaultHostName ?? "") : "";
  const response = await fetch(`${url ?? `https://${name}`}/api/posture`, {
    headers: { authorization: `Bearer ${token?.token ?? ""}` },
    signal,
  });
  if (response.status !== 200) throw new Error(`its endpoint answered ${response.status}`);
  return postureSchema.parse(await response.json());
}
