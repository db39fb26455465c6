/** Reads a template's text piece by piece. */
export class TextReader {
  readonly #text: string;
  readonly #file: string;
  #at = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  get isAtEnd(): boolean {
    this.skipLines();
    return this.#at >= this.#text.length;
  }

  /** Spaces and comments, but no line ends. */
  skipSpaces(): void {
    this.#take(/(?:[ \t]|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y);
  }

  skipLines(): void {
    this.#take(/(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y);
  }

  /** Whether `symbol` comes next; it stays. With `onNextLine`, line ends may come before it. */
  sees(symbol: string, onNextLine = false): boolean {
    const start = this.#at;
    if (onNextLine) this.skipLines();
    else this.skipSpaces();
    const found = this.#text.startsWith(symbol, this.#at);
    this.#at = start;
    return found;
  }

  /** Takes `symbol` if it comes next. */
  takes(symbol: string, onNextLine = false): boolean {
    if (!this.sees(symbol, onNextLine)) return false;
    if (onNextLine) this.skipLines();
    else this.skipSpaces();
    this.#at += symbol.length;
    return true;
  }

  /** Takes a word such as `param` if it comes next as a whole. */
  takesWord(word: string): boolean {
    this.skipSpaces();
    return this.#take(new RegExp(`${word}(?![A-Za-z0-9_])`, "y")) !== undefined;
  }

  expect(symbol: string, onNextLine = false): void {
    if (!this.takes(symbol, onNextLine)) this.fail(`"${symbol}" is missing`);
  }

  expectLineEnd(): void {
    this.skipSpaces();
    if (this.#at < this.#text.length && this.#take(/\r?\n/y) === undefined)
      this.fail("a line end is missing");
  }

  name(): string {
    this.skipSpaces();
    return this.#take(/[A-Za-z_][A-Za-z0-9_]*/y) ?? this.fail("a name is missing");
  }

  /** What the pattern, which must be sticky, takes here. */
  take(pattern: RegExp): string | undefined {
    return this.#take(pattern);
  }

  fail(problem: string): never {
    const line = this.#text.slice(0, this.#at).split("\n").length;
    const here = this.#text.slice(this.#at, this.#at + 40).split("\n")[0] ?? "";
    throw new SyntaxError(`${this.#file}:${line}: ${problem} before "${here}"`);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0];
    if (taken !== undefined) this.#at += taken.length;
    return taken;
  }
}
