import type { Lambda, Value } from "./functions.ts";
import { pureFunctions } from "./functions.ts";
import type { Expression } from "./syntax.ts";

/** What a name or a function stands for where an expression is. */
export type Scope = {
  readonly lookUp: (name: string) => Value;
  readonly call: (name: string, values: readonly Value[]) => Value;
};

/** The value of an expression. Throws at what Azure would refuse: unknown names, members that are not there. */
export function evaluate(expression: Expression, scope: Scope): Value {
  const value = (each: Expression): Value => evaluate(each, scope);
  switch (expression.kind) {
    case "value":
      return expression.value;
    case "text":
      return expression.parts.map((part) => textOf(value(part))).join("");
    case "name":
      return scope.lookUp(expression.name);
    case "array":
      return expression.items.map(value);
    case "object":
      return Object.fromEntries(expression.entries.map((entry) => [value(entry.key), value(entry.value)]));
    case "member":
      return memberOf(value(expression.of), expression.name, expression.isSafe);
    case "index":
      return memberOf(value(expression.of), value(expression.at), false);
    case "child":
      return memberOf(value(expression.of).nested, expression.name, false);
    case "call": {
      const { name } = expression;
      const values = expression.arguments.map(value);
      const pure = pureFunctions[name];
      return pure === undefined ? scope.call(name, values) : pure(...values);
    }
    case "lambda":
      return lambda(expression.parameters, expression.body, scope);
    case "not":
      return !isTrue(value(expression.of));
    case "choice":
      return isTrue(value(expression.when)) ? value(expression.then) : value(expression.otherwise);
    case "binary":
      return binary(expression.operator, value(expression.left), () => value(expression.right));
    case "for":
      return loopOf(expression, scope).map(({ inside }) => evaluate(expression.body, inside));
  }
}

/** The turns of a loop: those whose condition holds, each with its scope. */
export function loopOf(
  loop: Extract<Expression, { kind: "for" }>,
  scope: Scope,
): { readonly index: number; readonly inside: Scope }[] {
  const over: Value[] = evaluate(loop.over, scope);
  return over
    .map((item, index) => {
      const names = { [loop.item]: item, ...(loop.index !== undefined && { [loop.index]: index }) };
      return { index, inside: within(names, scope) };
    })
    .filter(({ inside }) => loop.condition === undefined || isTrue(evaluate(loop.condition, inside)));
}

function lambda(parameters: readonly string[], body: Expression, scope: Scope): Lambda {
  return (...values) =>
    evaluate(body, within(Object.fromEntries(parameters.map((name, index) => [name, values[index]])), scope));
}

function within(names: Readonly<Record<string, Value>>, scope: Scope): Scope {
  return { ...scope, lookUp: (name) => (name in names ? names[name] : scope.lookUp(name)) };
}

function memberOf(of: Value, key: string | number, isSafe: boolean): Value {
  const found = of?.[key];
  if (found === undefined && !isSafe) {
    const shown = of === undefined ? "nothing" : JSON.stringify(of).slice(0, 200);
    throw new Error(`there is no "${key}" in ${shown}`);
  }
  return found ?? null;
}

function binary(operator: string, left: Value, right: () => Value): Value {
  switch (operator) {
    case "??":
      return left ?? right();
    case "||":
      return isTrue(left) || isTrue(right());
    case "&&":
      return isTrue(left) && isTrue(right());
    case "==":
      return left === right();
    case "!=":
      return left !== right();
    default:
      throw new Error(`operator "${operator}" is not supported`);
  }
}

function isTrue(value: Value): boolean {
  if (typeof value !== "boolean") throw new Error(`${JSON.stringify(value)} is neither true nor false`);
  return value;
}

function textOf(value: Value): string {
  if (typeof value === "object") throw new Error(`${JSON.stringify(value)} stands in a text`);
  return String(value);
}
