import { type Drop, storyInstanceId } from "../../core/naming.ts";
import type { Report } from "../../core/report.ts";
import { accessIsGone, galleryAssignments, type LocalAzure } from "../../local/local-azure.ts";
import { writeProfile } from "../../local/profiles.ts";
import { aPackage, finalReport, runAction, startDeployment } from "./a-deployment.ts";

type Deployment = Awaited<ReturnType<typeof startDeployment>>;

const GRACE_MINUTES = 2;
const RECONCILE_MINUTES = 5;

/** A deployment with the profile of `flooperapp`, and with a package. */
async function aDeployment(
  profile: object = {},
  options: Parameters<typeof startDeployment>[0] = {},
): Promise<Deployment> {
  const deployment = await startDeployment(options);
  await writeProfile(deployment.azure, "flooperapp", { schema: 1, supportedOSType: "Linux", ...profile });
  await aPackage(deployment.workspace);
  return deployment;
}

/** Submits a version and does not wait for it. */
async function submit(
  { azure, workspace }: Deployment,
  version: string,
  application = "flooperapp",
): Promise<string> {
  const step = await runAction(azure, workspace, { with: { application, version, wait: "none" } });
  return step.outputs["submission"] ?? "";
}

function versionIn({ arm, ids }: LocalAzure, version: string, application = "flooperapp") {
  return arm.state.version(`${ids.gallery}/applications/${application}/versions/${version}`);
}

/** Watches something of the local Azure until `ended`, as often as it can. */
async function watch<Seen>(azure: LocalAzure, ended: Promise<unknown>, look: () => Seen): Promise<Seen[]> {
  const seen: Seen[] = [];
  const end = ended.then(() => true);
  while (!(await Promise.race([end, azure.clock.sleep(2000).then(() => false)]))) {
    seen.push(look());
  }
  return seen;
}

/** Halts the publication of a drop. */
async function halt({ host }: LocalAzure, drop: Drop): Promise<void> {
  const url = `${host.adminUrl}/durabletask/instances/${storyInstanceId(drop, 0)}/raiseEvent/halt`;
  const { status } = await fetch(url, { method: "POST", body: "{}" });
  if (status !== 202) throw new Error(`to halt was answered with ${status}`);
}

describe("releases that overlap", () => {
  let deployment: Deployment;
  let reports: Report[];
  let holdersSeen: number[];

  beforeAll(async () => {
    deployment = await aDeployment({}, { arm: { concurrentWrites: "one-per-version" } });
    const { azure } = deployment;
    const submitted = Promise.all(["1.0.0", "1.1.0"].map((version) => submit(deployment, version)));
    const ended = submitted.then(() =>
      Promise.all(["1.0.0", "1.1.0"].map((version) => finalReport(azure, `flooperapp ${version}`, "run-"))),
    );
    holdersSeen = await watch(azure, ended, () => galleryAssignments(azure).length);
    reports = await ended;
  });
  afterAll(() => deployment.stop());

  it("are both published", () => {
    expect(reports.map(({ outcome }) => outcome)).toEqual(["published", "published"]);
  });

  it("share one role assignment, which is there until the last has ended", () => {
    const first = holdersSeen.indexOf(1);
    expect(Math.max(...holdersSeen)).toBe(1);
    expect(holdersSeen.slice(first)).not.toContain(0);
  });

  it("tell when each gave its access back", () => {
    expect(reports.map(({ access }) => access?.state)).toEqual(["released", "released"]);
  });

  it("leave no access once the grace and the reconciler's round are over", async () => {
    const round = (GRACE_MINUTES + 2 * RECONCILE_MINUTES) * 60;
    expect(await accessIsGone(deployment.azure, round)).toBe(true);
  });
});

