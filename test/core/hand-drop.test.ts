import { handDropRule, type HandDropRule, isHandDrop } from "../../core/hand-drop.ts";
import type { Profile } from "../../core/profile.ts";
import { publishersSchema } from "../../core/publishers.ts";

const publishers = publishersSchema.parse([
  { repositoryId: 1, ownerId: 2, workflow: "a/b/.github/workflows/c.yml", environment: "production" },
]);
type Rules = Pick<Profile, "handDrops" | "direct" | "publishers">;

describe("handDropRule", () => {
  it.each<[string, Rules | undefined, HandDropRule]>([
    ["without a profile", undefined, "publish"],
    ["without publishers", {}, "publish"],
    ["with an empty list of publishers", { publishers: [] }, "publish"],
    ["with a publisher", { publishers }, "approve"],
    ["that the profile refuses", { handDrops: "refuse" }, "refuse"],
    ["that the profile publishes despite its publishers", { publishers, handDrops: "publish" }, "publish"],
  ])("for drops %s", (_, profile, rule) => {
    expect(handDropRule(profile)).toBe(rule);
  });
});

describe("isHandDrop", () => {
  it.each<[string, string, Rules | undefined, boolean]>([
    ["a run's folder", "run-1-1-0a1b2c3d", undefined, false],
    [
      "a run's folder of an application without publishers",
      "run-1-1-0a1b2c3d",
      { handDrops: "refuse" },
      false,
    ],
    ["a run's folder of an application with publishers", "run-1-1-0a1b2c3d", { publishers }, true],
    ["a folder that poses as the endpoint's", "api-0a1b2c3d", { publishers }, true],
    ["a run's folder where direct is trusted", "run-1-1-0a1b2c3d", { publishers, direct: "trusted" }, false],
    ["a run's folder where direct is not", "run-1-1-0a1b2c3d", { direct: "hand-drop" }, true],
    ["loose files", "", undefined, true],
    ["loose files where direct is trusted", "", { publishers, direct: "trusted" }, true],
    ["a folder of somebody's", "mine", { direct: "trusted" }, true],
  ])("%s", (_, folder, profile, expected) => {
    expect(isHandDrop({ application: "flooperapp", version: "1.2.0", folder }, profile)).toBe(expected);
  });
});
