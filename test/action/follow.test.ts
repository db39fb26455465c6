import { follow } from "../../action/follow.ts";
import type { Intake } from "../../action/intake.ts";
import { submissionReportPath } from "../../core/naming.ts";
import type { Report } from "../../core/report.ts";
import { aRegion, aReport, aWorld, type FakeWorld, release } from "./fake-world.ts";

const submission = { ...release, submission: "run-77-1-00000001" };
const reportPath = submissionReportPath(submission);

function reportAfter(world: FakeWorld, seconds: number, change: Partial<Report>): void {
  world.clock.after(seconds, () => world.storage.saveReport(reportPath, aReport(change)));
}

const step = (name: string, seconds: number | null): Report["steps"][number] => ({
  name,
  startedAt: "2026-01-01T00:00:00Z",
  seconds,
});

describe("follow", () => {
  it("prints each step and each region once, as they come", async () => {
    const world = aWorld();
    const replicating = aRegion("westeurope", { state: "Replicating", progress: 40, seconds: null });
    reportAfter(world, 3, { steps: [step("verify", null)] });
    reportAfter(world, 9, {
      outcome: "publishing",
      steps: [step("verify", 5), step("publish", null)],
      regions: [aRegion("eastus"), replicating],
    });
    reportAfter(world, 40, {
      outcome: "published",
      steps: [step("verify", 5), step("publish", 31)],
      regions: [aRegion("eastus"), aRegion("westeurope")],
    });

    await follow(submission, { timeoutSeconds: 3600, failOn: "any-region" }, world);

    expect(world.lines).toEqual([
      "step 1: verify",
      "step 1: verify: done in 5 s",
      "step 2: publish",
      "region eastus: Completed after 42 s (1 of 2)",
      "regions: eastus Completed, westeurope 40 %",
      "step 2: publish: done in 31 s",
      "region westeurope: Completed after 42 s (2 of 2)",
      "flooperapp 1.2.0: published in 2 regions",
    ]);
    expect(world.facts().report?.outcome).toBe("published");
  });

  it("fails with the report's own reason and next step", async () => {
    const world = aWorld();
    const reason = { code: "bad-region", message: "no region mars", nextStep: "Use Earth." };
    reportAfter(world, 3, { outcome: "refused", reason });

    await expect(
      follow(submission, { timeoutSeconds: 3600, failOn: "any-region" }, world),
    ).rejects.toMatchObject({
      code: "bad-region",
      message: "flooperapp 1.2.0: refused: no region mars",
      nextStep: "Use Earth.",
    });
  });

  it("names the regions that failed", async () => {
    const world = aWorld();
    reportAfter(world, 3, {
      outcome: "partly-published",
      regions: [aRegion("eastus"), aRegion("uksouth", { state: "Failed" })],
    });

    await expect(
      follow(submission, { timeoutSeconds: 3600, failOn: "any-region" }, world),
    ).rejects.toMatchObject({
      code: "partly-published",
      message: expect.stringMatching(/failed: uksouth/),
    });
  });

  it("survives refusals that pass by themselves, and waits as long as Azure asks", async () => {
    const world = aWorld();
    reportAfter(world, 1, { outcome: "publishing" });
    world.storage.refuse("readReport", { status: 429, code: "TooManyRequests", retryAfterSeconds: 50 });
    world.storage.refuse("readReport", { status: 503, code: "ServerBusy" });
    world.storage.refuse("readReport", { status: 0, code: "ENOTFOUND" });
    reportAfter(world, 55, { outcome: "published" });

    await follow(submission, { timeoutSeconds: 3600, failOn: "any-region" }, world);

    expect(world.lines.filter((line) => line.includes("still waiting"))).toHaveLength(3);
  });

  it("tells that the publication goes on when the wait is refused", async () => {
    const world = aWorld();
    world.storage.refuse("readReport", { status: 403, code: "AuthorizationFailure" });

    await expect(
      follow(submission, { timeoutSeconds: 3600, failOn: "any-region" }, world),
    ).rejects.toMatchObject({
      code: "storage-firewall",
      message: expect.stringMatching(/goes on; only the wait ended/),
    });
  });

  it("ends at the timeout, tells how it stands and how to join again", async () => {
    const world = aWorld();
    reportAfter(world, 3, {
      outcome: "publishing",
      regions: [aRegion("eastus", { state: "Replicating", seconds: null })],
    });

    await expect(
      follow(submission, { timeoutSeconds: 600, failOn: "any-region" }, world),
    ).rejects.toMatchObject({
      code: "still-publishing",
      message: expect.stringMatching(
        /not published after 10 min; it stands at: .*publishing, 0 of 1 regions.*goes on/,
      ),
      nextStep: expect.stringMatching(/Run the job again/),
    });
    expect(world.clock.now()).toBeLessThanOrEqual(600_000);
  });

  it("warns once when the pipeline does not begin", async () => {
    const world = aWorld();
    reportAfter(world, 900, { outcome: "published" });

    await follow(submission, { timeoutSeconds: 3600, failOn: "any-region" }, world);

    expect(world.warnings).toEqual([expect.stringMatching(/has not begun for 3 min/)]);
  });

  it("speaks at least every minute and a quarter of a long wait", async () => {
    const world = aWorld();
    reportAfter(world, 1, {
      outcome: "publishing",
      regions: [aRegion("eastus", { state: "Replicating", progress: 10 })],
    });
    reportAfter(world, 600, { outcome: "published" });

    await follow(submission, { timeoutSeconds: 3600, failOn: "any-region" }, world);

    expect(world.lines.filter((line) => line === "waiting for eastus (10 %)").length).toBeGreaterThanOrEqual(
      7,
    );
  });

  it.each([
    ["partly-published", { outcome: "partly-published" }],
    ["timed-out", { outcome: "timed-out" }],
  ] as const)(
    "only warns of a release that is %s when its home region is all that counts",
    async (_, change) => {
      const world = aWorld();
      const regions = [aRegion("eastus"), aRegion("uksouth", { state: "Failed" })];
      reportAfter(world, 3, { ...change, homeRegion: "eastus", regions });

      await follow(submission, { timeoutSeconds: 3600, failOn: "home-region" }, world);

      expect(world.warnings).toEqual([expect.stringMatching(/failed: uksouth.*home region eastus has it/)]);
    },
  );

  it("only warns when the time is up but the home region has it", async () => {
    const world = aWorld();
    const regions = [aRegion("eastus"), aRegion("uksouth", { state: "Replicating", seconds: null })];
    reportAfter(world, 3, { outcome: "publishing", homeRegion: "eastus", regions });

    await follow(submission, { timeoutSeconds: 600, failOn: "home-region" }, world);

    expect(world.warnings).toEqual([expect.stringMatching(/not published after 10 min/)]);
  });

  it.each([
    ["the home region failed", { outcome: "partly-published", homeRegion: "uksouth" }],
    ["the home region is not told", { outcome: "partly-published" }],
    ["it was refused", { outcome: "refused", homeRegion: "eastus" }],
  ] as const)("fails although other regions do not count when %s", async (_, change) => {
    const world = aWorld();
    reportAfter(world, 3, {
      ...change,
      regions: [aRegion("eastus"), aRegion("uksouth", { state: "Failed" })],
    });

    const waiting = { timeoutSeconds: 3600, failOn: "home-region" } as const;
    await expect(follow(submission, waiting, world)).rejects.toMatchObject({ code: change.outcome });
  });

  it("asks less and less often", async () => {
    const world = aWorld();
    reportAfter(world, 600, { outcome: "published" });
    const asked: number[] = [];
    const readSubmission: Intake["readSubmission"] = (of) => {
      asked.push(world.clock.now() / 1000);
      return world.intake.readSubmission(of);
    };

    const waiting = { timeoutSeconds: 3600, failOn: "any-region" } as const;
    await follow(submission, waiting, { ...world, intake: { readSubmission } });

    const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect([pauses[0], pauses.at(-1)]).toEqual([2, 15]);
  });
});
