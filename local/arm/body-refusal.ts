import type { Refused } from "./answer.ts";
import { invalidParameter, refuse } from "./answer.ts";

type Issue = {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
};

/** Names the first thing that is wrong with a body, as the compute services do. */
export function bodyRefusal(error: { readonly issues: readonly Issue[] }, entity: string): Refused {
  const issue = error.issues[0];
  const target = [entity, ...(issue?.path ?? []).map(String)].join(".");
  const member = issue?.keys?.[0];
  if (member !== undefined) {
    const path = (issue?.path ?? []).map(String).concat(member).join(".");
    const message = `Could not find member '${member}' on object of type '${entity}'. Path '${path}'.`;
    return { refusal: refuse(400, { code: "BadRequest", message, target: path }) };
  }
  // Assumed: the texts for wrong types and values differ by property; one stands for all.
  const message = `The value of parameter '${target}' is invalid. ${issue?.message ?? ""}`;
  return { refusal: invalidParameter(message.trimEnd(), target) };
}

/** The same JSON without its nulls, which Azure reads as "not sent". */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (inner === null ? [] : [[name, withoutNulls(inner)]])),
  );
}
