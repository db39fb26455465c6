import type { Plan, Submitted } from "../activities.ts";
import type { Story } from "../vocabulary.ts";
import { refused } from "./endings.ts";
import { patiently } from "./patience.ts";
import { type Ending, note, type Telling, tellStep } from "./telling.ts";

/** Checks where a package comes from, if its profile asks for it. Gives the ending when it may not be published. */
export function* checkProvenance(
  telling: Telling,
  { drop, package: blob }: Submitted,
  { asksProvenance, submitted }: Plan,
): Story<Ending | undefined> {
  if (!asksProvenance) return undefined;
  yield* tellStep(telling, "check provenance");
  const answer = yield* patiently("checkProvenance", { drop, package: blob, isProven: submitted !== null });
  for (const text of answer.notes) note(telling, text);
  if (answer.state === "refused") return refused(answer.reason);
  if (answer.state === "awaiting-approval") return { outcome: answer.state, reason: answer.reason };
  const { provenance } = answer;
  if (provenance) telling.report = { ...telling.report, provenance };
  return undefined;
}
