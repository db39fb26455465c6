import { type Drop, handDropId, storyInstanceId, submissionReportPath } from "../../../core/naming.ts";
import { ended, newReport, reportText } from "../../../core/report.ts";
import { blobArrived } from "../../../functions/triggers/blob-arrived.ts";
import { eventIn } from "../../../functions/triggers/deliveries.ts";
import type { Stories, StoryStatus } from "../../../functions/vocabulary.ts";
import { aDrop, RUN } from "../a-world.ts";
import { InMemoryPackages, InMemoryReports } from "../in-memory-ports.ts";

const ACCOUNT = "/subscriptions/s1/resourceGroups/apps/providers/Microsoft.Storage/storageAccounts/vmapps";
const AT = "2026-01-05T10:00:00.000Z";

/** Instances in memory. */
class InMemoryStories implements Stories {
  readonly instances = new Map<string, StoryStatus>();
  readonly heard: string[] = [];
  readonly inputs: object[] = [];
  onRaise: () => void = () => undefined;

  async status(instanceId: string): Promise<StoryStatus> {
    return this.instances.get(instanceId) ?? "absent";
  }

  async start(instanceId: string, story: string, input: object): Promise<void> {
    if (this.instances.get(instanceId) === "running") throw new Error("already exists");
    this.instances.set(instanceId, "running");
    this.inputs.push({ story, ...input });
  }

  async raise(instanceId: string, event: string): Promise<void> {
    this.onRaise();
    if (this.instances.get(instanceId) === "running") this.heard.push(event);
  }

  async purge(): Promise<number> {
    return 0;
  }
}

function anEvent(path: string, fields: { account?: string; container?: string; type?: string } = {}): object {
  const { account = ACCOUNT, container = "incoming", type = "Microsoft.Storage.BlobCreated" } = fields;
  return {
    topic: account,
    subject: `/blobServices/default/containers/${container}/blobs/${path}`,
    eventType: type,
    data: { api: "PutBlockList", blobType: "BlockBlob" },
  };
}

function aSetting() {
  const packages = new InMemoryPackages();
  const reports = new InMemoryReports();
  const stories = new InMemoryStories();
  const lines: string[] = [];
  const ports = { packages, reports, accountId: ACCOUNT };
  return {
    packages,
    reports,
    stories,
    lines,
    arrive: (event: unknown) => blobArrived(ports, stories, event, (line) => lines.push(line)),
    ended(drop: Drop, submission: string, outcome: "published" | "refused" | "incomplete"): void {
      const report = ended(newReport({ ...drop, submission }, AT), outcome, null, AT);
      const path = submissionReportPath(report);
      reports.blobs.set(path, { writtenAt: AT, text: reportText(report), etag: "1" });
      stories.instances.set(storyInstanceId(drop, 0), "ended");
    },
  };
}

