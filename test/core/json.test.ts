import fc from "fast-check";
import { MAX_DOCUMENT_BYTES, parseUntrustedJson } from "../../core/json.ts";
import { problemCodeOf, problemOf } from "./samples.ts";

const read = (text: string): unknown => parseUntrustedJson(text, "manifest.json");

describe("parseUntrustedJson", () => {
  it.each([
    ["{}", {}],
    [' {"a": [1, {"b": "x,:{}[]\\"\\\\"}], "c": null}\n', { a: [1, { b: 'x,:{}[]"\\' }], c: null }],
    ['\uFEFF{"a":1}', { a: 1 }],
    ['[{"a":1},{"a":2},"a","a"]', [{ a: 1 }, { a: 2 }, "a", "a"]],
    ['{"a":{"a":{"a":1}},"b":{"a":1}}', { a: { a: { a: 1 } }, b: { a: 1 } }],
    ['{"a":"__proto__","constructor":1}', { a: "__proto__", constructor: 1 }],
    ['"😀"', "😀"],
  ])("reads %s", (text, value) => {
    expect(read(text)).toEqual(value);
  });

  it.each([
    ["", "is not JSON"],
    ["{", "is not JSON"],
    ["{'a':1}", "is not JSON"],
    ['{"a":1,}', "is not JSON"],
    ['{"a":1} x', "is not JSON"],
    ["\uFEFF\uFEFF{}", "is not JSON"],
    ['{"a":1,"a":2}', 'has the member "a" twice'],
    ['{"a":1,"b":{},"\\u0061":2}', 'has the member "a" twice'],
    ['{"b":{"a":[],"c":"a","a":1}}', 'has the member "a" twice'],
    ['{"__proto__":{"admin":true}}', 'has a member "__proto__"'],
    ['[{"x":{"\\u005f_proto__":1}}]', 'has a member "__proto__"'],
    ['{"a":"x\\u0000"}', "has a NUL character"],
    ['{"a\\u0000":1}', "has a NUL character"],
    ['{"a":"\\ud800"}', "has a character that is no Unicode text"],
  ])("refuses %j: %s", (text, rule) => {
    const problem = problemOf(() => read(text));

    expect(problem.code).toBe("bad-json");
    expect(problem.message).toContain(`manifest.json ${rule}`);
    expect(problem.message).not.toContain("\n");
  });

  it.each([
    ["thirteen levels", `${"[".repeat(13)}${"]".repeat(13)}`, "is nested deeper than 12 levels"],
    ["thousands of levels", `${"[".repeat(30_000)}${"]".repeat(30_000)}`, "is nested deeper than 12 levels"],
    [
      "many letters",
      JSON.stringify("x".repeat(MAX_DOCUMENT_BYTES)),
      "has 65538 bytes, more than the 65536 allowed",
    ],
    ["many bytes", JSON.stringify("é".repeat(40_000)), "has 80002 bytes, more than the 65536 allowed"],
  ])("refuses %s", (_, text, rule) => {
    expect(problemOf(() => read(text)).message).toBe(`manifest.json ${rule}`);
  });

  it("takes twelve levels and exactly the bytes allowed", () => {
    expect(() => read(`${"[".repeat(12)}${"]".repeat(12)}`)).not.toThrow();
    expect(() => read(JSON.stringify("x".repeat(MAX_DOCUMENT_BYTES - 2)))).not.toThrow();
  });

  it("says on one line where the text stops being JSON", () => {
    expect(problemOf(() => read('{"a": 1,\n\n "b": oops}')).message).not.toContain("\n");
  });

  it("answers any text with a value or a problem, and leaves prototypes alone", () => {
    const structure = fc.string({
      unit: fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"',
        "\\",
        "a",
        '"a":',
        "1",
        '"__proto__":',
        "\ud800",
      ),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), structure), (text) => {
        expect(problemCodeOf(() => read(text))).toMatch(/^(?:none|bad-json)$/);
        expect(Object.keys(Object.prototype)).toEqual([]);
        expect(({} as Record<string, unknown>)["admin"]).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it("reads what JSON.parse reads, unless it would be misunderstood elsewhere", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/__proto__|\\u0000|\\ud[89a-f]/.test(text));
        expect(read(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("finds a repeated member wherever it stands", () => {
    const members = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(members, fc.nat(), fc.jsonValue({ maxDepth: 2 }), (names, index, value) => {
        const body = [...names, names[index % names.length]!].map(
          (name) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
        );
        fc.pre(!/__proto__|\\u0000|\\ud[89a-f]/.test(body.join()));
        expect(problemOf(() => read(`[{"x":{${body.join()}}}]`)).message).toContain("twice");
      }),
    );
  });
});
