import fc from "fast-check";
import { markdownCode, markdownTable, markdownText, oneLine } from "../../core/markdown.ts";

const nasty = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ...Array.from("<>|[]()`*_~#!\\&@$-+=\n\r\t \0\u0085\u2028\u202e1.:/"),
      "](",
      "www.",
      "://",
      "<b>",
      "1. ",
      "&#60;",
    ),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  ),
});

/** Markdown with a letter for each escape, so that what is left would act as markup. */
function live(markdown: string): string {
  return markdown.replace(/\\[!-/:-@[-`{-~]/g, "x");
}

/** What a reader sees of escaped text. */
function shown(markdown: string): string {
  return markdown
    .replace(/\\([!-/:-@[-`{-~])/g, "$1")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}

describe("markdownText", () => {
  it.each([
    ["plain text, 1.2.0", "plain text, 1.2.0"],
    ["a_b*c", "a\\_b\\*c"],
    ["](javascript:alert)", "\\]\\(javascript:alert\\)"],
    ["<script>&lt;", "&lt;script&gt;&amp;lt;"],
    ["a | b\nc\r\nd", "a \\| b c d"],
    ["`code`", "\\`code\\`"],
    ["C:\\x\\", "C:\\\\x\\\\"],
    ["- item", "\\- item"],
    ["12. item", "12\\. item"],
    ["=== x", "\\=== x"],
    ["    four spaces", "four spaces"],
    ["$a$", "&#36;a&#36;"],
    ["@octocat", "&#64;octocat"],
    ["https://evil.example", "https&#58;//evil.example"],
    ["WWW.evil.example", "WWW&#46;evil.example"],
    ["\u202egnp.exe\u0000", "gnp.exe"],
  ])("writes %j as %j", (text, markdown) => {
    expect(markdownText(text)).toBe(markdown);
  });

  it("leaves nothing of any text that Markdown would act on", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const markdown = live(markdownText(text));
        expect(markdown).not.toMatch(/[<>|`*_[\]()~!\\$@\r\n\u2028\u2029]/);
        expect(markdown).not.toMatch(/^[-+=#\s]|^\d+\.|:\/\/|www\./i);
        expect(markdown.replace(/&(?:amp|lt|gt|#\d+);/g, "")).not.toContain("&");
      }),
      { numRuns: 2000 },
    );
  });

  it("shows the text on one line and otherwise as it is", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(shown(markdownText(text))).toBe(oneLine(text));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("markdownCode", () => {
  it.each([
    ["a`b|c", "<code>a\\`b\\|c</code>"],
    ["</code><img src=x>", "<code>&lt;/code&gt;&lt;img src=x&gt;</code>"],
    ["*a* [b](c)", "<code>\\*a\\* \\[b\\]\\(c\\)</code>"],
  ])("keeps the markup in %j from acting", (text, markdown) => {
    expect(markdownCode(text)).toBe(markdown);
  });
});

describe("markdownTable", () => {
  it("has a row for each row, whatever the cells hold", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(nasty, nasty), { maxLength: 4 }), (rows) => {
        const table = markdownTable(
          ["a", "b"],
          rows.map(([left, right]) => [markdownText(left), markdownCode(right)]),
        );
        const lines = table.split(/[\r\n]/);
        expect(lines).toHaveLength(rows.length + 2);
        for (const line of lines) expect(live(line).split("|")).toHaveLength(4);
      }),
    );
  });

  it("is a table as GitHub reads it", () => {
    expect(markdownTable(["Region", "State"], [["eastus", "Completed"]])).toBe(
      "| Region | State |\n| --- | --- |\n| eastus | Completed |",
    );
  });
});

describe("oneLine", () => {
  it.each([
    [" a\r\n\tb ", "a b"],
    ["a\u2028b\u0085c\u000bd", "a b c d"],
    ["\u001b[31mred\u007f", "[31mred"],
    ["a\u202e\u2066\u200fb", "ab"],
  ])("makes of %j %j", (text, line) => {
    expect(oneLine(text)).toBe(line);
  });
});
