import fc from "fast-check";
import { applicationNameFrom, isApplicationName, quoted } from "../../core/application.ts";
import { problemOf } from "./samples.ts";

describe("isApplicationName", () => {
  it.each(["a", "7zip", "flooper-app_2.0", "a".repeat(117), "A.b", "a-", "a_"])("takes %s", (name) => {
    expect(isApplicationName(name)).toBe(true);
  });

  it.each(["", ".", "..", ".a", "-a", "_a", "a.", "a b", "a/b", "a\\b", "a:b", "ä", "a\n", "a".repeat(118)])(
    "refuses %j",
    (name) => {
      expect(isApplicationName(name)).toBe(false);
    },
  );

  it("takes only names that are one part of a path and of a URL", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9._-]{1,120}$/)), (name) => {
        fc.pre(isApplicationName(name));
        expect(encodeURIComponent(name)).toBe(name);
        expect(new URL(`https://h/a/${name}/b`).pathname).toBe(`/a/${name}/b`);
        expect(name).not.toMatch(/\.$/);
      }),
    );
  });
});

describe("applicationNameFrom", () => {
  it("says the rule and the value when the name is bad", () => {
    const problem = problemOf(() => applicationNameFrom("my app"));

    expect(problem.code).toBe("bad-application");
    expect(problem.message).toContain('application "my app" is not 1 to 117 letters');
    expect(problem.nextStep).toContain("flooperapp");
  });
});

describe("quoted", () => {
  it.each([
    ["a", '"a"'],
    ['a"\n', '"a\\"\\n"'],
    ["x".repeat(120), `"${"x".repeat(120)}"`],
    ["x".repeat(200), `"${"x".repeat(117)}..."`],
  ])("shows %j in quotes, on one line and not too long", (text, shown) => {
    expect(quoted(text)).toBe(shown);
  });
});
