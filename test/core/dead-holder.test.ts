import { isDead, isSuspicious } from "../../core/dead-holder.ts";
import { aRegion, aVersion } from "./samples.ts";

const NOW = 1_767_607_200;
const holder = (fields: object = {}) => ({
  ...{ id: "a", token: 1, application: "flooperapp", version: "1.2.0", at: NOW, beat: NOW },
  ...fields,
});

describe("isSuspicious", () => {
  it.each([
    [false, 359, false],
    [false, 360, true],
    [true, 1799, false],
    [true, 1800, true],
  ])("of a holder whose story runs (%s) and was silent for %d s is %s", (isRunning, silence, is) => {
    expect(isSuspicious(holder({ beat: NOW - silence }), isRunning, NOW)).toBe(is);
  });
});

describe("isDead", () => {
  it.each([
    ["there is no version", undefined, true],
    ["Azure does not tell", "unreadable" as const, false],
    ["the version is done", aVersion({ provisioningState: "Succeeded" }), true],
    ["the version failed", aVersion({ provisioningState: "Failed" }), true],
    ["the version is created", aVersion({ provisioningState: "Creating" }), false],
    ["the version is updated", aVersion({ provisioningState: "Updating" }), false],
    ["a region replicates", aVersion({ regions: [aRegion("eastus", "Replicating")] }), false],
  ])("when %s", (_, version, is) => {
    expect(isDead(holder(), version, NOW)).toBe(is);
  });

  it("is so after a day, whatever Azure does", () => {
    expect(isDead(holder({ at: NOW - 86_400 }), aVersion({ provisioningState: "Updating" }), NOW)).toBe(true);
  });
});
