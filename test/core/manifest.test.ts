import fc from "fast-check";
import { MAX_CONFIGURATION_BYTES, MAX_PACKAGE_BYTES, parseManifest } from "../../core/manifest.ts";
import { aDigest, aManifest, messageOf, problemOf } from "./samples.ts";

const parse = (manifest: object) => parseManifest(JSON.stringify(manifest));
const messageFor = (over: object) => problemOf(() => parse({ ...aManifest(), ...over })).message;

describe("parseManifest", () => {
  it("reads the least that a manifest can say", () => {
    expect(parse(aManifest())).toEqual(aManifest());
  });

  it("reads all that a manifest can say", () => {
    const manifest = {
      $schema: "https://example.com/manifest.schema.json",
      ...aManifest({
        package: { file: "app.tar.gz", size: MAX_PACKAGE_BYTES, sha256: aDigest },
        configuration: { file: "app.json", size: MAX_CONFIGURATION_BYTES, sha256: aDigest },
        claims: { repository: "o/r", commit: "c", ref: "refs/tags/v1.2.0", actor: "a", runUrl: "https://x" },
        install: "x".repeat(4096),
        remove: "./remove",
        update: "./update",
        packageFileName: "app.tar.gz",
        configFileName: "app.json",
        scriptBehaviorAfterReboot: "Rerun",
        targetRegions: [
          {
            name: "eastus",
            regionalReplicaCount: 3,
            storageAccountType: "Premium_LRS",
            excludeFromLatest: true,
          },
        ],
        replicaCount: 2,
        storageAccountType: "Standard_ZRS",
        excludeFromLatest: false,
        endOfLifeDate: "2030-01-31T00:00:00+01:00",
        enableHealthCheck: true,
        customActions: [
          {
            name: "restart",
            script: "./restart",
            parameters: [{ name: "when", type: "String", required: true }],
          },
        ],
        advancedSettings: { timeout: "600" },
        tags: { team: "floop" },
      }),
    };

    expect(parse(manifest)).toEqual(manifest);
  });

  it("takes regions by name or as objects, and brings their names to the short form", () => {
    const { targetRegions } = parse({
      ...aManifest(),
      targetRegions: ["East US 2", { name: "West Europe", regionalReplicaCount: 2 }],
    });

    expect(targetRegions).toEqual([{ name: "eastus2" }, { name: "westeurope", regionalReplicaCount: 2 }]);
  });

  it.each([
    ["a newer field", { instal: "x" }, "instal is no known field (meant: install?)"],
    ["a field of nobody's", { zzz: 1 }, "zzz is no known field"],
    ["a field of a part", { package: { file: "a", siz: 1 } }, "package.siz is no known field (meant: size?)"],
    [
      "a field of a region",
      { targetRegions: [{ name: "eastus", replicas: 1 }] },
      "targetRegions[0].replicas is no known field",
    ],
    [
      "a misspelt field of a region",
      { targetRegions: ["eastus", { name: "westus", regionalReplicaCounts: 1 }] },
      "targetRegions[1].regionalReplicaCounts is no known field (meant: regionalReplicaCount?)",
    ],
    ["a name that would break the line", { "a\n::error::": 1 }, '"a\\n::error::" is no known field'],
    ["a missing part", { package: undefined }, "package is missing"],
    ["a wrong type", { install: 5 }, "install must be a string (got 5)"],
    ["null", { remove: null }, "remove must be a string (got null)"],
    ["a list for an object", { tags: [] }, "tags must be an object (got [])"],
    ["a text for a yes", { excludeFromLatest: "yes" }, 'excludeFromLatest must be true or false (got "yes")'],
    ["an empty command", { install: "" }, "install is empty"],
    ["a blank command", { install: " \n" }, 'install is blank (got " \\n")'],
    ["a long command", { update: "x".repeat(4097) }, "update has 4097 characters, but may have at most 4096"],
    [
      "a word that Azure lacks",
      { scriptBehaviorAfterReboot: "Run" },
      'must be "None" or "Rerun" (got "Run")',
    ],
    ["a bad application", { application: "-x" }, "application is not 1 to 117 letters"],
    [
      "a pre-release",
      { version: "1.2.0-rc.1" },
      'version has a pre-release or build suffix, which Azure cannot store: it takes MAJOR.MINOR.PATCH only (got "1.2.0-rc.1")',
    ],
    [
      "a path for a file",
      { package: { file: "../x" } },
      'package.file has a path separator or a colon (got "../x")',
    ],
    [
      "the manifest as package",
      { package: { file: "Manifest.json" } },
      "package.file is the name of the manifest",
    ],
    ["a path on the machine", { packageFileName: "/etc/cron.d/x" }, "packageFileName has a path separator"],
    ["a device", { configFileName: "nul" }, "configFileName is a device name on Windows"],
    [
      "an empty package",
      { package: { file: "a", size: 0 } },
      "package.size is 0: an empty file cannot be published",
    ],
    [
      "a large package",
      { package: { file: "a", size: MAX_PACKAGE_BYTES + 1 } },
      "package.size is more than the 2147483648 bytes that Azure takes (got 2147483649)",
    ],
    [
      "a large configuration",
      { configuration: { file: "a", size: MAX_CONFIGURATION_BYTES + 1 } },
      "configuration.size is more than the 1073741824 bytes",
    ],
    ["half a byte", { package: { file: "a", size: 1.5 } }, "package.size must be a whole number (got 1.5)"],
    [
      "a digest in capitals",
      { package: { file: "a", sha256: "A".repeat(64) } },
      "package.sha256 is not 64 lower-case hex digits",
    ],
    [
      "one name for two files",
      { configuration: { file: "APP.tar.gz" } },
      "configuration.file is the package's name too",
    ],
    ["no region", { targetRegions: [] }, "targetRegions must have at least 1 entry"],
    [
      "no name of a region",
      { targetRegions: ["East US!"] },
      'targetRegions[0] is not a region such as "eastus2" or "East US 2" (got "East US!")',
    ],
    [
      "a number for a region",
      { targetRegions: [5] },
      'targetRegions[0] must be a region\'s name such as "eastus2", or an object with a name (got 5)',
    ],
    ["a region without name", { targetRegions: [{}] }, "targetRegions[0].name is missing"],
    [
      "a region twice",
      { targetRegions: ["eastus", "East US"] },
      'targetRegions has the region "East US" more than once',
    ],
    [
      "many replicas",
      { targetRegions: [{ name: "eastus", regionalReplicaCount: 11 }] },
      "targetRegions[0].regionalReplicaCount must be at most 10 (got 11)",
    ],
    ["no replica", { replicaCount: 0 }, "replicaCount must be at least 1 (got 0)"],
    [
      "a day for a time",
      { endOfLifeDate: "2030-01-31" },
      'endOfLifeDate is not a date and time such as "2030-01-31T00:00:00Z" (got "2030-01-31")',
    ],
    ["a bad tag", { tags: { "a<b": "x" } }, 'tags."a<b" has one of <>%&\\?/, which no tag\'s name may have'],
    [
      "many tags",
      { tags: Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`t${n}`, ""])) },
      "tags has more than 40 tags",
    ],
    ["a script's lack", { customActions: [{ name: "x" }] }, "customActions[0].script is missing"],
  ])("refuses %s", (_, over, told) => {
    expect(messageFor(over)).toContain(told);
  });

  it("speaks of a field once, and in no words of the library's", () => {
    expect(messageFor({ version: "v1" })).toBe(
      'manifest.json: version is not MAJOR.MINOR.PATCH, three whole numbers without leading zeros (got "v1")',
    );
  });

  it("says what to do in the number of the faults", () => {
    const stepFor = (over: object) => problemOf(() => parse({ ...aManifest(), ...over })).nextStep;

    expect(stepFor({ version: "1" })).toMatch(/^Mend this field: schemas\/manifest\.schema\.json/);
    expect(stepFor({ version: "1", nope: 1 })).toMatch(/^Mend these fields: /);
  });

  it("tells all faults at once, but no more than a person reads", () => {
    const unknown = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`q${n}`, 1]));

    expect(messageFor({ version: "1", install: "", nope: 1 })).toMatch(/version is.*; install is.*; nope is/);
    expect(messageFor(unknown)).toContain("; and 30 more");
    expect(messageFor(unknown).length).toBeLessThan(2000);
  });

  it("does not repeat long values", () => {
    expect(messageFor({ application: "x y".repeat(1000) }).length).toBeLessThan(300);
  });

  it("refuses a document that is no object", () => {
    expect(problemOf(() => parseManifest("[]")).message).toBe(
      "manifest.json: the document must be an object (got [])",
    );
  });

  it("says which pipeline reads a newer manifest, without judging its fields", () => {
    const problem = problemOf(() => parse({ schema: 2, surprise: true }));

    expect(problem.code).toBe("newer-manifest");
    expect(problem.message).toContain("has schema 2; this pipeline reads schema 1");
    expect(problem.nextStep).toContain("major version is 2");
  });

  it.each([0, -1, "1", 1.5, null])("takes %j for no schema", (schema) => {
    expect(problemOf(() => parse({ ...aManifest(), schema })).message).toContain("schema must be 1");
  });

  it("answers anything with a manifest or a problem, and in plain words", () => {
    const fields = [
      "schema",
      "application",
      "version",
      "package",
      "install",
      "targetRegions",
      "tags",
      "customActions",
    ];
    const nearly = fc
      .tuple(fc.constantFrom(...fields), fc.jsonValue())
      .map(([field, value]) => ({ ...aManifest(), [field]: value }));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearly, fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
        const told = messageOf(() => parse(value as object));
        expect(told).not.toMatch(/Invalid|expected|Unrecognized|\n/);
      }),
      { numRuns: 1000 },
    );
  });
});
