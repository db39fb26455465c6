import { cloudOf } from "../../action/cloud.ts";
import { type Inputs, readInputs } from "../../action/inputs.ts";
import type { Run } from "../../action/github.ts";
import { Problem } from "../../core/problem.ts";
import { aRun } from "./fake-world.ts";
import { aWorkspace } from "./workspace.ts";

const required = {
  "storage-account": "vmappackages",
  application: "flooperapp",
  version: "1.2.0",
  package: "app.deb",
};

function read(
  given: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
  run: Partial<Run> = {},
): Inputs {
  return readInputs((name) => given[name] ?? "", { ...aRun(aWorkspace(files)), ...run }, cloudOf(undefined));
}

function problemOf(
  given: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): Problem {
  try {
    read(given, files);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("the inputs were accepted");
}

describe("readInputs", () => {
  it("needs four inputs and fills in the rest", () => {
    expect(read(required)).toEqual({
      account: { name: "vmappackages", blobEndpoint: "https://vmappackages.blob.core.windows.net" },
      release: { application: "flooperapp", version: "1.2.0" },
      package: "app.deb",
      settings: {},
      signIn: { with: "environment" },
      wait: "published",
      timeoutSeconds: 7200,
      warnings: [],
    });
  });

  it("takes the version from the release's tag", () => {
    const { release } = read({ ...required, version: "" }, {}, { tag: "v2.3.4" });

    expect(release.version).toBe("2.3.4");
  });

  it("takes everything else from vmapp.yaml", () => {
    const file = [
      "application: flooperapp",
      "package: dist/*.deb",
      "configuration: app.json",
      "install: ./install.sh",
      "targetRegions: [eastus, { name: West Europe, regionalReplicaCount: 2 }]",
    ].join("\n");
    const inputs = read({ "storage-account": "vmappackages", version: "1.2.0" }, { "vmapp.yaml": file });

    expect(inputs).toMatchObject({
      release: { application: "flooperapp" },
      package: "dist/*.deb",
      configuration: "app.json",
      settings: {
        install: "./install.sh",
        targetRegions: [{ name: "eastus" }, { name: "westeurope", regionalReplicaCount: 2 }],
      },
    });
  });

  it("lets inputs go before vmapp.yaml, field by field, lists whole", () => {
    const file =
      "install: from file\nremove: from file\ntargetRegions: [eastus, westus]\ntags: { a: '1', b: '2' }";
    const given = { ...required, install: "from input", "target-regions": "northeurope", tags: "c: 3" };

    expect(read(given, { "vmapp.yaml": file }).settings).toEqual({
      install: "from input",
      remove: "from file",
      targetRegions: [{ name: "northeurope" }],
      tags: { c: "3" },
    });
  });

  it.each([
    ["eastus, West Europe", ["eastus", "westeurope"]],
    ["eastus\nwesteurope\n", ["eastus", "westeurope"]],
    ["[eastus, westeurope]", ["eastus", "westeurope"]],
    ["- eastus\n- name: westeurope", ["eastus", "westeurope"]],
    ['[{"name":"eastus"},"westeurope"]', ["eastus", "westeurope"]],
  ])("reads the target regions %j", (text, names) => {
    const { settings } = read({ ...required, "target-regions": text });

    expect(settings.targetRegions?.map(({ name }) => name)).toEqual(names);
  });

  it("reads numbers and truth values of inputs", () => {
    const given = {
      ...required,
      "replica-count": "3",
      "exclude-from-latest": "True",
      "enable-health-check": "false",
    };

    expect(read(given).settings).toEqual({
      replicaCount: 3,
      excludeFromLatest: true,
      enableHealthCheck: false,
    });
  });

  it("warns of a region that looks misspelt and names the nearest", () => {
    expect(read({ ...required, "target-regions": "estus2" }).warnings).toEqual([
      'target region "estus2" is no Azure region known here (meant: eastus2?); the pipeline has the last word',
    ]);
  });

  it.each([
    [
      { "client-id": "c", "tenant-id": "t" },
      { with: "github", clientId: "c", tenantId: "t" },
    ],
    [{ "client-id": "c" }, { with: "environment", clientId: "c" }],
  ])("signs in by %j", (given, signIn) => {
    expect(read({ ...required, ...given }).signIn).toEqual(signIn);
  });

  it.each<[Readonly<Record<string, string>>, string, RegExp]>([
    [{ "storage-account": "" }, "missing-input", /storage-account is missing/],
    [{ application: "" }, "missing-input", /application is missing/],
    [{ application: "a/b" }, "bad-application", /"a\/b"/],
    [{ package: "" }, "missing-input", /package is missing/],
    [{ version: "" }, "missing-input", /version is missing/],
    [{ version: "v1.2.3-rc.1" }, "bad-version", /"v1\.2\.3-rc\.1" has a pre-release/],
    [{ version: "1.2" }, "bad-version", /"1\.2" is not MAJOR\.MINOR\.PATCH/],
    [{ wait: "yes" }, "bad-input", /wait "yes" is not "published" or "none"/],
    [{ operation: "expand" }, "bad-input", /operation "expand" is not "publish"/],
    [{ timeout: "0" }, "bad-input", /timeout "0"/],
    [{ timeout: "1.5" }, "bad-input", /timeout "1\.5"/],
    [{ "tenant-id": "t" }, "missing-input", /client-id is missing/],
    [{ "client-id": "a b" }, "bad-input", /client-id "a b"/],
    [{ install: "x".repeat(4097) }, "bad-input", /^input install .*4096/],
    [{ "replica-count": "11" }, "bad-input", /input replica-count .*10/],
    [{ "replica-count": "many" }, "bad-input", /input replica-count .*"many"/],
    [{ "exclude-from-latest": "yes" }, "bad-input", /input exclude-from-latest .*"yes"/],
    [{ "storage-account-type": "Cheap" }, "bad-input", /input storage-account-type/],
    [
      { "target-regions": "eastus, East US" },
      "bad-input",
      /^input target-regions .*"East US" more than once/,
    ],
    [{ "target-regions": "[eastus" }, "bad-input", /input target-regions is not YAML/],
    [{ tags: "- a" }, "bad-input", /input tags/],
    [{ "end-of-life-date": "soon" }, "bad-input", /input end-of-life-date/],
    [{ manifest: "nowhere.yaml" }, "no-manifest", /manifest "nowhere\.yaml" cannot be read/],
  ])("refuses %j as %s", (given, code, message) => {
    const problem = problemOf({ ...required, ...given });

    expect(problem.code).toBe(code);
    expect(problem.message).toMatch(message);
    expect(problem.nextStep).not.toBe("");
  });

  it("tells everything that is wrong at once", () => {
    const problem = problemOf({ version: "1.2", wait: "maybe", package: "a" }, { "vmapp.yaml": "instal: x" });

    expect(problem.code).toBe("bad-inputs");
    expect(problem.message.split("\n")).toEqual([
      "5 things are wrong:",
      "- vmapp.yaml:1:1: instal is no known field (meant: install?)",
      "- input storage-account is missing",
      "- input application is missing",
      expect.stringMatching(/^- version "1\.2"/),
      expect.stringMatching(/^- input wait "maybe"/),
    ]);
  });
});
