/** One line of the table: what was measured and, where there is one, the bar that it is held against. */
export interface Row {
  readonly section: string;
  readonly what: string;
  readonly figure: string;
  /** Empty when nothing is asked of the figure. */
  readonly bar: string;
  readonly holds: boolean | undefined;
}

/** The rows of a section, as they are gathered. */
export class Section {
  readonly rows: Row[] = [];
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** A figure that is only told. */
  tell(what: string, figure: string): void {
    this.rows.push({ section: this.#name, what, figure, bar: "", holds: undefined });
  }

  /** A figure that may be at most that much. One that was not measured holds nothing and breaks nothing. */
  atMost(what: string, value: number, most: number, unit: string): void {
    const holds = Number.isNaN(value) ? undefined : value <= most;
    this.rows.push({
      section: this.#name,
      what,
      figure: `${numberText(value)} ${unit}`,
      bar: `≤ ${numberText(most)} ${unit}`,
      holds,
    });
  }
}

/** The rows as a Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ section, what, figure, bar, holds }) => {
    const verdict = holds === undefined ? "" : holds ? "yes" : "**no**";
    return `| ${[section, what, figure, bar, verdict].join(" | ")} |`;
  });
  return ["| part | what | measured | bar | holds |", "| --- | --- | --- | --- | --- |", ...lines].join("\n");
}

/** A number with three digits that count. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return "not measured";
  if (Number.isInteger(value) || Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}
