import { Problem, problemFrom, reasonOf } from "../../core/problem.ts";

const reason = { code: "bad-version", message: 'version "x" is none', nextStep: "Pass 1.2.0." };

describe("Problem", () => {
  it("keeps its cause, and is an Error that says what happened", () => {
    const cause = new Error("below");
    const problem = problemFrom(reason, { cause });

    expect(problem).toBeInstanceOf(Error);
    expect(problem).toMatchObject({ name: "Problem", ...reason, cause });
  });

  it("becomes plain data that survives JSON", () => {
    const told = reasonOf(new Problem(reason.code, reason.message, reason.nextStep, { cause: "x" }));

    expect(JSON.parse(JSON.stringify(told))).toStrictEqual(reason);
  });
});
