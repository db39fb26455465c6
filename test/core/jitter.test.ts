import { jittered } from "../../core/jitter.ts";

describe("jittered", () => {
  it("makes a pause longer by up to a half, always the same for one seed", () => {
    const pauses = Array.from({ length: 200 }, (_, seed) => jittered(100, `${seed}`));

    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(150);
    expect(new Set(pauses).size).toBeGreaterThan(40);
    expect(jittered(100, "7")).toBe(jittered(100, "7"));
  });
});
