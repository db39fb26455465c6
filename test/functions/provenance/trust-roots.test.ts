import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toTrustMaterial } from "@sigstore/verify";
import type { SigstoreInstance } from "../../../core/publishers.ts";
import { verifyBundle } from "../../../functions/provenance/bundle-verification.ts";
import { embeddedRoots, rootsInFolder } from "../../../functions/provenance/root-sources.ts";
import { sigstoreAttestations } from "../../../functions/provenance/sigstore.ts";
import {
  createTrustRoots,
  type DatedRoot,
  type RootSources,
} from "../../../functions/provenance/trust-roots.ts";
import { startSigstore } from "./a-sigstore.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse("2026-07-01T00:00:00Z");

/** Sources whose repository can be cut off, with a clock that is set by hand. */
function someSources({ isReachable = true, withEmbedded = true } = {}) {
  const world = { now: START, isReachable, refreshes: 0 };
  const json = embeddedRoots["public-good"].json;
  const dated: DatedRoot = { json, asOf: new Date(START - 10 * DAY) };
  const sources: RootSources = {
    now: () => world.now,
    ...(withEmbedded && { embedded: { "public-good": dated, github: dated } }),
    refresh: async () => {
      world.refreshes++;
      if (!world.isReachable) throw new Error("getaddrinfo ENOTFOUND tuf-repo-cdn.sigstore.dev");
      return { json, asOf: new Date(world.now) };
    },
  };
  return { world, roots: createTrustRoots(sources) };
}

describe("createTrustRoots", () => {
  it("refreshes once a day, however often it is asked", async () => {
    const { world, roots } = someSources();
    await Promise.all([roots.of("public-good"), roots.of("public-good")]);
    world.now += 23 * HOUR;
    await roots.of("public-good");
    const onTheFirstDay = world.refreshes;
    world.now += 2 * HOUR;
    await roots.of("public-good");
    expect([onTheFirstDay, world.refreshes]).toEqual([1, 2]);
  });

  it("goes on with the embedded root where there is no way out, and tries again an hour later", async () => {
    const { world, roots } = someSources({ isReachable: false });
    const { material } = await roots.of("public-good");
    await roots.of("public-good");
    const atOnce = world.refreshes;
    world.now += HOUR;
    await roots.of("public-good");
    expect(material.certificateAuthorities.length).toBeGreaterThan(0);
    expect([atOnce, world.refreshes]).toEqual([1, 2]);
  });

  it.each<[number, string[]]>([
    [0, []],
    [20, []],
    [21, [expect.stringContaining("31 days ago, on 2026-06-21")]],
    [100, [expect.stringContaining("110 days ago, on 2026-06-21")]],
  ])("after %i days without a refresh, tells of a root that was ten days old: %j", async (days, notes) => {
    const { world, roots } = someSources({ isReachable: false });
    world.now += days * DAY;
    expect((await roots.of("public-good")).notes).toEqual(notes);
  });

  it("no longer tells of an old root once it was refreshed", async () => {
    const { world, roots } = someSources({ isReachable: false });
    world.now += 100 * DAY;
    await roots.of("public-good");
    world.isReachable = true;
    world.now += HOUR;
    expect((await roots.of("public-good")).notes).toEqual([]);
  });

  it("counts the age from the last refresh, not from the embedded root", async () => {
    const { world, roots } = someSources();
    await roots.of("public-good");
    world.isReachable = false;
    world.now += 30 * DAY;
    expect((await roots.of("public-good")).notes).toEqual([]);
    world.now += DAY;
    expect((await roots.of("public-good")).notes).toHaveLength(1);
  });

  it("trusts nothing without any root", async () => {
    const { roots } = someSources({ isReachable: false, withEmbedded: false });
    await expect(roots.of("github")).rejects.toMatchObject({ code: "no-trust-root" });
  });
});

describe("the embedded roots", () => {
  const real = (name: string): string => readFileSync(join(import.meta.dirname, "bundles", name), "utf8");
  const trusted = (instance: SigstoreInstance) =>
    toTrustMaterial(TrustedRoot.fromJSON(embeddedRoots[instance].json));

  it("verify a build that the public services signed", () => {
    const verdict = verifyBundle(
      real("reusable-workflow.sigstore.json"),
      "public-good",
      trusted("public-good"),
    );
    expect(verdict).toMatchObject({
      attestation: {
        predicateType: "https://slsa.dev/provenance/v1",
        certificate: {
          repositoryId: "804070735",
          ownerId: "16248153",
          runner: "github-hosted",
          ref: "refs/heads/main",
        },
      },
    });
  });

  it("verify what GitHub's own services signed", () => {
    const verdict = verifyBundle(real("github-instance.sigstore.json"), "github", trusted("github"));
    expect(verdict).toMatchObject({
      attestation: { predicateType: "https://in-toto.io/attestation/release/v0.2" },
    });
  });

  it.each<[string, SigstoreInstance]>([
    ["reusable-workflow.sigstore.json", "github"],
    ["github-instance.sigstore.json", "public-good"],
  ])("do not verify %s by the root of %s", (name, instance) => {
    expect(verifyBundle(real(name), instance, trusted(instance))).toHaveProperty("fault");
  });
});

describe("rootsInFolder", () => {
  it("verifies by the operator's roots alone", async () => {
    const folder = await mkdtemp(join(tmpdir(), "roots-"));
    const sigstore = await startSigstore();
    await writeFile(join(folder, "public-good.json"), JSON.stringify(sigstore.trustedRoot));
    const attestations = sigstoreAttestations(rootsInFolder(folder, Date.now));

    const own = await attestations.verify(await sigstore.attest({ sha256: "a".repeat(64) }), "public-good");
    const real = readFileSync(join(import.meta.dirname, "bundles/reusable-workflow.sigstore.json"), "utf8");
    const others = await attestations.verify(real, "public-good");
    const github = attestations.verify("{}", "github");

    expect(own).toMatchObject({ attestation: {}, notes: [] });
    expect(others).toHaveProperty("fault");
    await expect(github).rejects.toMatchObject({ code: "no-trust-root" });
    await rm(folder, { recursive: true });
  });
});
