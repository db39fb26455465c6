import type { Reason } from "../../core/problem.ts";
import { now, sleep, type Story } from "../vocabulary.ts";
import { attempted, isUnavailable, patiently, pauseBeforeRetry } from "./patience.ts";
import { beginStep, note, type Telling } from "./telling.ts";

// The place of the access lease: a story will ask it for access here, and give it back here.

/** Whose access was taken, so that it can be given back whatever happens in between. Null: no answer told yet. */
export interface AccessTaken {
  principalId: string | null;
}

/** Lets the gallery read the vault. Safe to repeat. */
export function* takeAccess(access: AccessTaken): Story<void> {
  const granted = yield* patiently("grantAccess", {});
  access.principalId = granted.principalId;
}

/** Takes the gallery's access away. Never throws: gives the reason why it could not. */
export function* releaseAccess(telling: Telling, access: AccessTaken): Story<Reason | undefined> {
  yield* beginStep(telling, "release access");
  for (let attempt = 0; ; attempt++) {
    const answer = yield* attempted("revokeAccess", { principalId: access.principalId });
    if (!isUnavailable(answer)) {
      if (answer === "foreign") {
        note(telling, "Somebody else assigned the gallery's role; it stays as it is.");
        telling.report = { ...telling.report, access: null };
      } else {
        telling.report = { ...telling.report, access: { state: "released", at: yield* now() } };
      }
      return undefined;
    }
    const pause = pauseBeforeRetry(answer.refusal, attempt);
    if (pause === undefined) return notReleased(telling, answer.refusal.reason);
    yield* sleep(pause);
  }
}

function notReleased(telling: Telling, { message, nextStep }: Reason): Reason {
  note(telling, `The gallery still has access to the vault: ${message}`);
  return {
    code: "access-not-released",
    message: `the gallery's access to the vault could not be taken away: ${message}`,
    nextStep: `Delete the role assignment that the pipeline made on the packages account. ${nextStep}`,
  };
}
