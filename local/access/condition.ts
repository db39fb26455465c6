import { checkValues, comparisonOf, isGuidOperator, matchesAction } from "./condition-operators.ts";
import { ConditionProblem, tokensOf } from "./condition-tokens.ts";
import type { ConditionToken } from "./condition-tokens.ts";

/** What a condition is asked about. */
export type ConditionQuestion = {
  readonly action: string;
  /**
   * By attribute name without `@Resource[…]`, either in full or only what follows its colon. A name that is absent
   * makes its comparison false.
   */
  readonly attributes: Readonly<Record<string, string>>;
};

/** A condition that was understood in full. */
export type Condition = {
  readonly comparesGuids: boolean;
  isMet(question: ConditionQuestion): boolean;
};

type Term = (question: ConditionQuestion) => boolean;

/**
 * Reads a condition of version 2.0: `AND`, `OR`, `!`, parentheses, `ActionMatches` and comparisons of attributes.
 * Whatever else Azure knows is refused with a {@link ConditionProblem} rather than misjudged.
 */
export function parseCondition(text: string): Condition {
  const reader = new ConditionReader(tokensOf(text));
  const term = reader.readAll();
  return { comparesGuids: reader.comparesGuids, isMet: (question) => term(question) };
}

class ConditionReader {
  comparesGuids = false;
  readonly #tokens: readonly ConditionToken[];
  #position = 0;

  constructor(tokens: readonly ConditionToken[]) {
    this.#tokens = tokens;
  }

  readAll(): Term {
    const term = this.#readEither();
    if (this.#peek()) throw new ConditionProblem(`condition goes on with "${this.#peek()?.value ?? ""}"`);
    return term;
  }

  #readEither(): Term {
    const terms = [this.#readBoth()];
    while (this.#takes("OR", "||")) terms.push(this.#readBoth());
    return (question) => terms.some((term) => term(question));
  }

  #readBoth(): Term {
    const terms = [this.#readOne()];
    while (this.#takes("AND", "&&")) terms.push(this.#readOne());
    return (question) => terms.every((term) => term(question));
  }

  #readOne(): Term {
    if (this.#takes("!", "NOT")) {
      const denied = this.#readOne();
      return (question) => !denied(question);
    }
    if (this.#takes("(")) {
      const inner = this.#readEither();
      this.#expect(")");
      return inner;
    }
    return this.#takes("ActionMatches") ? this.#readActionMatches() : this.#readComparison();
  }

  #readActionMatches(): Term {
    const patterns = this.#readValues();
    return ({ action }) => patterns.some((pattern) => matchesAction(pattern, action));
  }

  #readComparison(): Term {
    const name = attributeName(this.#next());
    let operator = this.#next().value;
    if (this.#takes(":")) {
      if (operator.toLowerCase() !== "foranyofanyvalues") {
        throw new ConditionProblem(`condition function "${operator}" is not supported`);
      }
      operator = this.#next().value;
    }
    const comparison = comparisonOf(operator);
    const values = this.#readValues();
    checkValues(operator, values);
    this.comparesGuids ||= isGuidOperator(operator);
    return ({ attributes }) => {
      const actual = attributeIn(attributes, name);
      return actual !== undefined && values.some((value) => comparison(actual, value));
    };
  }

  /** One value, or some of them in braces. */
  #readValues(): readonly string[] {
    if (!this.#takes("{")) return [this.#readValue()];
    const values = [this.#readValue()];
    while (this.#takes(",")) values.push(this.#readValue());
    this.#expect("}");
    return values;
  }

  #readValue(): string {
    const token = this.#next();
    if (token.kind === "text" || token.kind === "word") return token.value;
    throw new ConditionProblem(`condition has "${token.value}" where a value was expected`);
  }

  #peek(): ConditionToken | undefined {
    return this.#tokens[this.#position];
  }

  #next(): ConditionToken {
    const token = this.#peek();
    if (!token) throw new ConditionProblem("condition ends too early");
    this.#position += 1;
    return token;
  }

  #takes(...wanted: readonly string[]): boolean {
    const token = this.#peek();
    if (!token || (token.kind !== "symbol" && token.kind !== "word")) return false;
    if (!wanted.some((each) => each.toLowerCase() === token.value.toLowerCase())) return false;
    this.#position += 1;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#takes(symbol)) {
      throw new ConditionProblem(
        `condition has "${this.#peek()?.value ?? "its end"}" instead of "${symbol}"`,
      );
    }
  }
}

function attributeName({ kind, value }: ConditionToken): string {
  if (kind !== "attribute") throw new ConditionProblem(`condition term "${value}" is not supported`);
  return value.slice(value.indexOf("[") + 1, -1).toLowerCase();
}

function attributeIn(attributes: Readonly<Record<string, string>>, name: string): string | undefined {
  const names = [name, name.slice(name.lastIndexOf(":") + 1)];
  return Object.entries(attributes).find(([key]) => names.includes(key.toLowerCase()))?.[1];
}
