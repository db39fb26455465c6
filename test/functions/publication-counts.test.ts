import { aPublication } from "./a-publication.ts";

// What a publication costs is counted, not timed: a step more in the story shows here.

describe("publishRelease, through the real executor", () => {
  it("asks Resource Manager as often for fifty regions as for one", async () => {
    const [one, fifty] = [await aPublication(1, 30), await aPublication(50, 30)];

    expect([one.outcome, fifty.outcome]).toEqual(["published", "published"]);
    expect(fifty.armRequests).toBe(one.armRequests);
    expect(fifty.executions).toBe(one.executions);
    expect(fifty.history).toHaveLength(one.history.length);
  });

  it("takes at most five executions a poll, with what is told of it", async () => {
    const { pollExecutions, polls } = await aPublication(10, 30);

    expect(pollExecutions / polls).toBeLessThanOrEqual(5);
  });

  it("keeps a publication of half an hour small", async () => {
    const { polls, executions, pollExecutions, history, armRequests } = await aPublication(10, 30);

    expect({
      polls: polls <= 29,
      besidesPolls: executions - pollExecutions <= 30,
      history: history.length <= 300,
      armRequests: armRequests <= 70,
    }).toEqual({ polls: true, besidesPolls: true, history: true, armRequests: true });
  });
});
