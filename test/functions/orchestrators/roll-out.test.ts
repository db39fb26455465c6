import { MOST_AN_HOUR } from "../../../core/application-gate.ts";
import { MOST_HOLDERS } from "../../../core/lease.ts";
import { publishRelease } from "../../../functions/orchestrators/publish-release.ts";
import { aDrop, aProfile, aWorld } from "../a-world.ts";
import { refusal } from "../in-memory-ports.ts";
import { runStory } from "../story-runner.ts";

const REGIONS = ["eastus", "westeurope", "japaneast"];
const VERSION = "flooperapp/versions/1.2.0";

function aWorldWith(profile: Record<string, unknown>, options: { graceSeconds?: number } = {}) {
  const world = aWorld(options);
  world.packages.profiles.set("flooperapp", aProfile(profile));
  world.submit();
  return world;
}

type World = ReturnType<typeof aWorldWith>;

/** The version as the gallery keeps it. */
async function published(world: World) {
  const version = await world.gallery.readVersion(aDrop());
  if (!version) throw new Error(`no ${VERSION}`);
  return version;
}

describe("publishRelease, latest", () => {
  it("keeps a version out of latest until every region has it", async () => {
    const world = aWorldWith({});

    const { result } = await world.publish();

    expect(result).toBe("published");
    expect(world.gallery.inclusions).toEqual(["Completed,Completed,Completed"]);
    expect(await published(world)).toMatchObject({ excludeFromLatest: false });
  });

  it("puts it into latest at once when the profile says immediately", async () => {
    const world = aWorldWith({ latest: "immediately" });

    await world.publish();

    expect(world.gallery.inclusions).toEqual([]);
    expect(await published(world)).toMatchObject({ excludeFromLatest: false });
    const { steps } = world.releaseReport();
    expect(steps.find(({ name }) => name === "put into latest")).toMatchObject({ seconds: 0 });
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ["the profile says never", { latest: "never" }, {}],
    ["the manifest excludes it", {}, { excludeFromLatest: true }],
    [
      "the manifest excludes it, although the profile says immediately",
      { latest: "immediately" },
      { excludeFromLatest: true },
    ],
  ])("leaves it out for good when %s", async (_, profile, manifest) => {
    const world = aWorldWith(profile);
    world.submit(manifest);

    const { result } = await world.publish();

    expect(result).toBe("published");
    expect(await published(world)).toMatchObject({ excludeFromLatest: true });
  });

  it("stays out of latest when a region fails for good", async () => {
    const world = aWorldWith({});
    world.gallery.failures.set("japaneast", 9);

    const { result, report } = await world.publish();

    expect(result).toBe("partly-published");
    expect(report.reason?.message).toContain("japaneast (The copy was interrupted.)");
    expect(await published(world)).toMatchObject({ excludeFromLatest: true });
  });

  it("gets into latest when the same release is submitted again and the region recovers", async () => {
    const world = aWorldWith({});
    world.gallery.failures.set("japaneast", 3);
    expect((await world.publish()).result).toBe("partly-published");

    const { result } = await world.publish();

    expect(result).toBe("published");
    expect(await published(world)).toMatchObject({ excludeFromLatest: false });
  });

  it("is finished by the next submission when only latest was lacking", async () => {
    const world = aWorldWith({});
    const final = refusal(400, "InvalidParameter", "No.");
    const update = world.gallery.updateRegions.bind(world.gallery);
    world.gallery.updateRegions = async () => Promise.reject(final);
    const first = await world.publish();
    world.gallery.updateRegions = update;

    const { result, trace } = await world.publish();

    expect(first.report).toMatchObject({ outcome: "partly-published" });
    expect(first.report.reason?.message).toContain("could not be put into latest");
    expect(result).toBe("published");
    expect(trace).not.toContain("putVersion");
    expect(await published(world)).toMatchObject({ excludeFromLatest: false });
  });

  it("stays out of latest when somebody took it out after it was published", async () => {
    const world = aWorldWith({});
    await world.publish();
    const { targetRegions, mediaLink } = await published(world);
    await world.access.grant(world.gallery.principalId);
    await world.gallery.updateRegions(aDrop(), { mediaLink }, targetRegions, true);
    world.clock.pass(600);

    const { result } = await world.publish();

    expect(result).toBe("published");
    expect(await published(world)).toMatchObject({ excludeFromLatest: true });
  });

  it("holds the access while it gets into latest", async () => {
    const world = aWorldWith({});
    const holders: number[] = [];
    const update = world.gallery.updateRegions.bind(world.gallery);
    world.gallery.updateRegions = async (...args) => {
      holders.push(world.entities.lease()!.holders.length);
      await update(...args);
    };

    await world.publish();

    expect(holders).toEqual([1]);
  });
});