describe("blobArrived", () => {
  it("starts the story of a submission that its manifest commits", async () => {
    const setting = aSetting();

    expect(await setting.arrive(anEvent(`flooperapp/1.2.0/${RUN}/manifest.json`))).toEqual(["started"]);
    expect(setting.stories.inputs).toEqual([{ story: "publishRelease", drop: aDrop(), generation: 0 }]);
    expect([...setting.stories.instances.keys()]).toEqual([storyInstanceId(aDrop(), 0)]);
  });

  it.each([
    ["a file right in the version's folder", "flooperapp/1.2.0/app.tar.gz", "started"],
    ["a file in a folder by hand", "flooperapp/1.2.0/mine/app.tar.gz", "started"],
    [
      "a version that Azure would not take, for the story to refuse",
      "flooperapp/1.2.0-rc.1/app.tar.gz",
      "started",
    ],
    [
      "a package in a folder that its manifest commits",
      `flooperapp/1.2.0/${RUN}/app.tar.gz`,
      "not a submission",
    ],
    ["a file that lies too high", "flooperapp/app.tar.gz", "not a submission"],
    ["a file that lies too deep", "flooperapp/1.2.0/a/b/app.tar.gz", "not a submission"],
    ["a name that is no application's", "-rf/1.2.0/app.tar.gz", "not a submission"],
    ["a path that climbs", "flooperapp/../app.tar.gz", "not a submission"],
    ["a folder that climbs", "flooperapp/1.2.0/../app.tar.gz", "not a submission"],
  ])("meets %s", async (_, path, sighting) => {
    expect(await aSetting().arrive(anEvent(path))).toEqual([sighting]);
  });

  it.each([
    ["another account", { account: ACCOUNT.replace("vmapps", "other") }],
    ["the vault", { container: "packages" }],
  ])("ignores what arrives in %s", async (_, fields) => {
    const setting = aSetting();

    expect(await setting.arrive(anEvent("flooperapp/1.2.0/app.tar.gz", fields))).toEqual(["foreign"]);
    expect(setting.stories.instances.size).toBe(0);
  });

  it.each([[{}], [null], [anEvent("x/1.0.0/y", { type: "Microsoft.Storage.BlobDeleted" })], ["text"]])(
    "logs a delivery that tells of no blob: %j",
    async (delivery) => {
      const setting = aSetting();

      expect(await setting.arrive(delivery)).toEqual([]);
      expect(setting.lines).toEqual(["a delivery told of no blob that was created"]);
    },
  );

  it("takes the account's id in any case", async () => {
    const event = anEvent("flooperapp/1.2.0/app.tar.gz", { account: ACCOUNT.toUpperCase() });

    expect(await aSetting().arrive(event)).toEqual(["started"]);
  });

  it("wakes a story that is running", async () => {
    const setting = aSetting();
    setting.stories.instances.set(storyInstanceId(aDrop(), 0), "running");

    expect(await setting.arrive(anEvent(`flooperapp/1.2.0/${RUN}/manifest.json`))).toEqual(["woken"]);
    expect(setting.stories.heard).toEqual(["blob-arrived"]);
  });

  it("starts another when the story ended before it heard", async () => {
    const setting = aSetting();
    const first = storyInstanceId(aDrop(), 0);
    setting.stories.instances.set(first, "running");
    setting.stories.onRaise = () => setting.stories.instances.set(first, "ended");

    expect(await setting.arrive(anEvent(`flooperapp/1.2.0/${RUN}/manifest.json`))).toEqual(["started"]);
    expect(setting.stories.instances.get(storyInstanceId(aDrop(), 1))).toBe("running");
  });

  it.each([
    ["published", "finished before"],
    ["refused", "finished before"],
    ["incomplete", "started"],
  ] as const)("answers an event after the submission ended as %s", async (outcome, sighting) => {
    const setting = aSetting();
    setting.ended(aDrop(), RUN, outcome);

    expect(await setting.arrive(anEvent(`flooperapp/1.2.0/${RUN}/manifest.json`))).toEqual([sighting]);
  });

  it("does nothing for a duplicate that comes after the story's history is gone", async () => {
    const setting = aSetting();
    setting.ended(aDrop(), RUN, "published");
    setting.stories.instances.clear();

    expect(await setting.arrive(anEvent(`flooperapp/1.2.0/${RUN}/manifest.json`))).toEqual([
      "finished before",
    ]);
  });

  it("starts the next generation when a file dropped by hand is replaced", async () => {
    const setting = aSetting();
    const drop = aDrop({ folder: "" });
    const path = "flooperapp/1.2.0/app.tar.gz";
    setting.ended(drop, handDropId([setting.packages.drop(path, "one")]), "published");

    expect(await setting.arrive(anEvent(path))).toEqual(["finished before"]);
    setting.packages.drop(path, "two");
    expect(await setting.arrive(anEvent(path))).toEqual(["started"]);
  });

  it("starts again a story that ended without a report", async () => {
    const setting = aSetting();
    setting.stories.instances.set(storyInstanceId(aDrop(), 0), "ended");

    expect(await setting.arrive(anEvent(`flooperapp/1.2.0/${RUN}/manifest.json`))).toEqual(["started"]);
    expect(setting.stories.inputs).toMatchObject([{ generation: 1 }]);
  });

  it("throws its own faults, so that the delivery comes again", async () => {
    const setting = aSetting();
    setting.stories.status = () => Promise.reject(new Error("the engine is down"));

    await expect(setting.arrive(anEvent("flooperapp/1.2.0/app.tar.gz"))).rejects.toThrow(
      "the engine is down",
    );
  });
});

describe("eventIn", () => {
  it("takes what the host has parsed", () => {
    expect(eventIn({ a: 1 })).toEqual({ a: 1 });
  });

  it("calls a message that is no JSON by its name", () => {
    expect(() => eventIn("<xml/>")).toThrow('a message in the event queue is no JSON document: "<xml/>"');
  });
});
