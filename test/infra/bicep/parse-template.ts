import { readFileSync } from "node:fs";
import { expressionParser } from "./parse-expression.ts";
import type { Declaration, Decorator, Expression, Template } from "./syntax.ts";
import { TextReader } from "./text-reader.ts";

/** Reads a Bicep file; throws a SyntaxError with file and line at what it does not understand. */
export function parseTemplate(path: string): Template {
  const reader = new TextReader(readFileSync(path, "utf8"), path);
  const used = new Set<string>();
  const expression = expressionParser(reader, used, () => {
    if (!reader.takesWord("resource")) return undefined;
    return resourceOrModule("resource");
  });

  const declarations: Declaration[] = [];
  while (!reader.isAtEnd) {
    const decorators: Decorator[] = [];
    while (reader.takes("@", true)) decorators.push(decorator());
    reader.skipLines();
    const declared = declaration(decorators);
    if (declared !== undefined) declarations.push(declared);
    reader.expectLineEnd();
  }
  return { declarations, used };

  function decorator(): Decorator {
    const call = expression();
    reader.expectLineEnd();
    return call.kind === "call" ? call : reader.fail("a decorator is missing");
  }

  function declaration(decorators: readonly Decorator[]): Declaration | undefined {
    if (reader.takesWord("targetScope")) return { kind: "targetScope", value: String(literal(assigned())) };
    if (reader.takesWord("metadata")) return { kind: "metadata", name: reader.name(), value: assigned() };
    if (reader.takesWord("import")) return importLine();
    if (reader.takesWord("type")) return { kind: "type", name: typeDeclaration() };
    if (reader.takesWord("var")) return { kind: "var", name: reader.name(), value: assigned() };
    if (reader.takesWord("param")) {
      const [name, type] = [reader.name(), typeName()];
      const standard = reader.sees("=") ? assigned() : undefined;
      return { kind: "param", name, type, standard, decorators };
    }
    if (reader.takesWord("output")) {
      const name = reader.name();
      typeName();
      return { kind: "output", name, value: assigned() };
    }
    if (reader.takesWord("resource")) return resourceOrModule("resource");
    if (reader.takesWord("module")) return resourceOrModule("module");
    return reader.fail("a declaration is missing");
  }

  function importLine(): Declaration {
    const names = reader.take(/ \{[^}]*\} from '[^']*'/y) ?? reader.fail("import { … } from '…' is wrong");
    return { kind: "type", name: names.replace(/^ \{ | \} from.*$/g, "") };
  }

  function typeDeclaration(): string {
    const name = reader.name();
    reader.expect("=");
    if (reader.take(/ \{\n(?: {2}[^\n]*\n)*\}/y) === undefined) reader.fail("the type's object is wrong");
    return name;
  }

  function typeName(): string {
    reader.skipSpaces();
    const type = reader.take(/[a-z]\w*(?:\[\])?/y) ?? reader.fail("a type is missing");
    used.add(type.replace("[]", ""));
    return type;
  }

  function assigned(): Expression {
    reader.expect("=");
    return expression();
  }

  function literal(value: Expression): unknown {
    if (value.kind === "text") return value.parts.map(literal).join("");
    return value.kind === "value" ? value.value : reader.fail("only a literal may stand");
  }

  function resourceOrModule(kind: "resource" | "module"): Declaration {
    const name = reader.name();
    const what = reader.take(/ '[^']+'/y)?.slice(2, -1) ?? reader.fail("a type or path is missing");
    const isExisting = reader.takesWord("existing");
    reader.expect("=");
    const condition = reader.takesWord("if") ? guardOfResource() : undefined;
    return { kind, name, what, isExisting, condition, body: expression() };
  }

  function guardOfResource(): Expression {
    reader.expect("(");
    const condition = expression();
    reader.expect(")");
    return condition;
  }
}
