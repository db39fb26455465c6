import { adviceOf, candidates, probeText, type Trial } from "../../../core/posture/probe.ts";

const deployed = { galleryRole: "contributor", roleScope: "account" } as const;
const trials = (...works: boolean[]): Trial[] =>
  works.map((worked, index) => ({ ...candidates[index]!, worked, says: worked ? "replicated" : "refused" }));

describe("a probe's advice", () => {
  it.each([
    [[true], "--parameters galleryRole=reader roleScope=container"],
    [[false, true], "--parameters galleryRole=reader roleScope=account"],
    [[false, false, true], "--parameters galleryRole=contributor roleScope=container"],
    [[false, false, false, true], "is what is deployed: galleryRole=contributor roleScope=account"],
    [[false, false, false, false], "No role worked"],
  ])("after %j has %s", (works, advice) => {
    expect(adviceOf({ trials: trials(...works), leftBehind: [] }, deployed)).toContain(advice);
  });

  it("comes with what each was answered, and what is left", () => {
    const text = probeText(
      { trials: trials(false, true), leftBehind: ["az resource delete --ids x"] },
      deployed,
    );
    expect(text).toMatch(
      /^Tried\n {2}XX {2}reader on the container: refused\n {2}ok {2}reader on the account/,
    );
    expect(text).toContain("by hand:\n  az resource delete --ids x\n");
  });
});
