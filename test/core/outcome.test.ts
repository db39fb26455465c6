import { isFinal, outcomes } from "../../core/outcome.ts";

describe("isFinal", () => {
  it("holds for every outcome that nothing follows", () => {
    expect(outcomes.filter((outcome) => !isFinal(outcome))).toEqual([
      "waiting",
      "awaiting-approval",
      "publishing",
    ]);
    expect(outcomes.filter(isFinal)).toEqual([
      "published",
      "partly-published",
      "refused",
      "failed",
      "halted",
      "timed-out",
      "incomplete",
    ]);
  });
});