describe("publishRelease, waves", () => {
  const waves = [
    { regions: ["japaneast"], bakeMinutes: 60 },
    { regions: ["West Europe"], bakeMinutes: 5 },
  ];

  it("reaches one wave after the other, the gallery's own region in the first", async () => {
    const world = aWorldWith({ waves, targetRegions: [...REGIONS, "northeurope"] });
    world.submit({ targetRegions: undefined });

    const { result, report } = await world.publish();

    expect(result).toBe("published");
    expect(world.gallery.writes).toEqual([
      "put eastus,japaneast",
      "patch eastus,japaneast,westeurope",
      "patch eastus,japaneast,westeurope,northeurope",
    ]);
    expect(report.regions).toHaveLength(4);
  });

  it("lets each wave bake before the next", async () => {
    const world = aWorldWith({ waves });

    const { seconds, report } = await world.publish();

    expect(seconds).toBeGreaterThan(65 * 60);
    expect(report.steps.map(({ name }) => name)).toContain("bake for 1 h");
  });

  it("gets into latest after the last wave only", async () => {
    const world = aWorldWith({ waves });

    await world.publish();

    expect(world.gallery.inclusions).toEqual(["Completed,Completed,Completed"]);
  });

  it("follows the gallery to another identity, and gives back what the former one had", async () => {
    const world = aWorldWith({});
    const former = world.gallery.principalId;
    const act = () => void (world.gallery.principalId = "22222222-2222-4222-8222-222222222222");

    const { result } = await world.publish(aDrop(), [{ afterSeconds: 60, act }]);

    expect(result).toBe("published");
    expect(world.entities.lease(world.access.assignmentName(former))).toMatchObject({ holders: [] });
  });

  it("gives the access back while it bakes for long, and takes it again", async () => {
    const world = aWorldWith({ waves });
    const during: number[] = [];
    const look = {
      afterSeconds: 40 * 60,
      act: () => void during.push(world.access.assignments.size),
    };

    const { trace } = await world.publish(aDrop(), [look]);

    expect(during).toEqual([0]);
    expect(trace.filter((line) => line === "accessLease release")).toHaveLength(2);
  });

  it.each([
    ["while it bakes", 40 * 60],
    ["while the first wave replicates", 60],
  ])("stops before the next wave when it is halted %s", async (_, afterSeconds) => {
    const world = aWorldWith({ waves });

    const { result, report } = await world.publish(aDrop(), [{ afterSeconds, event: "halt" }]);

    expect(result).toBe("halted");
    expect(report.reason?.message).toContain("was halted in eastus, japaneast; it is not in westeurope");
    expect(world.gallery.writes).toEqual(["put eastus,japaneast"]);
    expect(await published(world)).toMatchObject({ excludeFromLatest: true });
    expect(world.access.assignments.size).toBe(0);
  });

  it("goes on where it was halted when it is submitted again", async () => {
    const world = aWorldWith({ waves });
    await world.publish(aDrop(), [{ afterSeconds: 60, event: "halt" }]);

    const { result } = await world.publish();

    expect(result).toBe("published");
    expect(await published(world)).toMatchObject({ excludeFromLatest: false });
  });

  it("reaches no further wave when a region fails for good", async () => {
    const world = aWorldWith({ waves });
    world.gallery.failures.set("japaneast", 9);

    const { result } = await world.publish();

    expect(result).toBe("partly-published");
    expect(world.gallery.writes.every((write) => !write.includes("westeurope"))).toBe(true);
  });
});

