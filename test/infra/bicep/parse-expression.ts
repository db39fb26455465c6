import type { Declaration, Entry, Expression } from "./syntax.ts";
import type { TextReader } from "./text-reader.ts";

const binaryLevels = [
  ["??"],
  ["||"],
  ["&&"],
  ["==", "!=", "=~"],
  ["<=", ">=", "<", ">"],
  ["+", "-"],
  ["*", "/", "%"],
];
const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "'": "'", "\\": "\\", $: "$" };

/** Parses expressions. Nested resources, which stand between an object's properties, are read by `nested`. */
export function expressionParser(
  reader: TextReader,
  used: Set<string>,
  nested: () => Declaration | undefined,
): () => Expression {
  return expression;

  function expression(): Expression {
    const when = binary(0);
    if (!reader.sees("?", true) || reader.sees("??", true) || reader.sees("?.", true)) return when;
    reader.expect("?", true);
    reader.skipLines();
    const then = expression();
    reader.expect(":", true);
    reader.skipLines();
    return { kind: "choice", when, then, otherwise: expression() };
  }

  function binary(level: number): Expression {
    const operators = binaryLevels[level];
    if (operators === undefined) return unary();
    let left = binary(level + 1);
    for (;;) {
      const operator = operators.find((each) => reader.sees(each));
      if (operator === undefined || (operator === "<" && reader.sees("<="))) return left;
      reader.expect(operator);
      reader.skipLines();
      left = { kind: "binary", operator, left, right: binary(level + 1) };
    }
  }

  function unary(): Expression {
    if (reader.takes("!")) return { kind: "not", of: unary() };
    return postfix(primary());
  }

  function postfix(start: Expression): Expression {
    let of = start;
    for (;;) {
      if (reader.takes("::")) of = { kind: "child", of, name: reader.name() };
      else if (reader.takes(".?")) of = { kind: "member", of, name: reader.name(), isSafe: true };
      else if (reader.takes(".")) of = { kind: "member", of, name: reader.name(), isSafe: false };
      else if (reader.sees("!") && !reader.sees("!=")) reader.expect("!");
      else if (reader.takes("[")) {
        of = { kind: "index", of, at: expression() };
        reader.expect("]");
      } else return of;
    }
  }

  function primary(): Expression {
    reader.skipSpaces();
    if (reader.sees("'")) return text();
    if (reader.takes("(")) return parenthesised();
    if (reader.sees("[")) return array();
    if (reader.sees("{")) return object();
    const number = reader.take(/-?\d+/y);
    if (number !== undefined) return { kind: "value", value: Number(number) };
    const name = reader.name();
    if (name === "true" || name === "false") return { kind: "value", value: name === "true" };
    if (name === "null") return { kind: "value", value: null };
    if (reader.takes("=>")) {
      reader.skipLines();
      return { kind: "lambda", parameters: [name], body: expression() };
    }
    if (reader.takes("(")) return { kind: "call", name, arguments: list(")") };
    used.add(name);
    return { kind: "name", name };
  }

  function parenthesised(): Expression {
    reader.skipLines();
    const inner = expression();
    reader.expect(")", true);
    return inner;
  }

  // Arguments are separated by commas, items of an array by commas or line ends.
  function list(end: ")" | "]"): Expression[] {
    const items: Expression[] = [];
    for (;;) {
      if (reader.takes(end, true)) return items;
      if (items.length > 0 && !reader.takes(",") && end === ")") reader.fail('"," is missing');
      reader.skipLines();
      items.push(expression());
    }
  }

  function array(): Expression {
    reader.expect("[");
    reader.skipLines();
    if (!reader.takesWord("for")) return { kind: "array", items: list("]") };
    const inParentheses = reader.takes("(");
    const item = reader.name();
    let index: string | undefined;
    if (inParentheses) {
      reader.expect(",");
      index = reader.name();
      reader.expect(")");
    }
    if (!reader.takesWord("in")) reader.fail('"in" is missing');
    const over = expression();
    reader.expect(":");
    reader.skipLines();
    const condition = reader.takesWord("if") ? primary() : undefined;
    const body = expression();
    reader.expect("]", true);
    return { kind: "for", item, index, over, condition, body };
  }

  function object(): Expression {
    reader.expect("{");
    const entries: Entry[] = [];
    const declarations: Declaration[] = [];
    for (;;) {
      if (reader.takes("}", true)) return { kind: "object", entries, nested: declarations };
      reader.takes(",");
      reader.skipLines();
      const declaration = nested();
      if (declaration !== undefined) declarations.push(declaration);
      else entries.push(entry());
    }
  }

  function entry(): Entry {
    const key: Expression = reader.sees("'") ? text() : { kind: "value", value: reader.name() };
    reader.expect(":");
    reader.skipLines();
    return { key, value: expression() };
  }

  function text(): Expression {
    reader.expect("'");
    const parts: Expression[] = [];
    for (;;) {
      const literal = reader.take(/(?:[^'\\$\n]|\$(?!\{)|\\[nrt'\\$])+/y);
      if (literal !== undefined) {
        const value = literal.replace(
          /\\([nrt'\\$])/g,
          (_whole, escape: string) => escapes[escape] ?? escape,
        );
        parts.push({ kind: "value", value });
      } else if (reader.take(/\$\{/y) !== undefined) {
        parts.push(expression());
        reader.expect("}");
      } else if (reader.take(/'/y) !== undefined) {
        return { kind: "text", parts };
      } else reader.fail("the text does not end");
    }
  }
}
