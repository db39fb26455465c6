import { MAX_CONFIGURATION_BYTES, MAX_PACKAGE_BYTES } from "../../core/manifest.ts";
import { handDropId } from "../../core/naming.ts";
import { defaultRules, type Profile } from "../../core/profile.ts";
import * as submissions from "../../core/submission.ts";
import { aDigest, aManifest } from "./samples.ts";

const application = "flooperapp";
const run = { application, version: "1.2.0", folder: "run-1-1-0a0b0c0d" };
const byHand = { application, version: "1.2.0", folder: "" };
const bareProfile: Profile = { schema: 1, supportedOSType: "Linux", ...defaultRules };
const profile: Profile = { schema: 1, supportedOSType: "Linux", ...defaultRules, install: "i", remove: "r" };

function aFile(name: string, size = 3): submissions.DroppedFile {
  return { path: `flooperapp/1.2.0/${name}`, etag: `0x${name}`, size };
}

function look(over: Partial<submissions.DropSight>): submissions.SubmissionReading {
  return submissions.readSubmission({
    drop: run,
    files: [aFile("app.tar.gz"), aFile("manifest.json")],
    manifestText: undefined,
    profile: undefined,
    settled: undefined,
    ...over,
  });
}

const withManifest = (over: object, files?: submissions.DroppedFile[]) =>
  look({ manifestText: JSON.stringify(aManifest(over)), ...(files && { files }) });

describe("readSubmission with a manifest", () => {
  it("is complete when the files that it names are there", () => {
    const claim = { file: "app.tar.gz", size: 3, sha256: aDigest };
    const files = [aFile("app.tar.gz"), aFile("app.json"), aFile("manifest.json"), aFile("other")];

    expect(withManifest({ package: claim, configuration: { file: "app.json" } }, files)).toEqual({
      state: "complete",
      submission: run.folder,
      manifest: files[2],
      package: { ...files[0], sha256: aDigest },
      configuration: { ...files[1], sha256: null },
      timeoutSeconds: 360 * 60,
    });
  });

  it("waits for the files that are missing, as long as the profile says", () => {
    const manifestText = JSON.stringify(aManifest({ configuration: { file: "app.json" } }));

    expect(look({ manifestText, profile: { ...profile, patienceMinutes: 5 } })).toMatchObject({
      state: "missing",
      missing: ["app.json"],
      patienceSeconds: 300,
    });
  });

  it.each([
    ["for another version", { version: "1.2.1" }, "manifest-elsewhere"],
    ["for another application", { application: "other" }, "manifest-elsewhere"],
    ["for a package of another size", { package: { file: "app.tar.gz", size: 4 } }, "size-mismatch"],
    ["with an unknown field", { instal: "x" }, "bad-manifest"],
    ["of a newer form", { schema: 2 }, "newer-manifest"],
  ])("refuses one %s", (_, over, code) => {
    expect(withManifest(over)).toMatchObject({ state: "refused", submission: run.folder, reason: { code } });
  });

  it.each([
    [0, "bad-size"],
    [MAX_PACKAGE_BYTES + 1, "bad-size"],
  ])("refuses a package of %d bytes", (size, code) => {
    expect(withManifest({}, [aFile("app.tar.gz", size)])).toMatchObject({
      state: "refused",
      reason: { code },
    });
  });

  it("takes the largest package, but no configuration of that size", () => {
    const files = [aFile("app.tar.gz", MAX_PACKAGE_BYTES), aFile("app.json", MAX_CONFIGURATION_BYTES + 1)];

    expect(withManifest({}, files).state).toBe("complete");
    expect(withManifest({ configuration: { file: "app.json" } }, files).state).toBe("refused");
  });
});

describe("readSubmission without a manifest", () => {
  const files = [aFile("app.tar.gz")];
  const settled = handDropId(files);

  it("waits for the manifest in a folder that a client fills, whatever else is there", () => {
    expect(look({ profile, files, settled })).toMatchObject({ state: "missing", missing: ["manifest.json"] });
  });

  it("lets a single file settle, then takes it for the package", () => {
    expect(look({ drop: byHand, profile, files })).toEqual({
      state: "settling",
      submission: settled,
      seconds: 120,
    });
    expect(look({ drop: byHand, profile, files, settled })).toMatchObject({
      state: "complete",
      submission: settled,
      manifest: null,
      package: { ...files[0], sha256: null },
      configuration: null,
    });
  });

  it("lets it settle anew when it was written again", () => {
    const again = [{ ...aFile("app.tar.gz"), etag: "0xnew" }];

    expect(look({ drop: byHand, profile, files: again, settled }).state).toBe("settling");
  });

  it("does not count an attestation as a file", () => {
    const attested = [...files, aFile("app.tar.gz.sigstore.json")];

    expect(look({ drop: byHand, profile, files: attested, settled: handDropId(attested) }).state).toBe(
      "complete",
    );
  });

  it.each([
    ["no file", { files: [] }, "the package"],
    ["two files", { files: [aFile("b"), aFile("a")] }, 'which of "a", "b" is the package'],
    ["no profile", { profile: undefined }, "applications/flooperapp.json with install and remove"],
    ["a profile without commands", { profile: bareProfile }, "with install and remove"],
  ])("says what is missing when there is %s", (_, over, told) => {
    const reading = look({ drop: byHand, profile, files, ...over });

    expect(reading.state).toBe("missing");
    expect(JSON.stringify("missing" in reading && reading.missing).replaceAll("\\", "")).toContain(told);
  });

  it.each([
    ["a version that Azure does not take", { ...byHand, version: "1.2" }, "app.tar.gz", "bad-version"],
    ["a name that is not plain", byHand, "my app (1).deb", "bad-file-name"],
  ])("refuses %s at once", (_, drop, name, code) => {
    expect(look({ drop, profile, files: [aFile(name)] })).toMatchObject({
      state: "refused",
      reason: { code },
    });
  });

  it("refuses an empty file", () => {
    const empty = [aFile("app.tar.gz", 0)];

    expect(look({ drop: byHand, profile, files: empty, settled: handDropId(empty) })).toMatchObject({
      state: "refused",
      reason: { code: "bad-size" },
    });
  });
});

describe("fileNameOf", () => {
  it("is the last part of the path", () => {
    expect(submissions.fileNameOf(aFile("folder/app.tar.gz"))).toBe("app.tar.gz");
  });
});

describe("bareManifest", () => {
  it("says nothing but what the path says", () => {
    expect(submissions.bareManifest(byHand, "app.tar.gz")).toEqual(aManifest());
  });
});
