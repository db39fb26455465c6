import { parseReport } from "../../../core/report.ts";
import { aDrop, aManifest, aProfile, CONTENT } from "../a-world.ts";
import { digestOf } from "../in-memory-ports.ts";
import { anApi } from "./an-api.ts";

const PUBLISHER = {
  ...{ repositoryId: "1001", ownerId: "77", environment: "release" },
  workflow: "contoso/flooper/.github/workflows/release.yml",
};
const RULES = { publishers: [PUBLISHER] };
const HAND = aDrop({ folder: "" });

/** The endpoints, and a version 2.0.0 that was dropped by hand where drops need an approval. */
async function aHandDrop() {
  const api = await anApi();
  const { world } = api;
  const drop = { ...HAND, version: "2.0.0" };
  const text = aManifest({ version: "2.0.0", install: "new-install.sh" });
  const told = async () => {
    world.packages.profiles.set("flooperapp", aProfile({ ...RULES, settlingSeconds: 10 }));
    return world.publish(drop);
  };
  world.packages.drop("flooperapp/2.0.0/app.tar.gz", CONTENT);
  world.packages.drop("flooperapp/2.0.0/manifest.json", text);
  const { report } = await told();
  const authorization = `Bearer ${api.tokenWith("Releases.Approve")}`;
  const ask = (operation: "lookAt" | "approve", body?: unknown, over: object = {}) =>
    api.ask({ operation, version: "2.0.0", submission: report.submission, authorization, body, ...over });
  return { ...api, report, ask, tellAgain: told };
}

describe("a submission that waits for an approval", () => {
  it("has not ended, and grants nothing", async () => {
    const { world, report } = await aHandDrop();
    expect(report).toMatchObject({ outcome: "awaiting-approval", endedAt: null });
    expect(report.approval).toEqual({ manifestSha256: expect.any(String), by: null, at: null });
    expect(world.access.assignments.size).toBe(0);
  });

  it("shows its digest, its commands and how it differs from the version before", async () => {
    const { ask, report } = await aHandDrop();
    const { status, body } = await ask("lookAt");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      manifestSha256: report.approval?.manifestSha256,
      package: { file: "app.tar.gz", sha256: digestOf(CONTENT) },
      commands: { install: "new-install.sh", remove: "remove.sh", update: null },
      submitted: null,
      previous: { version: "1.2.0" },
    });
    const fields = body.previous.differences.map(({ field }: { field: string }) => field);
    expect(fields).toEqual(expect.arrayContaining(["package", "install"]));
  });

  it("is published once somebody has approved that digest, and tells who did", async () => {
    const { ask, report, stories, tellAgain } = await aHandDrop();
    const { manifestSha256 } = report.approval ?? {};
    expect((await ask("approve", { manifestSha256 })).status).toBe(202);
    expect(stories.log).toEqual([expect.stringMatching(/^start publishRelease .*"version":"2\.0\.0"/)]);
    const again = await tellAgain();
    expect(again.report).toMatchObject({
      outcome: "published",
      approval: { manifestSha256, by: "33333333-3333-4333-8333-333333333333" },
    });
  });

  it("is not published by the approval of anything else", async () => {
    const { ask, tellAgain, stories } = await aHandDrop();
    const answer = await ask("approve", { manifestSha256: "a".repeat(64) });
    expect(answer).toMatchObject({ status: 409, body: { code: "digest-changed" } });
    expect(stories.log).toEqual([]);
    expect((await tellAgain()).result).toBe("awaiting-approval");
  });

  it.each<[string, Record<string, unknown>]>([
    ["the profile's commands", { update: "echo surprise" }],
    ["the profile's regions", { advancedSettings: { user: "root" } }],
  ])("needs another approval when %s change", async (_, fields) => {
    const { ask, report, world } = await aHandDrop();
    await ask("approve", { manifestSha256: report.approval?.manifestSha256 });
    world.packages.profiles.set("flooperapp", aProfile({ ...RULES, settlingSeconds: 10, ...fields }));
    const told = await world.publish({ ...HAND, version: "2.0.0" });
    expect(told.result).toBe("awaiting-approval");
    expect(told.report.approval?.manifestSha256).not.toBe(report.approval?.manifestSha256);
  });

  it("is another submission when its files change", async () => {
    const { ask, report, world, tellAgain } = await aHandDrop();
    await ask("approve", { manifestSha256: report.approval?.manifestSha256 });
    world.packages.drop("flooperapp/2.0.0/app.tar.gz", CONTENT);
    const told = await tellAgain();
    expect(told.result).toBe("awaiting-approval");
    expect(told.report.submission).not.toBe(report.submission);
  });

  it.each([undefined, "{", "[]", {}, { manifestSha256: 1 }, { manifestSha256: "A".repeat(64) }])(
    "is approved by no such body: %j",
    async (body) => {
      const { ask, stories } = await aHandDrop();
      expect((await ask("approve", body)).status).toBe(400);
      expect(stories.log).toEqual([]);
    },
  );

  it("is never the release's own report", async () => {
    const { ask } = await aHandDrop();
    expect((await ask("lookAt", undefined, { submission: "release" })).status).toBe(404);
  });

  it("is left alone by the reconciler until it is approved", async () => {
    const { ask, report, world, reports } = await aHandDropLongAgo();
    await world.reconcile();
    expect(world.stories.log.filter((line) => line.startsWith("start"))).toEqual([]);
    const { manifestSha256 } = report.approval ?? {};
    await ask("approve", { manifestSha256 });
    expect(parseReport([...reports].at(0) ?? "").outcome).toBe("awaiting-approval");
    await world.reconcile();
    expect(world.stories.log.filter((line) => line.startsWith("start"))).toHaveLength(1);
  });
});

