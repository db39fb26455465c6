import * as z from "zod";
import { nearestWord } from "./spelling.ts";

/** A fault of a document, and where in the document it stands. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  /** `field rule (got value)` */
  readonly text: string;
}

/** What a document turned out to be: the value that its schema describes, or all that is wrong with it. */
export type Checked<Value> = { readonly value: Value } | { readonly faults: readonly Fault[] };

/** Checks `value` by `schema`; each fault names field, rule and value, and what a misspelt field was meant to be. */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): Checked<z.output<Schema>> {
  const parsed = schema.safeParse(value, { error: ruleOf, reportInput: true });
  return parsed.success ? { value: parsed.data } : { faults: parsed.error.issues.flatMap(faultsOfIssue) };
}

type Issue = z.core.$ZodIssue;

// What zod calls a type → what a person calls it.
const KINDS: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

// The rule that was broken, to be read after the field's name. A message given with the schema goes before this one.
function ruleOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? "is missing"
        : `must be ${KINDS[issue.expected] ?? `of type ${issue.expected}`}`;
    case "invalid_value":
      return issue.input === undefined ? "is missing" : `must be ${anyOf(issue.values)}`;
    case "too_small":
      return limitRule(issue.origin, "at least", Number(issue.minimum), issue.input);
    case "too_big":
      return limitRule(issue.origin, "at most", Number(issue.maximum), issue.input);
    case "unrecognized_keys":
      // One line for each key: here alone the schema that refused it is known.
      return issue.keys.map((key) => unknownFieldRule(key, issue.inst)).join("\n");
    case "invalid_key":
      return issue.issues[0]?.message;
    default:
      return undefined;
  }
}

function limitRule(origin: string, bound: "at least" | "at most", limit: number, input: unknown): string {
  if (origin === "string" && typeof input === "string") {
    if (input === "") return "is empty";
    return `has ${input.length} characters, but may have ${bound} ${limit}`;
  }
  if (origin === "array") return `must have ${bound} ${limit} ${limit === 1 ? "entry" : "entries"}`;
  return `must be ${bound} ${limit}`;
}

function unknownFieldRule(key: string, schema: unknown): string {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const meant = nearestWord(key, known);
  return `is no known field${meant === undefined ? "" : ` (meant: ${meant}?)`}`;
}

function anyOf(values: readonly z.core.util.Primitive[]): string {
  return values.map((value) => (typeof value === "string" ? `"${value}"` : String(value))).join(" or ");
}

function faultsOfIssue(issue: Issue): Fault[] {
  if (issue.code === "unrecognized_keys") {
    const rules = issue.message.split("\n");
    return issue.keys.map((key, index) => faultAt([...issue.path, key], rules[index] ?? issue.message));
  }
  if (issue.code === "invalid_union") {
    const meant = issue.errors.find((branch) => !branch.every(isWrongTypeAtRoot));
    if (meant)
      return meant.flatMap((inner) => faultsOfIssue({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  return [faultAt(issue.path, issue.message, saysValue(issue) ? undefined : issue.input)];
}

function isWrongTypeAtRoot(issue: Issue): boolean {
  return issue.code === "invalid_type" && issue.path.length === 0;
}

// Of a text or a list that is too long, its length tells more than its beginning.
function saysValue(issue: Issue): boolean {
  const isLimit = issue.code === "too_big" || issue.code === "too_small";
  return issue.code === "invalid_key" || (isLimit && issue.origin !== "number" && issue.origin !== "int");
}

function faultAt(path: readonly PropertyKey[], rule: string, input?: unknown): Fault {
  return { path, text: `${fieldName(path)} ${rule}${input === undefined ? "" : ` (got ${shown(input)})`}` };
}

function fieldName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "the document";
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${memberName(part)}`,
    )
    .join("");
}

// A stranger chose this name: what is no plain word is quoted, so that it cannot pose as part of the message.
function memberName(part: PropertyKey): string {
  const name = String(part);
  return name.length <= 60 && /^[\w.-]+$/.test(name) ? name : shown(name);
}

function shown(input: unknown): string {
  const text = z.string().catch("a value").parse(JSON.stringify(input));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
