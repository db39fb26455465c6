import * as z from "zod";
import { parseUntrustedJson } from "../../core/json.ts";

/** The payload type of the envelopes that attestations come in. */
export const PAYLOAD_TYPE = "application/vnd.in-toto+json";

// in-toto Attestation Framework, Statement v1.
const statementSchema = z.object({
  _type: z.literal("https://in-toto.io/Statement/v1"),
  subject: z.array(z.object({ digest: z.record(z.string(), z.string()) })).min(1),
  predicateType: z.string(),
});

/** What an in-toto statement is about and of which kind it is; undefined when the bytes are no such statement. */
export function readStatement(
  payload: Uint8Array,
): { readonly predicateType: string; readonly subjects: readonly string[] } | undefined {
  const parsed = statementSchema.safeParse(jsonOf(payload));
  if (!parsed.success) return undefined;
  const { subject, predicateType } = parsed.data;
  return { predicateType, subjects: subject.flatMap(({ digest }) => digest["sha256"] ?? []) };
}

function jsonOf(payload: Uint8Array): unknown {
  try {
    return parseUntrustedJson(new TextDecoder("utf-8", { fatal: true }).decode(payload), "statement");
  } catch {
    return undefined;
  }
}
