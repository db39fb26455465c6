import {
  exclusionOf,
  exclusionToSend,
  isOurExclusion,
  unmarkedTags,
  wavesOf,
  withExclusion,
} from "../../core/rollout.ts";
import { aManifest, aVersion } from "./samples.ts";

const targets = (...names: string[]) => ({ targetRegions: names.map((name) => ({ name })) });

describe("wavesOf", () => {
  const three = targets("eastus", "westeurope", "japaneast");

  it("is one wave when none are wished", () => {
    expect(wavesOf(three, undefined, "eastus")).toEqual([
      { regions: ["eastus", "westeurope", "japaneast"], bakeSeconds: 0 },
    ]);
  });

  it("has the home region in the first and the rest in the last", () => {
    expect(wavesOf(three, [{ regions: ["Japan East"], bakeMinutes: 60 }], "East US")).toEqual([
      { regions: ["eastus", "japaneast"], bakeSeconds: 3600 },
      { regions: ["westeurope"], bakeSeconds: 0 },
    ]);
  });

  it("leaves out waves that the version does not reach, and bakes after the last for nothing", () => {
    const wished = [
      { regions: ["brazilsouth"], bakeMinutes: 60 },
      { regions: ["japaneast"], bakeMinutes: 30 },
      { regions: ["westeurope"], bakeMinutes: 30 },
    ];

    expect(wavesOf(three, wished, "eastus")).toEqual([
      { regions: ["eastus", "japaneast"], bakeSeconds: 1800 },
      { regions: ["westeurope"], bakeSeconds: 0 },
    ]);
  });
});

describe("exclusionOf", () => {
  it.each([
    [undefined, undefined, "until-replicated"],
    [false, "when-replicated", "until-replicated"],
    [undefined, "immediately", "none"],
    [undefined, "never", "for-good"],
    [true, "immediately", "for-good"],
    [true, "when-replicated", "for-good"],
  ] as const)(
    "of a manifest with excludeFromLatest %s and a profile with latest %s is %s",
    (own, latest, is) => {
      expect(exclusionOf(own === undefined ? {} : { excludeFromLatest: own }, latest)).toBe(is);
    },
  );
});

describe("withExclusion", () => {
  const manifest = { ...aManifest(), tags: { team: "tools" } } as any;

  it("marks what the pipeline means to end, and keeps other tags", () => {
    const { tags, excludeFromLatest } = withExclusion(manifest, "until-replicated");

    expect(excludeFromLatest).toBe(true);
    expect(isOurExclusion(aVersion({ excludeFromLatest: true, tags: tags! }))).toBe(true);
    expect(tags).toMatchObject({ team: "tools" });
  });

  it("marks nothing that is for good", () => {
    const { tags } = withExclusion(manifest, "for-good");

    expect(isOurExclusion(aVersion({ excludeFromLatest: true, tags: tags! }))).toBe(false);
  });
});

describe("exclusionToSend", () => {
  const ours = { excludeFromLatest: true, tags: { "excluded-until-replicated": "true" } };
  it.each([
    ["until-replicated", undefined, "until-replicated"],
    ["until-replicated", {}, "none"],
    ["until-replicated", { excludeFromLatest: true }, "for-good"],
    ["until-replicated", ours, "until-replicated"],
    ["none", ours, "until-replicated"],
    ["for-good", ours, "for-good"],
  ] as const)("for %s and a version with %j is %s", (wished, present, is) => {
    expect(exclusionToSend(wished, present && aVersion(present))).toBe(is);
  });

  it("knows no version as ours once it is unmarked", () => {
    const version = aVersion(ours);

    expect(isOurExclusion({ ...version, tags: unmarkedTags(version) })).toBe(false);
  });
});
