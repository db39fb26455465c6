import { ConditionProblem } from "./condition-tokens.ts";

/** Compares an attribute's value with one of a condition's values. */
export type Comparison = (actual: string, expected: string) => boolean;

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const comparisons: Readonly<Record<string, Comparison>> = {
  stringequals: (actual, expected) => actual === expected,
  stringequalsignorecase: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
  stringstartswith: (actual, expected) => actual.startsWith(expected),
  stringlike: (actual, expected) => likePattern(expected).test(actual),
  guidequals: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
};

/** The comparison that an operator stands for; `ForAnyOfAnyValues:` changes nothing for single-valued attributes. */
export function comparisonOf(operator: string): Comparison {
  const comparison = comparisons[operator.toLowerCase()];
  if (comparison === undefined)
    throw new ConditionProblem(`condition operator "${operator}" is not supported`);
  return comparison;
}

/** Throws unless every value is of the kind that the operator compares. */
export function checkValues(operator: string, values: readonly string[]): void {
  if (!isGuidOperator(operator)) return;
  const wrong = values.find((value) => !guid.test(value));
  if (wrong !== undefined) throw new ConditionProblem(`"${wrong}" is not a GUID, as ${operator} expects`);
}

/** Whether an operator compares GUIDs, which roles with data actions of Microsoft.Storage may not. */
export function isGuidOperator(operator: string): boolean {
  return /^guid/i.test(operator);
}

/** Whether an action's name fits a pattern, in which `*` stands for any number of characters. */
export function matchesAction(pattern: string, action: string): boolean {
  const source = pattern.split("*").map(escapeRegExp).join(".*");
  return new RegExp(`^${source}$`, "is").test(action);
}

/** `*` is any number of characters, slashes too, `?` is one, a backslash takes either for itself. */
function likePattern(pattern: string): RegExp {
  const source = pattern.replace(/\\[*?\\]|[\s\S]/g, (piece) => {
    if (piece === "*") return "[\\s\\S]*";
    if (piece === "?") return "[\\s\\S]";
    return escapeRegExp(piece.length === 2 ? piece.slice(1) : piece);
  });
  return new RegExp(`^${source}$`);
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