describe("publishRelease, others at work on the version", () => {
  async function withAnother(world: World, status: "running" | "ended") {
    const at = new Date(world.clock.now()).toISOString();
    const operation = { kind: "enter", id: "another", at, version: "1.2.0", work: "expand" };
    await world.entities.ask("applicationGate", "flooperapp", { operation });
    world.stories.statuses.set("another", status);
  }

  function leave(world: World): void {
    const at = new Date(world.clock.now()).toISOString();
    const operation = { kind: "leave", id: "another", at, version: "1.2.0" };
    void world.entities.ask("applicationGate", "flooperapp", { operation });
  }

  it("waits until their operation has ended", async () => {
    const world = aWorldWith({});
    await withAnother(world, "running");

    const { result, seconds, report } = await world.publish(aDrop(), [
      { afterSeconds: 1800, act: () => leave(world) },
    ]);

    expect(result).toBe("published");
    expect(seconds).toBeGreaterThan(1800);
    expect(report.steps.map(({ name }) => name)).toContain("wait for another operation on the version");
  });

  it("queues behind the releases of the last hour, and has all of its own time afterwards", async () => {
    const world = aWorldWith({ timeoutMinutes: 30 });
    for (let index = 0; index < MOST_AN_HOUR; index++) {
      const [id, version] = [`story ${index}`, `1.0.${index}`];
      const at = new Date(world.clock.now()).toISOString();
      const operation = { kind: "enter", id, at, version, work: "publish" };
      await world.entities.ask("applicationGate", "flooperapp", { operation });
      await world.entities.ask("applicationGate", "flooperapp", {
        operation: { ...operation, kind: "leave" },
      });
    }

    const { result, report, trace } = await world.publish();

    expect(result).toBe("published");
    expect(trace.filter((line) => /^sleep 3\d\d\d$/.test(line))).toHaveLength(1);
    expect(report.steps.map(({ name }) => name)).toContain(
      "wait: flooperapp has too many releases within an hour",
    );
  });

  it("waits for a place among those who need access, and has all of its own time afterwards", async () => {
    const world = aWorldWith({ timeoutMinutes: 30 });
    const { principalId } = await world.gallery.read();
    const leaseId = world.access.assignmentName(principalId);
    const lessee = { place: "vault", principalId };
    const at = new Date(world.clock.now()).toISOString();
    const tokens: number[] = [];
    for (let index = 0; index < MOST_HOLDERS; index++) {
      const operation = { kind: "acquire", id: `story ${index}`, at, application: "other", version: "1.0.0" };
      const answer: any = await world.entities.ask("accessLease", leaseId, { lessee, operation });
      tokens.push(answer.token);
    }
    const leave = (): void => {
      const operation = { kind: "release", id: "story 7", at, token: tokens[7] };
      void world.entities.ask("accessLease", leaseId, { lessee, operation });
    };

    const { result, seconds } = await world.publish(aDrop(), [{ afterSeconds: 20 * 3600, act: leave }]);

    expect(result).toBe("published");
    expect(seconds).toBeGreaterThan(20 * 3600);
  });

  it("gives up when nobody made room for it in a day", async () => {
    const world = aWorldWith({});
    const entities = {
      ask: (name: string, key: string, input: object) =>
        name === "accessLease" ? Promise.resolve({ state: "full" }) : world.entities.ask(name, key, input),
    };
    const { seconds } = await runStory(publishRelease({ drop: aDrop(), generation: 0, again: true }), {
      ...{ activities: world.activities, entities, clock: world.clock },
    });

    expect(world.releaseReport()).toMatchObject({ outcome: "failed", reason: { code: "lease-crowded" } });
    expect(seconds).toBe(24 * 3600);
  });

  it("puts one out of the way whose story died", async () => {
    const world = aWorldWith({});
    await withAnother(world, "ended");

    const { result, trace } = await world.publish();

    expect(result).toBe("published");
    expect(trace.filter((line) => line === "applicationGate enter")).toHaveLength(2);
  });

  it("gives up after its time", async () => {
    const world = aWorldWith({ timeoutMinutes: 60 });
    await withAnother(world, "running");

    const { report } = await world.publish();

    expect(report).toMatchObject({ outcome: "failed", reason: { code: "version-occupied" } });
    expect(report.reason?.message).toContain("(expand)");
  });

  it("looks at the version again after it waited", async () => {
    const world = aWorldWith({});
    await withAnother(world, "running");
    const other = world.packages.vaultUrl(`flooperapp/1.2.0/${"ab".repeat(32)}/app.tar.gz`);

    const { result } = await world.publish(aDrop(), [
      {
        afterSeconds: 600,
        act: () => {
          world.gallery.seed(aDrop(), { mediaLink: other }, REGIONS);
          leave(world);
        },
      },
    ]);

    expect(result).toBe("refused");
  });
});
