import fc from "fast-check";
import { logLine } from "../../action/log-line.ts";

describe("logLine", () => {
  it.each([
    ["a\nb\r\nc", "a b c"],
    ["::error::owned", ": :error::owned"],
    ["  ::set-output name=x::y", "  : :set-output name=x::y"],
    ["x ##[error]owned", "x ##(error]owned"],
    ["red \u001b[31mtext\u0007", "red [31mtext"],
    ["exe.\u202efdp", "exe.fdp"],
    ["plain: 100 % of 3 :: fine", "plain: 100 % of 3 :: fine"],
  ])("makes one harmless line of %j", (text, line) => {
    expect(logLine(text)).toBe(line);
  });

  it("never gives the runner a command", () => {
    const nasty = fc
      .array(
        fc.constantFrom("::", "##[", "\n", "\r", "\u2028", "\u0085", "\u0000", " ", "error", "]", "#", ":"),
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: "binary" })), (text) => {
        const line = logLine(text);
        return !/[\r\n]/.test(line) && !line.includes("##[") && !line.trimStart().startsWith("::");
      }),
    );
  });
});
