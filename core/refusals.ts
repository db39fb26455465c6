import * as z from "zod";
import { oneLine } from "./markdown.ts";
import type { Reason } from "./problem.ts";
import { type Meaning, meanings } from "./refusal-table.ts";
import { withoutSureSecrets } from "./secrets.ts";

/** An answer of Azure's that was not what was asked for: what the edges extract, and nothing else. */
export interface AzureAnswer {
  readonly service: "gallery" | "access" | "storage" | "entra";
  /** HTTP status; 0 when there was no answer at all. */
  readonly status: number;
  /** Azure's error code, `AADSTS…` for Entra, the system's code (`ENOTFOUND`) when there was no answer. */
  readonly code: string;
  readonly message: string;
  readonly requestId?: string;
  readonly retryAfterSeconds?: number;
}

/** The names that a next step needs so that it can be followed. All optional: what is unknown is left out. */
export interface RefusalContext {
  readonly account?: string;
  readonly container?: string;
  /** What the caller was doing in storage: it decides which role is missing. */
  readonly doing?: "read" | "write";
  readonly galleryRole?: string;
  readonly galleryScope?: string;
  readonly galleryIdentity?: string;
  readonly clientId?: string;
}

/**
 * How to go on after an answer: `access` means that storage refused the gallery, which right after a grant only takes
 * time; `busy`, `throttled` and `transient` pass by themselves; `final` does not.
 */
export type RefusalKind = "access" | "busy" | "throttled" | "transient" | "final";

/** Azure's answer in words: what kind of refusal it is, and the reason with its next step. */
export interface Refusal {
  readonly kind: RefusalKind;
  readonly reason: Reason;
  readonly retryAfterSeconds?: number;
}

/** Azure did not do what was asked: why, and whether trying again helps. */
export interface Unavailable {
  readonly state: "unavailable";
  readonly refusal: Refusal;
}

const UNKNOWN: Omit<Meaning, "as"> = {
  kind: "final",
  says: (answer) => `Azure refused (${answer.service}, status ${answer.status}): ${answer.message}`,
  nextStep: "Look the code up in Azure's documentation; mend what it names, then submit again.",
};

/** What an answer of Azure's means, and what to do. An unknown one is final and quoted as it is. */
export function refusalOf(answer: AzureAnswer, context: RefusalContext = {}): Refusal {
  const meaning = meanings.find((candidate) => matches(candidate, answer)) ?? {
    ...UNKNOWN,
    as: `${answer.service}-refused`,
  };
  const { says, nextStep } = meaning;
  // Entra's further lines are trace ids and times.
  const text = answer.service === "entra" ? answer.message.replace(/\n.*/s, "") : answer.message;
  const told = { ...answer, message: readable(text) };
  return {
    kind: meaning.kind,
    reason: {
      code: meaning.as,
      message: `${typeof says === "string" ? says : says(told, context)}${trace(answer)}`,
      nextStep: typeof nextStep === "string" ? nextStep : nextStep(context),
    },
    ...(answer.retryAfterSeconds !== undefined && { retryAfterSeconds: answer.retryAfterSeconds }),
  };
}

function matches(meaning: Meaning, answer: AzureAnswer): boolean {
  if (meaning.service !== undefined && meaning.service !== answer.service) return false;
  if (typeof meaning.status === "number" && meaning.status !== answer.status) return false;
  if (typeof meaning.status === "function" && !meaning.status(answer.status)) return false;
  if (meaning.code && !meaning.code.test(answer.code)) return false;
  return !meaning.message || meaning.message.test(answer.message);
}

// What Azure's support asks for.
function trace({ code, requestId }: AzureAnswer): string {
  const known = [
    ...(code === "" ? [] : [code]),
    ...(requestId === undefined ? [] : [`request ${requestId}`]),
  ];
  return known.length === 0 ? "" : ` [${known.join(", ")}]`;
}

const nested = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ message: z.string() }).transform(({ message }) => message),
]);

/**
 * A message of Azure's as people may read it, on one line. A failed operation's can be JSON with the message in it;
 * signatures of foreign URLs, tokens and keys are nobody's business.
 */
export function readable(message: string): string {
  const plain = oneLine(innerMessage(message)).replace(/\?[^\s'"?]+/g, (query) =>
    query.includes("sig=") ? "?(signature left out)" : query,
  );
  const text = withoutSureSecrets(plain);
  return text.length > 1000 ? `${text.slice(0, 997)}...` : text;
}

function innerMessage(message: string): string {
  if (!message.startsWith("{")) return message;
  try {
    return nested.catch(message).parse(JSON.parse(message));
  } catch {
    return message;
  }
}
