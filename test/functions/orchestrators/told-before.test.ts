import { submissionReportPath } from "../../../core/naming.ts";
import { publishRelease } from "../../../functions/orchestrators/publish-release.ts";
import { aDrop, aWorld, RUN } from "../a-world.ts";
import { runStory } from "../story-runner.ts";

const PATH = submissionReportPath({ ...aDrop(), submission: RUN });

/** A world in which a submission has been published, and its package written over since. */
async function publishedBefore() {
  const world = aWorld();
  world.submit();
  await world.publish();
  world.clock.pass(3600);
  world.packages.drop(`flooperapp/1.2.0/${RUN}/app.tar.gz`, "other bytes, of the same path");
  const tell = (again?: boolean) =>
    runStory(publishRelease({ drop: aDrop(), generation: 1, ...(again && { again }) }), world);
  return { world, tell };
}

describe("publishRelease", () => {
  it("leaves a submission alone that has its ending, when it is started once more by mistake", async () => {
    const { world, tell } = await publishedBefore();
    const before = world.report(PATH);

    const { result, trace } = await tell();

    expect(result).toBe("published");
    expect(trace).toEqual(["readSubmission"]);
    expect(world.report(PATH)).toEqual(before);
  });

  it("tells it again when somebody asks for that", async () => {
    const { world, tell } = await publishedBefore();

    await tell(true);

    expect(world.report(PATH).outcome).toBe("refused");
  });
});