async function aHandDropLongAgo() {
  const drop = await aHandDrop();
  drop.world.clock.pass(3600);
  const reports = [...drop.world.reports.blobs.values()].map(({ text }) => text);
  return { ...drop, reports };
}

describe("an approval by whoever submitted", () => {
  it("is refused, even when the manifest was exchanged since", async () => {
    const api = await anApi();
    const { world } = api;
    world.packages.profiles.set("flooperapp", aProfile({ ...RULES }));
    const both = `Bearer ${api.tokenWith("Releases.Approve", "Releases.Submit")}`;
    const ask = (operation: Parameters<typeof api.ask>[0]["operation"], over: object) =>
      api.ask({ operation, version: "2.0.0", authorization: both, ...over });
    const body = { files: [{ file: "app.tar.gz", size: CONTENT.length }] };
    const { submission } = (await ask("open", { body })).body;
    await ask("send", { submission, body: CONTENT });
    const file = { size: CONTENT.length, sha256: digestOf(CONTENT) };
    await ask("commitFile", { submission, body: file });
    await ask("commit", { submission, body: aManifest({ version: "2.0.0" }) });
    world.packages.drop(
      `flooperapp/2.0.0/${submission}/manifest.json`,
      aManifest({ version: "2.0.0", install: "evil.sh" }),
    );
    const { result, report } = await world.publish(aDrop({ version: "2.0.0", folder: submission }));
    expect(result).toBe("awaiting-approval");
    expect(report).not.toHaveProperty("submitted");
    const answer = await ask("approve", {
      submission,
      body: { manifestSha256: report.approval?.manifestSha256 },
    });
    expect(answer).toMatchObject({ status: 403, body: { code: "self-approval" } });
  });
});

describe("a proven submission", () => {
  it("needs no approval, and is told with who submitted it", async () => {
    const api = await anApi();
    const { world } = api;
    world.packages.profiles.set("flooperapp", aProfile(RULES));
    const authorization = `Bearer ${api.github.token({ ref: "refs/tags/v2.0.0", workflow_ref: `${PUBLISHER.workflow}@refs/tags/v2.0.0`, job_workflow_ref: `${PUBLISHER.workflow}@refs/tags/v2.0.0` })}`;
    const ask = (operation: Parameters<typeof api.ask>[0]["operation"], over: object) =>
      api.ask({ operation, version: "2.0.0", authorization, ...over });
    const body = { files: [{ file: "app.tar.gz", size: CONTENT.length }] };
    const { submission } = (await ask("open", { body })).body;
    await ask("send", { submission, body: CONTENT });
    await ask("commitFile", { submission, body: { size: CONTENT.length, sha256: digestOf(CONTENT) } });
    await ask("commit", { submission, body: aManifest({ version: "2.0.0" }) });
    const { report } = await world.publish(aDrop({ version: "2.0.0", folder: submission }));
    expect(report).toMatchObject({
      outcome: "published",
      submitted: {
        by: { repository: "contoso/flooper" },
        manifestSha256: digestOf(aManifest({ version: "2.0.0" })),
      },
    });
  });

  it("is one by hand when its folder only looks like a submission's", async () => {
    const api = await anApi();
    api.world.packages.profiles.set("flooperapp", aProfile(RULES));
    const folder = `api-${"0".repeat(32)}`;
    api.world.packages.drop(`flooperapp/2.0.0/${folder}/app.tar.gz`, CONTENT);
    api.world.packages.drop(`flooperapp/2.0.0/${folder}/manifest.json`, aManifest({ version: "2.0.0" }));
    const { result } = await api.world.publish(aDrop({ version: "2.0.0", folder }));
    expect(result).toBe("awaiting-approval");
  });
});
