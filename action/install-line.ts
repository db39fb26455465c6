import type { Report } from "../core/report.ts";

// What an ARM id can be made of; anything else is not written where a person copies a command from.
const VERSION_ID =
  /^\/subscriptions\/[\w-]+\/resourceGroups\/[\w.()-]+\/providers\/Microsoft\.Compute\/galleries\/[\w.]+\/applications\/[\w.-]+\/versions\/[\d.]+$/i;

/** The command that installs the version on a virtual machine, ready to be copied; nothing when there is no id of one. */
export function installText({ versionId }: Report, cloud: string | undefined): string[] {
  if (versionId === null || !VERSION_ID.test(versionId)) return [];
  const id = versionId.includes("(") ? `'${versionId}'` : versionId;
  const lines = [
    ...(cloud === undefined || cloud === "AzureCloud" ? [] : [`az cloud set --name ${cloud}`]),
    `az vm application set --resource-group "$GROUP" --name "$VM" --app-version-ids ${id}`,
  ];
  return [
    "**Install it on a virtual machine**",
    ["```sh", ...lines, "```"].join("\n"),
    "The command replaces the machine's whole list of applications: add the ids of those that it shall keep.",
  ];
}
