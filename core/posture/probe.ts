import { oneLine } from "../markdown.ts";

/** A role for the gallery's identity and where it is given, in the words of the template's parameters. */
export interface Candidate {
  readonly galleryRole: "reader" | "contributor";
  readonly roleScope: "container" | "account";
}

/** From the narrowest to the broadest: reading more is less than writing. The last one is what Microsoft's articles show. */
export const candidates: readonly Candidate[] = [
  { galleryRole: "reader", roleScope: "container" },
  { galleryRole: "reader", roleScope: "account" },
  { galleryRole: "contributor", roleScope: "container" },
  { galleryRole: "contributor", roleScope: "account" },
];

/** How publishing went with one of them. */
export interface Trial extends Candidate {
  readonly worked: boolean;
  readonly says: string;
}

/** What a probe found, and what of it could not be taken away again: commands that do so. */
export interface ProbeResult {
  readonly trials: readonly Trial[];
  readonly leftBehind: readonly string[];
}

/** The candidate in words. */
export function candidateText({ galleryRole, roleScope }: Candidate): string {
  return `${galleryRole} on the ${roleScope}`;
}

/** What to do after a probe; `now` is what the deployment has. */
export function adviceOf({ trials }: ProbeResult, now: Candidate): string {
  const found = trials.find(({ worked }) => worked);
  if (!found) {
    return "No role worked, not even the broadest: run the doctor without --probe, and see to the account's firewall.";
  }
  const parameters = `galleryRole=${found.galleryRole} roleScope=${found.roleScope}`;
  if (found.galleryRole === now.galleryRole && found.roleScope === now.roleScope) {
    return `The narrowest that works is what is deployed: ${parameters}.`;
  }
  return (
    `The narrowest that works is ${candidateText(found)}; deployed is ${candidateText(now)}. To change it: ` +
    `az deployment group create --resource-group GROUP --name main --parameters infra/main.bicepparam --parameters ${parameters}`
  );
}

/** A probe's result for people. */
export function probeText(result: ProbeResult, now: Candidate): string {
  const tried = result.trials.map(
    (trial) => `  ${trial.worked ? "ok" : "XX"}  ${candidateText(trial)}: ${oneLine(trial.says)}`,
  );
  const left =
    result.leftBehind.length === 0
      ? ["Nothing of it is left behind."]
      : ["Left behind, to be removed by hand:", ...result.leftBehind.map((each) => `  ${each}`)];
  return `${["Tried", ...tried, "", adviceOf(result, now), ...left].join("\n")}\n`;
}
