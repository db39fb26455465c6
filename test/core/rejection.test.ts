import { LARGE_PACKAGE_BYTES } from "../../core/manifest.ts";
import * as rejection from "../../core/rejection.ts";
import { aDigest, anEffectiveManifest } from "./samples.ts";

const release = { application: "flooperapp", version: "1.2.0" };
const known = [
  { name: "eastus", displayName: "East US" },
  { name: "westeurope", displayName: "West Europe" },
];

describe("otherContent", () => {
  it("tells both values of each difference, in quotes", () => {
    const reason = rejection.otherContent(release, [
      { field: "package", submitted: "aaa", published: "bbb" },
      { field: "install", submitted: "x\n", published: "y".repeat(500) },
    ]);

    expect(reason.code).toBe("version-exists");
    expect(reason.message).toContain('package is "bbb", submitted was "aaa"; install is "yyy');
    expect(reason.message).toContain('submitted was "x\\n"');
    expect(reason.message.length).toBeLessThan(400);
  });
});

describe("unknownRegions", () => {
  it("has nothing to say of regions that the subscription has", () => {
    expect(rejection.unknownRegions([{ name: "East US" }, { name: "westeurope" }], known)).toBeUndefined();
  });

  it("names every stranger with the region that was meant", () => {
    const reason = rejection.unknownRegions(
      [{ name: "eastus" }, { name: "westeurop" }, { name: "mars" }],
      known,
    );

    expect(reason?.code).toBe("unknown-region");
    expect(reason?.message).toBe('the subscription has no region "westeurop" (meant: westeurope?), "mars"');
  });
});

describe("other reasons", () => {
  it.each([
    [rejection.beingDeleted(release), "version-being-deleted", "flooperapp 1.2.0"],
    [rejection.noApplication(release), "application-missing", '"flooperapp"'],
    [rejection.otherDigest("a.deb", aDigest, { size: 3, sha256: "b" }), "digest-mismatch", aDigest],
    [rejection.superseded("a.deb", "gone"), "file-gone", "was deleted"],
    [rejection.superseded("a.deb", "changed"), "superseded", "was written again"],
  ])("say what happened and what to do (%#)", (reason, code, told) => {
    expect(reason.code).toBe(code);
    expect(reason.message).toContain(told);
    expect(reason.nextStep).toMatch(/\.$/);
  });
});

describe("notesOn", () => {
  const checked = { versionExists: false, regionsChecked: true };
  const notesOn = (over: Partial<typeof checked> = {}, size = 3) => {
    const manifest = anEffectiveManifest();
    const sized = { ...manifest, package: { ...manifest.package, size } };
    return rejection.notesOn(sized, [{ name: "East US" }], "eastus", { ...checked, ...over });
  };

  it("has nothing to say of a plain release", () => {
    expect(notesOn()).toEqual([]);
    expect(notesOn({}, LARGE_PACKAGE_BYTES)).toEqual([]);
  });

  it.each([
    [rejection.notesOn(anEffectiveManifest(), [], "eastus", checked), "home region eastus was added"],
    [notesOn({}, LARGE_PACKAGE_BYTES + 1), "2000000001 bytes"],
    [notesOn({ versionExists: true }), "finished, not replaced"],
    [notesOn({ regionsChecked: false }), "were not checked"],
  ])("says what is worth knowing (%#)", (notes, told) => {
    expect(notes).toEqual([expect.stringContaining(told)]);
  });
});
