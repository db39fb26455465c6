import { CLAIM_PATH, claimText } from "../../../core/account-claim.ts";
import { storyInstanceId } from "../../../core/naming.ts";
import { type Operation, operationId, operationPath, operationText } from "../../../core/operation.ts";
import { updateVersion } from "../../../functions/orchestrators/update-version.ts";
import { runStory } from "../story-runner.ts";
import { AzureRefusal } from "../../../functions/ports.ts";
import { aDrop, aWorld, RUN } from "../a-world.ts";
import { answer } from "../in-memory-ports.ts";

const MINUTE = 60;
const GRACE = 10 * MINUTE;
const INSTANCE = "0123456789abcdef";

/** A world in which a story was killed right after its version was accepted. */
async function abandoned(replicationSeconds = 240) {
  const world = aWorld({ graceSeconds: GRACE });
  world.gallery.replicationSeconds = replicationSeconds;
  world.submit();
  const killed = new Error("killed");
  const put = world.gallery.putVersion.bind(world.gallery);
  world.gallery.putVersion = async (...args) => {
    await put(...args);
    world.entities.ask = async () => Promise.reject(killed);
  };
  const ask = world.entities.ask.bind(world.entities);
  await world.publish().catch(() => undefined);
  world.entities.ask = ask;
  world.stories.statuses.set(INSTANCE, "ended");
  return world;
}

describe("reconcile, submissions", () => {
  it("starts what no event announced, and counts it", async () => {
    const world = aWorld();
    world.submit();
    world.submit({}, "run-2-1-0a1b2c3d");
    world.clock.pass(5 * MINUTE);

    expect(await world.reconcile()).toContain("2 of 2 unfinished submissions had no story (lost events)");
    expect(world.stories.statuses.get(storyInstanceId(aDrop(), 0))).toBe("running");
    expect(world.stories.lines).toContain(`flooperapp/1.2.0/${RUN}: had no story; started`);
  });

  it("leaves alone what has just come, since its event may be on its way", async () => {
    const world = aWorld();
    world.submit();
    world.clock.pass(MINUTE);

    expect(await world.reconcile()).toBe("nothing to do");
  });

  it("leaves alone what has a story that runs", async () => {
    const world = aWorld();
    world.submit();
    world.stories.statuses.set(storyInstanceId(aDrop(), 0), "running");
    world.clock.pass(5 * MINUTE);

    expect(await world.reconcile()).toBe("nothing to do");
  });

  it("leaves alone what has its final report", async () => {
    const world = aWorld();
    world.submit();
    await world.publish();

    expect(await world.reconcile()).toBe("nothing to do");
  });

  it("tells the story again that ended without a report", async () => {
    const world = aWorld();
    world.submit();
    world.stories.statuses.set(storyInstanceId(aDrop(), 0), "ended");
    world.clock.pass(5 * MINUTE);
    await world.reconcile();

    expect(world.stories.log).toContain(
      `start publishRelease ${JSON.stringify({ drop: aDrop(), generation: 1 })}`,
    );
  });

  it("looks at no folder without the manifest that commits it", async () => {
    const world = aWorld();
    world.packages.drop(`flooperapp/1.2.0/${RUN}/app.tar.gz`, "bytes");
    world.clock.pass(5 * MINUTE);

    expect(await world.reconcile()).toBe("nothing to do");
  });

  it("begins again what was incomplete and is complete now", async () => {
    const world = aWorld();
    const drop = aDrop({ folder: "run-9-1-0a1b2c3d" });
    world.submit({}, drop.folder);
    world.packages.dropped.delete(`flooperapp/1.2.0/${drop.folder}/app.tar.gz`);
    await world.publish(drop);
    expect(await world.reconcile()).toBe("nothing to do");

    world.clock.pass(MINUTE);
    world.packages.drop(`flooperapp/1.2.0/${drop.folder}/app.tar.gz`, "the bytes of a package");
    world.clock.pass(5 * MINUTE);

    expect(await world.reconcile()).toContain("1 of 1 unfinished");
  });

  it("goes on with its other work when the drop box cannot be read", async () => {
    const world = await abandoned();
    world.clock.pass(30 * MINUTE);
    world.fail(
      "packages.listAll",
      new AzureRefusal(answer("storage", 503, "ServerBusy", "The server is busy.")),
    );

    expect(await world.reconcile()).toMatch(/drop box could not be read.*1 dead holders/);
    expect(world.access.assignments.size).toBe(0);
  });
});

