import * as z from "zod";
import { check } from "./faults.ts";
import { parseUntrustedJson } from "./json.ts";
import { Problem } from "./problem.ts";

/** The schema that this code writes, and the newest that it reads. */
export const SCHEMA = 1;

/** The member of a JSON document that tells an editor where its schema is. */
export const editorSchema = z.string().max(2048).optional().describe("Where an editor finds this schema.");

const MOST_FAULTS = 20;

/**
 * The document in `text` as `schema` has it. Throws `bad-json`, `newer-<kind>` when it was written for a later schema,
 * or `bad-<kind>` with all its faults. `what` is how messages call it.
 */
export function documentFrom<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  kind: "manifest" | "profile",
  what: string,
): z.output<Schema> {
  const value = parseUntrustedJson(text, what);
  refuseNewerSchema(value, kind, what);
  const checked = check(schema, value);
  if ("value" in checked) return checked.value;
  const { faults } = checked;
  const told = faults.slice(0, MOST_FAULTS).map((fault) => fault.text);
  const untold = faults.length - told.length;
  throw new Problem(
    `bad-${kind}`,
    `${what}: ${told.join("; ")}${untold > 0 ? `; and ${untold} more` : ""}`,
    `Mend ${faults.length === 1 ? "this field" : "these fields"}: schemas/${kind}.schema.json describes each, ` +
      "and an editor that knows JSON Schema shows them.",
  );
}

function refuseNewerSchema(value: unknown, kind: string, what: string): void {
  const parsed = z.looseObject({ schema: z.int() }).safeParse(value);
  if (!parsed.success || parsed.data.schema <= SCHEMA) return;
  const wanted = parsed.data.schema;
  throw new Problem(
    `newer-${kind}`,
    `${what} has schema ${wanted}; this pipeline reads schema ${SCHEMA}`,
    `Deploy a pipeline whose major version is ${wanted} or higher, or write the document with schema ${SCHEMA}.`,
  );
}
