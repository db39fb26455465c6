import { releaseReportPath, storyInstanceId } from "../../../core/naming.ts";
import { newReport, reportText } from "../../../core/report.ts";
import { deliver } from "../../../functions/triggers/deliveries.ts";
import { aDrop, aWorld, RUN } from "../a-world.ts";
import { GALLERY_ID } from "../in-memory-ports.ts";

const AT = "2026-01-05T10:00:00.000Z";
const release = { application: "flooperapp", version: "1.2.0" };

async function aSetting(submission = RUN) {
  const world = aWorld();
  const report = { ...newReport({ ...release, submission }, AT), outcome: "publishing" as const };
  await world.reports.write(releaseReportPath(release), reportText(report), undefined);
  const lines: string[] = [];
  const ports = { ...world.ports, accountId: "/accounts/vmapps", galleryId: GALLERY_ID };
  const arrive = (galleryId = GALLERY_ID) => {
    const subject = `${galleryId}/applications/flooperapp/versions/1.2.0`;
    const event = { subject, eventType: "Microsoft.Resources.ResourceWriteSuccess" };
    return deliver(ports, world.stories, event, (line) => lines.push(line));
  };
  return { world, lines, arrive };
}

describe("a version that Azure has written", () => {
  it("wakes the story that follows it", async () => {
    const { world, arrive, lines } = await aSetting();
    world.stories.statuses.set(storyInstanceId(aDrop(), 0), "running");

    await arrive();

    expect(world.stories.log).toEqual([`raise version-written ${storyInstanceId(aDrop(), 0)}`]);
    expect(lines).toEqual(["flooperapp 1.2.0 was written: woken"]);
  });

  it("wakes an operation on a published version", async () => {
    const id = `expand-${"0".repeat(32)}`;
    const { world, arrive } = await aSetting(id);
    world.stories.statuses.set(storyInstanceId({ ...release, folder: id }, 0), "running");

    await arrive();

    expect(world.stories.log).toEqual([
      `raise version-written ${storyInstanceId({ ...release, folder: id }, 0)}`,
    ]);
  });

  it("wakes nobody when nobody waits", async () => {
    const { world, arrive, lines } = await aSetting();

    await arrive();

    expect(world.stories.log).toEqual([]);
    expect(lines).toEqual(["flooperapp 1.2.0 was written: nobody waits"]);
  });

  it("of another gallery wakes nobody", async () => {
    const { world, arrive } = await aSetting();
    world.stories.statuses.set(storyInstanceId(aDrop(), 0), "running");

    await arrive(GALLERY_ID.replace("/tools", "/others"));

    expect(world.stories.log).toEqual([]);
  });
});