describe("reconcile, operations", () => {
  const operation: Operation = {
    ...{ application: "flooperapp", version: "1.2.0", kind: "expand" },
    targetRegions: [{ name: "japaneast" }],
  };
  const id = operationId(operation, undefined);
  const instanceId = storyInstanceId({ application: "flooperapp", version: "1.2.0", folder: id }, 0);

  /** A world in which somebody asked for the operation some minutes ago. */
  function asked(minutes: number) {
    const world = aWorld();
    const text = operationText({ operation, askedBy: "somebody" });
    void world.reports.write(operationPath(operation, id), text, undefined);
    world.clock.pass(minutes * MINUTE);
    return world;
  }

  it.each(["absent", "ended"] as const)(
    "starts one again whose story is %s without a report",
    async (status) => {
      const world = asked(5);
      world.stories.statuses.set(instanceId, status);

      expect(await world.reconcile()).toContain("1 of 1 unfinished operations had no story");
      expect(world.stories.log).toContain(
        `start updateVersion ${JSON.stringify({ operation, submission: id, askedBy: "somebody" })}`,
      );
    },
  );

  it.each([
    ["has just been asked for", 1, "absent"],
    ["is being told", 5, "running"],
    ["was asked for more than a week ago", 8 * 24 * 60, "absent"],
  ] as const)("leaves one alone that %s", async (_, minutes, status) => {
    const world = asked(minutes);
    world.stories.statuses.set(instanceId, status);

    expect(await world.reconcile()).toBe("nothing to do");
  });

  it("leaves one alone that has its ending, and a story started all the same leaves the ending", async () => {
    const world = asked(5);
    const told = () => runStory(updateVersion({ operation, submission: id, askedBy: "somebody" }), world);
    expect((await told()).result).toBe("refused");
    const ending = world.report(`flooperapp/1.2.0/${id}.json`);
    world.clock.pass(5 * MINUTE);

    expect(await world.reconcile()).toBe("nothing to do");
    expect((await told()).result).toBe("refused");
    expect(world.report(`flooperapp/1.2.0/${id}.json`)).toEqual(ending);
  });
});

describe("reconcile, two function apps on one account", () => {
  const claim = () => ({ path: CLAIM_PATH, text: claimText({ app: "other", seenAt: at(0) }) });
  const at = (minutes: number) =>
    new Date(Date.parse("2026-01-05T10:00:00.000Z") + minutes * 60_000).toISOString();

  async function besideAnother() {
    const world = aWorld({ functionAppId: "this", graceSeconds: GRACE });
    const { path, text } = claim();
    await world.reports.write(path, text, undefined);
    world.submit();
    return world;
  }

  it("leaves all to the one that was first", async () => {
    const world = await besideAnother();
    world.clock.pass(10 * MINUTE);

    expect(await world.reconcile()).toContain("nothing, since another function app, other, works on");
    expect(world.stories.log).toEqual([]);
  });

  it("takes what is no claim for none", async () => {
    const world = aWorld({ functionAppId: "this" });
    await world.reports.write(CLAIM_PATH, "{", undefined);

    expect(await world.reconcile()).toBe("nothing to do");
    expect((await world.reports.read(CLAIM_PATH))?.text).toContain('"app":"this"');
  });

  it("grants nothing for the second, and says why", async () => {
    const world = await besideAnother();
    const { report } = await world.publish();

    expect(report).toMatchObject({ outcome: "failed", reason: { code: "account-claimed" } });
    expect(world.access.assignments.size).toBe(0);
  });

  it("takes the place of one that has been silent for half an hour", async () => {
    const world = await besideAnother();
    world.clock.pass(31 * MINUTE);
    await world.reconcile();

    expect((await world.publish()).report.outcome).toBe("published");
    expect(world.reports.blobs.get(CLAIM_PATH)?.text).toContain('"app":"this"');
  });
});

