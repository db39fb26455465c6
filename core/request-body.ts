import type { z } from "zod";
import { check } from "./faults.ts";
import { Problem } from "./problem.ts";

/** What a request's body says by `schema`, or a problem that names each fault and the `form` that was expected. */
export function requestBodyFrom<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  form: string,
): z.output<Schema> {
  const result = check(schema, body);
  if ("value" in result) return result.value;
  throw new Problem(
    "bad-request",
    `the request's body: ${result.faults.map(({ text }) => text).join("; ")}`,
    `Send ${form}, as docs/api.yaml describes it.`,
  );
}
