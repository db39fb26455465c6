/** A piece of a role assignment's condition. */
export type ConditionToken = {
  readonly kind: "symbol" | "word" | "text" | "attribute";
  readonly value: string;
};

/** A condition that Azure, or this stand-in, cannot evaluate. */
export class ConditionProblem extends Error {
  override readonly name = "ConditionProblem";
}

const pieces = [
  ["symbol", /^(?:&&|\|\||[(){},!:])/],
  ["text", /^'((?:[^'\\]|\\.|'')*)'/],
  ["attribute", /^@(?:Request|Resource|Environment|Principal)\[[A-Za-z0-9./:_-]+\]/i],
  ["word", /^[A-Za-z0-9_.-]+/],
] as const;

/** Cuts a condition into its tokens. */
export function tokensOf(condition: string): readonly ConditionToken[] {
  const tokens: ConditionToken[] = [];
  let rest = condition.trimStart();
  while (rest !== "") {
    const token = firstToken(rest);
    if (token === undefined) {
      throw new ConditionProblem(`condition has "${rest.slice(0, 30)}" where a term was expected`);
    }
    tokens.push(token.token);
    rest = rest.slice(token.length).trimStart();
  }
  return tokens;
}

function firstToken(text: string): { token: ConditionToken; length: number } | undefined {
  for (const [kind, pattern] of pieces) {
    const match = pattern.exec(text);
    if (match) return { token: { kind, value: match[1] ?? match[0] }, length: match[0].length };
  }
  return undefined;
}
