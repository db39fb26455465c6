import { evaluate, type Scope } from "./evaluate.ts";
import type { Value } from "./functions.ts";
import type { Template } from "./syntax.ts";

/** A template's parameters with their values; throws at missing, unknown, wrong and forbidden ones. */
export function parametersOf(
  { declarations }: Template,
  given: Readonly<Record<string, Value>>,
  scope: Scope,
  path: string,
): Map<string, () => Value> {
  const declared = declarations.filter((each) => each.kind === "param");
  const unknown = Object.keys(given).filter((name) => declared.every((each) => each.name !== name));
  if (unknown.length > 0) throw new Error(`${path} has no parameter ${unknown.join(", ")}`);
  const values = new Map<string, () => Value>();
  for (const { name, type, standard, decorators } of declared) {
    if (!(name in given) && standard === undefined) throw new Error(`${path} needs the parameter ${name}`);
    let known: { readonly value: Value } | undefined;
    values.set(name, () => {
      known ??= { value: name in given ? given[name] : evaluate(standard!, scope) };
      check(known.value);
      return known.value;
    });

    function check(value: Value): void {
      if (kindOf(value) !== kinds(type)) {
        throw new Error(`${path}: ${name} is ${JSON.stringify(value)}, which is no ${type}`);
      }
      for (const decorator of decorators) {
        const [limit] = decorator.arguments.map((each) => evaluate(each, scope));
        if (!isWithin(decorator.name, limit, value)) {
          throw new Error(`${path}: ${name} is ${JSON.stringify(value)}, against @${decorator.name}`);
        }
      }
    }
  }
  return values;
}

function kindOf(value: Value): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "number" ? "int" : typeof value === "boolean" ? "bool" : typeof value;
}

function kinds(type: string): string {
  if (type.endsWith("[]")) return "array";
  return ["string", "int", "bool", "object", "array"].includes(type) ? type : "object";
}

function isWithin(rule: string, limit: Value, value: Value): boolean {
  if (rule === "allowed") return limit.includes(value);
  if (rule === "minLength") return value.length >= limit;
  if (rule === "maxLength") return value.length <= limit;
  if (rule === "minValue") return value >= limit;
  return rule !== "maxValue" || value <= limit;
}
