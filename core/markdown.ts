/** `text` so that Markdown shows it as it is: one line, no markup, no links, no HTML, no formulas. */
export function markdownText(text: string): string {
  return (
    oneLine(text)
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
      .replace(/[\\`*_[\]()|~#!]/g, (character) => `\\${character}`)
      // At its beginning these would make a list or a heading.
      .replace(/^[-+=]/, (character) => `\\${character}`)
      .replace(/^(\d+)\./, String.raw`$1\.`)
      // GitHub sets "$x$" as a formula.
      .replace(/\$/g, "&#36;")
      // "@name" would notify somebody, and a bare address would become a link.
      .replace(/@/g, "&#64;")
      .replace(/:\/\//g, "&#58;//")
      .replace(/www\./gi, (start) => `${start.slice(0, -1)}&#46;`)
  );
}

/** `text` as inline code, whatever it contains. */
export function markdownCode(text: string): string {
  // Markdown goes on inside of HTML elements, so the text is escaped all the same.
  return `<code>${markdownText(text)}</code>`;
}

/** A Markdown table; cells must already be Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** `text` on one line, without control characters and those that change the direction of writing. */
export function oneLine(text: string): string {
  return text
    .replace(/[\s\u0085]+/g, " ")
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, "")
    .trim();
}
