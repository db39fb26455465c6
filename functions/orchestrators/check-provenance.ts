import type { Plan, Submitted } from "../story-values.ts";
import type { Story } from "../vocabulary.ts";
import { refused } from "./endings.ts";
import { beginStep, type Ending, note, type Telling, tellWith } from "./telling.ts";

/** Checks where a package comes from, if its profile asks for it. Gives the ending when it may not be published. */
export function* checkProvenance(
  telling: Telling,
  { drop, submission, package: blob }: Submitted,
  { asksProvenance, submitted, manifestSha256 }: Plan,
): Story<Ending | undefined> {
  if (!asksProvenance) return undefined;
  yield* beginStep(telling, "check provenance");
  const question = { drop, submission, package: blob, isProven: submitted !== null, manifestSha256 };
  const answer = yield* tellWith(telling, "checkProvenance", question);
  for (const text of answer.notes) note(telling, text);
  if (answer.state === "refused") return refused(answer.reason);
  if (answer.state === "awaiting-approval") {
    telling.report = { ...telling.report, approval: { manifestSha256, by: null, at: null } };
    return { outcome: answer.state, reason: answer.reason };
  }
  const { provenance, approval } = answer;
  telling.report = {
    ...telling.report,
    ...(provenance && { provenance }),
    ...(approval && { approval: { manifestSha256, by: approval.by.objectId, at: approval.at } }),
  };
  return undefined;
}
