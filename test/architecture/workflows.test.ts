import { parse } from "yaml";
import { tracked } from "./tracked-files.ts";

type Step = { uses?: string; run?: string; with?: Record<string, unknown> };
type Job = { permissions?: Record<string, string>; steps: Step[] };
type Workflow = { permissions?: Record<string, string>; jobs: Record<string, Job> };

const workflows = tracked(/^\.github\/workflows\/.*\.ya?ml$/).map(({ path, lines }) => ({
  path,
  lines,
  workflow: parse(lines.join("\n")) as Workflow,
}));

function steps(): Step[] {
  return workflows.flatMap(({ workflow }) => Object.values(workflow.jobs).flatMap((job) => job.steps));
}

describe("workflows", () => {
  it("exist", () => {
    expect(workflows.map(({ path }) => path)).toEqual([
      ".github/workflows/ci.yml",
      ".github/workflows/release.yml",
    ]);
  });

  it("pin every action to a commit and name its version", () => {
    const uses = workflows.flatMap(({ lines }) => lines.filter((line) => /^\s*(- )?uses:/.test(line)));

    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((line) => !/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  it("pin an action to the same commit everywhere", () => {
    const pins = new Set(steps().flatMap(({ uses }) => uses ?? []));
    const actions = new Set([...pins].map((pin) => pin.split("@")[0]));

    expect(pins.size).toBe(actions.size);
  });

  it("grant nothing to a workflow, and to a job only what it declares", () => {
    for (const { workflow } of workflows) {
      expect(workflow.permissions).toEqual({});
      for (const job of Object.values(workflow.jobs)) expect(job).toHaveProperty("permissions");
    }
  });

  it("let one job alone write, the one that releases", () => {
    const writers = workflows.flatMap(({ path, workflow }) =>
      Object.entries(workflow.jobs)
        .filter(([, job]) => Object.values(job.permissions ?? {}).includes("write"))
        .map(([name]) => `${path} ${name}`),
    );

    expect(writers).toEqual([".github/workflows/release.yml release"]);
  });

  it("run no code of dependencies in the job that may write", () => {
    const release = workflows.find(({ path }) => path.endsWith("release.yml"))!.workflow.jobs["release"]!;

    expect(release.steps.filter(({ run }) => /\b(npm|npx|node|\.ci)\b/.test(run ?? ""))).toEqual([]);
  });

  it("record the stories' histories of each release, and keep them where every build replays them", () => {
    const { jobs } = workflows.find(({ path }) => path.endsWith("release.yml"))!.workflow;
    const scripts = (name: string) => jobs[name]?.steps.map(({ run }) => run ?? "").join("\n");

    expect(scripts("build")).toContain('npm run record-history -- --release "$VERSION"');
    expect(scripts("release")).toContain('git add "test/golden/v$VERSION"');
  });

  it("hand values to scripts through the environment only", () => {
    expect(steps().filter(({ run }) => run?.includes("${{"))).toEqual([]);
  });

  it("leave no credentials in a checkout", () => {
    const checkouts = steps().filter(({ uses }) => uses?.startsWith("actions/checkout@"));

    expect(checkouts.length).toBeGreaterThan(0);
    for (const checkout of checkouts) expect(checkout.with).toMatchObject({ "persist-credentials": false });
  });

  it("keep no caches, which other runs could fill", () => {
    const setups = steps().filter(({ uses }) => uses?.startsWith("actions/setup-node@"));

    expect(steps().filter(({ uses }) => uses?.startsWith("actions/cache"))).toEqual([]);
    for (const setup of setups) expect(setup.with).toMatchObject({ "package-manager-cache": false });
  });
});
