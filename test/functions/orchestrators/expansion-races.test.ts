import { type Operation, operationId } from "../../../core/operation.ts";
import { regionKey } from "../../../core/region.ts";
import { createActivities } from "../../../functions/activities.ts";
import { updateVersion } from "../../../functions/orchestrators/update-version.ts";
import type { Command } from "../../../functions/vocabulary.ts";
import { createVersionUpdates } from "../../../functions/version-updates.ts";
import { aWorld } from "../a-world.ts";
import { ENDPOINT } from "../in-memory-ports.ts";
import { Interleaver, seededRandom } from "../interleaved.ts";
import { storyActivitiesOn } from "../in-memory-stories.ts";

const RACES = 300;
const release = { application: "flooperapp", version: "1.2.0" };
const PATH = `flooperapp/1.2.0/${"a".repeat(64)}/app.tar.gz`;
const others = ["westeurope", "westus", "northeurope", "japaneast", "eastus2"];

/** 2 to 5 expansions to 1 to 3 regions each, at once. `isGated`: one after the other, as the gate has it. */
async function race(seed: number, isGated: boolean) {
  const random = seededRandom(seed);
  const world = aWorld();
  const interleaver = new Interleaver(seed, world.clock);
  world.packages.vault.set(PATH, Buffer.from("x"));
  world.gallery.seed(release, { mediaLink: `${ENDPOINT}/packages/${PATH}` }, ["eastus"]);
  world.gallery.replicationSeconds = Math.floor(random() * 300);
  const ports = {
    ...world.ports,
    gallery: interleaver.interleaved(world.gallery),
    reports: interleaver.interleaved(world.reports),
    packages: interleaver.interleaved(world.packages),
  };
  const activities: any = {
    ...createActivities(ports, {}, { access: "leased" }),
    ...createVersionUpdates(ports, {}),
    ...storyActivitiesOn(world.stories, ports, {}),
  };
  const operations = Array.from({ length: 2 + Math.floor(random() * 4) }, (_, index): Operation => {
    const regions = others.filter(() => random() < 0.4);
    const names = regions.length > 0 ? regions : [others[index % others.length]!];
    return { kind: "expand", ...release, targetRegions: names.map((name) => ({ name })) };
  });
  const stories = new Map(
    operations.map((operation, index) => {
      const submission = operationId(operation, { caller: String(index), key: String(seed) });
      world.stories.statuses.set(`story-${index}`, "running");
      return [`story-${index}`, updateVersion({ operation, submission, askedBy: "somebody" })] as const;
    }),
  );
  const perform = async (command: Command): Promise<unknown> => {
    if (command.kind === "call") return activities[command.activity](command.input);
    if (command.kind !== "ask" && command.kind !== "tell") throw new Error(`no ${command.kind} here`);
    if (command.entity === "applicationGate" && !isGated) return ungated(command.input.operation.kind);
    return world.entities.ask(command.entity, command.key, command.input);
  };
  const outcomes = await interleaver.tellAll(stories, perform);
  const wanted = new Set(["eastus", ...operations.flatMap(regionsOf)]);
  const found = (await world.gallery.readVersion(release))!.regions;
  return {
    outcomes,
    wanted: [...wanted].sort(),
    found: found.map(({ name }) => regionKey(name)).sort(),
    areComplete: found.every(({ state }) => state === "Completed"),
    writes: world.gallery.writes.map((write) => write.replace("patch ", "").split(",")),
  };
}

function regionsOf(operation: Operation): string[] {
  return operation.kind === "expand" ? operation.targetRegions.map(({ name }) => name) : [];
}

function ungated(kind: string): object {
  return { state: kind === "enter" ? "entered" : kind === "take-turn" ? "yours" : "over" };
}

describe("expansions at once", () => {
  it.each([
    ["through the application's gate", true],
    ["even without the gate", false],
  ])(`end in the union and never shrink, ${RACES / 2} races %s`, async (_, isGated) => {
    let shrinks = 0;
    for (let seed = 1; seed <= RACES / 2; seed++) {
      const { outcomes, wanted, found, areComplete, writes } = await race(seed, isGated);
      const told = { seed, outcomes: [...new Set(outcomes)], found, areComplete };
      expect(told).toEqual({ seed, outcomes: ["published"], found: wanted, areComplete: true });
      writes.forEach((write, index) => {
        if (writes[index - 1]?.some((name) => !write.includes(name))) shrinks += 1;
      });
    }
    expect(shrinks).toBe(0);
  });
});