describe("a pipeline as it is by default", () => {
  let deployment: Deployment;

  beforeAll(async () => {
    deployment = await aDeployment({}, { applications: ["flooperapp", "wavyapp"] });
  });
  afterAll(() => deployment.stop());

  it("publishes two releases of an application whose versions Azure writes one at a time", async () => {
    await Promise.all(["1.0.0", "1.1.0"].map((version) => submit(deployment, version)));
    const reports = await Promise.all(
      ["1.0.0", "1.1.0"].map((version) => finalReport(deployment.azure, `flooperapp ${version}`, "run-")),
    );
    expect(reports.map(({ outcome }) => outcome)).toEqual(["published", "published"]);
  });

  it("publishes when role assignments can be written again", async () => {
    const { azure } = deployment;
    await accessIsGone(azure);
    const error = { code: "ServiceUnavailable", message: "The service is unavailable." };
    const assignment = { method: "PUT", path: /roleAssignments/, error } as const;
    azure.arm.faults.add({ ...assignment, effect: "answer", when: "before", status: 503, times: 6 });
    azure.arm.faults.add({ ...assignment, effect: "answer", when: "after", status: 500 });
    await submit(deployment, "2.0.0");
    expect(await finalReport(azure, "flooperapp 2.0.0", "run-")).toMatchObject({ outcome: "published" });
    expect(await accessIsGone(azure)).toBe(true);
  });

  it("puts a version into latest only when every region has it", async () => {
    const { azure } = deployment;
    await submit(deployment, "3.0.0");
    const ended = finalReport(azure, "flooperapp 3.0.0", "run-");
    const seen = await watch(azure, ended, () => {
      const version = versionIn(azure, "3.0.0");
      const now = azure.clock.now();
      const isEverywhere = version?.copies.every(({ endsAt, failure }) => endsAt <= now && !failure);
      return { isServed: version?.profile.excludeFromLatest === false, isEverywhere };
    });
    expect(await ended).toMatchObject({ outcome: "published" });
    expect(versionIn(azure, "3.0.0")?.profile.excludeFromLatest).toBe(false);
    expect(seen.some(({ isServed, isEverywhere }) => !isServed && isEverywhere === false)).toBe(true);
    expect(seen.filter(({ isServed, isEverywhere }) => isServed && !isEverywhere)).toEqual([]);
  });

  it("stops before the next wave when somebody halts it", async () => {
    const { azure } = deployment;
    const waves = [{ regions: ["eastus2"], bakeMinutes: 600 }];
    await writeProfile(azure, "wavyapp", { schema: 1, supportedOSType: "Linux", waves });
    const submission = await submit(deployment, "1.0.0", "wavyapp");
    while (!versionIn(azure, "1.0.0", "wavyapp")) await azure.clock.sleep(5000);
    await halt(azure, { application: "wavyapp", version: "1.0.0", folder: submission });
    const report = await finalReport(azure, "wavyapp 1.0.0", "run-");
    const version = versionIn(azure, "1.0.0", "wavyapp");
    expect(report.outcome).toBe("halted");
    expect(version?.profile.targetRegions.map(({ name }) => name)).toEqual(["East US 2"]);
    expect(version?.profile.excludeFromLatest).toBe(true);
  });
});

describe("a release none of whose events arrives", () => {
  it("is published by the reconciler", async () => {
    const deployment = await aDeployment({}, { disturbance: { seed: 1, lost: 1 } });
    const { azure } = deployment;
    await submit(deployment, "1.0.0");
    const report = await finalReport(azure, "flooperapp 1.0.0", "run-");
    const lost = azure.host.logs.filter((line) => line.includes("(lost events)"));
    await deployment.stop();
    expect(report.outcome).toBe("published");
    expect(lost).toHaveLength(1);
  });
});

describe("a pipeline whose gallery has standing access", () => {
  it("publishes without a right to assign roles, and leaves the role alone", async () => {
    const deployment = await aDeployment({}, { access: "standing" });
    const { azure } = deployment;
    await submit(deployment, "1.0.0");
    const report = await finalReport(azure, "flooperapp 1.0.0", "run-");
    await azure.clock.sleep(2 * RECONCILE_MINUTES * 60_000);
    const left = galleryAssignments(azure).length;
    await deployment.stop();
    expect(report).toMatchObject({ outcome: "published", access: null });
    expect(left).toBe(1);
  });
});
