import { durationText } from "../../core/duration.ts";

describe("durationText", () => {
  it.each([
    [0, "0 s"],
    [-3, "0 s"],
    [42.4, "42 s"],
    [59.6, "1 min"],
    [60, "1 min"],
    [245, "4 min 5 s"],
    [3599.7, "1 h"],
    [3600, "1 h"],
    [8220, "2 h 17 min"],
    [100_000, "27 h 46 min"],
  ])("says %d seconds as %s", (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});
