import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
import {
  convertWorkflowTemplate,
  isBasicExpression,
  isLiteral,
  isMapping,
  isSequence,
  NoOperationTraceWriter,
  parseWorkflow,
  type TemplateParseResult,
} from "@actions/workflow-parser";

type Token = NonNullable<TemplateParseResult["value"]>;

const examples = resolve(import.meta.dirname, "../../examples");

/** What expressions of a workflow may look at. */
export type Contexts = Readonly<Record<string, unknown>>;

/** A workflow of `examples/` as GitHub reads it, and what it finds wrong with it. */
export async function readWorkflow(
  path: string,
): Promise<{ readonly errors: readonly string[]; readonly document: Token | undefined }> {
  const content = readFileSync(join(examples, path), "utf8");
  const { context, value } = parseWorkflow({ name: path, content }, new NoOperationTraceWriter());
  if (value) await convertWorkflowTemplate(context, value);
  return { errors: context.errors.getErrors().map(String), document: value };
}

/** The inputs of every step that uses this Action, job by job, as GitHub evaluates them in these contexts. */
export function publishSteps(document: Token | undefined, contexts: Contexts): Record<string, string>[] {
  const jobs = entriesOf(memberOf(document, "jobs")).map(([, job]) => job);
  const steps = jobs.flatMap((job) => itemsOf(memberOf(job, "steps")));
  return steps
    .filter((step) => textOf(memberOf(step, "uses")).startsWith("OWNER/"))
    .map((step) =>
      Object.fromEntries(
        entriesOf(memberOf(step, "with")).map(([name, value]) => [
          name,
          isBasicExpression(value) ? evaluate(value.expression, contexts) : textOf(value),
        ]),
      ),
    );
}

/** What GitHub makes of an expression, as the text that an input gets. */
export function evaluate(expression: string, contexts: Contexts): string {
  const { tokens } = new Lexer(expression).lex();
  const tree = new Parser(tokens, Object.keys(contexts), []).parse();
  return new Evaluator(tree, dictionaryOf(contexts)).evaluate().coerceString();
}

function textOf(token: Token | undefined): string {
  return token && isLiteral(token) ? token.toString() : "";
}

function memberOf(token: Token | undefined, name: string): Token | undefined {
  return entriesOf(token).find(([key]) => key === name)?.[1];
}

function entriesOf(token: Token | undefined): [string, Token][] {
  if (!token || !isMapping(token)) return [];
  return Array.from({ length: token.count }, (_, at) => {
    const { key, value } = token.get(at);
    return [key.toString(), value];
  });
}

function itemsOf(token: Token | undefined): Token[] {
  if (!token || !isSequence(token)) return [];
  return Array.from({ length: token.count }, (_, at) => token.get(at));
}

function dictionaryOf(value: object): data.Dictionary {
  const pairs = Object.entries(value).map(([key, entry]) => ({ key, value: dataOf(entry) }));
  return new data.Dictionary(...pairs);
}

function dataOf(value: unknown): data.ExpressionData {
  if (typeof value === "string") return new data.StringData(value);
  if (typeof value === "number") return new data.NumberData(value);
  if (typeof value === "boolean") return new data.BooleanData(value);
  if (Array.isArray(value)) return new data.Array(...value.map(dataOf));
  return typeof value === "object" && value !== null ? dictionaryOf(value) : new data.Null();
}
