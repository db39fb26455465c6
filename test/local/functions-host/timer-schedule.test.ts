import { nextOccurrence, scheduleFrom } from "../../../local/functions-host/timer-schedule.ts";

describe("nextOccurrence", () => {
  it.each([
    ["0 */15 * * * *", "2026-01-05T10:00:00Z", "2026-01-05T10:15:00Z"],
    ["0 */15 * * * *", "2026-01-05T10:59:59.999Z", "2026-01-05T11:00:00Z"],
    ["*/10 * * * * *", "2026-01-05T10:00:05Z", "2026-01-05T10:00:10Z"],
    ["0 30 9 * * 1-5", "2026-01-09T09:30:00Z", "2026-01-12T09:30:00Z"],
    ["0 0 0 29 2 *", "2026-01-05T00:00:00Z", "2028-02-29T00:00:00Z"],
    ["0 5,35 3/6 * * *", "2026-01-05T03:36:00Z", "2026-01-05T09:05:00Z"],
  ])("of %s after %s is %s", (expression, from, next) => {
    expect(nextOccurrence(scheduleFrom(expression), Date.parse(from))).toBe(Date.parse(next));
  });
});

describe("scheduleFrom", () => {
  it.each([["00:05:00"], ["* * * * *"], ["0 60 * * * *"], ["0 0 0 * JAN *"], ["0 */0 * * * *"]])(
    "refuses %s",
    (expression) => {
      expect(() => scheduleFrom(expression)).toThrow(expression);
    },
  );
});