describe("reconcile, access", () => {
  it("takes away what nobody needs once the grace is over, and not before", async () => {
    const world = aWorld({ graceSeconds: GRACE });
    world.submit();
    await world.publish();
    world.clock.pass(GRACE - 1);
    await world.reconcile();
    expect(world.access.assignments.size).toBe(1);

    world.clock.pass(1);
    await world.reconcile();

    expect(world.access.assignments.size).toBe(0);
  });

  it("keeps the access of a dead story whose version still replicates", async () => {
    const world = await abandoned(2 * 3600);
    world.clock.pass(90 * MINUTE);
    await world.reconcile();
    expect(world.access.assignments.size).toBe(1);

    world.clock.pass(40 * MINUTE);
    await world.reconcile();

    expect(world.access.assignments.size).toBe(0);
  });

  it("keeps no access for more than a day", async () => {
    const world = await abandoned(1e9);
    world.clock.pass(24 * 3600);
    await world.reconcile();

    expect(world.access.assignments.size).toBe(0);
  });

  it("keeps the access of a story that lives", async () => {
    const world = await abandoned();
    world.stories.statuses.set(INSTANCE, "running");
    world.clock.pass(20 * MINUTE);
    await world.reconcile();

    expect(world.entities.lease()?.holders).toHaveLength(1);
  });

  it("takes a story that runs and has been silent for half an hour for dead", async () => {
    const world = await abandoned();
    world.stories.statuses.set(INSTANCE, "running");
    world.clock.pass(31 * MINUTE);
    await world.reconcile();

    expect(world.access.assignments.size).toBe(0);
  });

  it("takes nobody for dead while Azure does not tell of the version", async () => {
    const world = await abandoned();
    world.clock.pass(20 * MINUTE);
    world.fail("gallery.readVersion", new AzureRefusal(answer("gallery", 503, "Unavailable", "Later.")));
    await world.reconcile();

    expect(world.access.assignments.size).toBe(1);
  });

  it("brings back what somebody deleted while it was needed", async () => {
    const world = await abandoned(3600);
    world.access.assignments.clear();
    world.clock.pass(20 * MINUTE);
    await world.reconcile();

    expect(world.access.assignments.size).toBe(1);
  });

  it("takes away what a lost state does not know of", async () => {
    const world = await abandoned();
    world.entities.states.clear();
    world.clock.pass(20 * MINUTE);
    await world.reconcile();
    expect(world.access.assignments.size).toBe(1);

    world.clock.pass(GRACE);
    await world.reconcile();

    expect(world.access.assignments.size).toBe(0);
  });

  it("takes away what the gallery's former identity has", async () => {
    const world = await abandoned();
    world.gallery.principalId = "22222222-2222-4222-8222-222222222222";
    world.clock.pass(20 * MINUTE);
    await world.reconcile();

    expect([...world.access.assignments.keys()]).toEqual([]);
  });

  it("says for how long access could not be taken away, and does it later", async () => {
    const world = await abandoned();
    world.clock.pass(2 * 3600);
    const down = new AzureRefusal(answer("access", 503, "ServiceUnavailable", "Try later."));
    world.fail("access.revoke", down);

    expect(await world.reconcile()).toMatch(/could not be mended .*overdue by 1\d\d min.*Try later/);
    await world.reconcile();

    expect(world.access.assignments.size).toBe(0);
  });

  it("never touches what somebody else assigned", async () => {
    const world = aWorld({ graceSeconds: GRACE });
    world.access.assignBySomebody(world.gallery.principalId);
    world.submit();
    await world.publish();
    world.clock.pass(2 * GRACE);
    await world.reconcile();

    expect(world.access.assignments.size).toBe(1);
  });
});

describe("reconcile, old instances", () => {
  it("forgets those that began longer ago than the retention", async () => {
    const world = aWorld();
    world.stories.statuses.set("a", "ended");

    expect(await world.reconcile()).toBe("1 ended instances forgotten");
    expect(world.stories.log).toEqual(["purge 2025-12-29T10:00:00.000Z"]);
  });
});
