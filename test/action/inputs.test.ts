import { cloudOf } from "../../action/cloud.ts";
import { type Inputs, readInputs } from "../../action/inputs.ts";
import type { Run } from "../../action/github.ts";
import { marksOf } from "../../action/place.ts";
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
  return readInputs((name) => given[name] ?? "", { ...aRun(aWorkspace(files)), ...run }, undefined);
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

// Addresses and audiences: the Azure CLI's table of clouds, Entra's workload identity documentation.
const publicCloud = [
  "https://login.microsoftonline.com",
  "blob.core.windows.net",
  "api://AzureADTokenExchange",
] as const;
const china = [
  "https://login.chinacloudapi.cn",
  "blob.core.chinacloudapi.cn",
  "api://AzureADTokenExchangeChina",
] as const;
const usGovernment = [
  "https://login.microsoftonline.us",
  "blob.core.usgovcloudapi.net",
  "api://AzureADTokenExchangeUSGov",
] as const;

describe("readInputs", () => {
  it("needs four inputs and fills in the rest", () => {
    expect(read(required)).toEqual({
      cloud: cloudOf(undefined),
      way: {
        route: "direct",
        account: { name: "vmappackages", blobEndpoint: "https://vmappackages.blob.core.windows.net" },
        signIn: { with: "environment" },
      },
      release: { application: "flooperapp", version: "1.2.0" },
      package: { from: "workspace", pattern: "app.deb" },
      settings: {},
      placeOf: expect.any(Function),
      githubToken: "",
      dryRun: false,
      blockChecksums: false,
      wait: "published",
      failOn: "any-region",
      timeoutSeconds: 7200,
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
      package: { from: "workspace", pattern: "dist/*.deb" },
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

  it.each([
    ["VERSION", "v3.1.4\nmore"],
    ["package.json", '{"name":"a","version":"3.1.4"}'],
    ["pyproject.toml", '[project]\nname = "a"\nversion = "3.1.4"\n'],
  ])("takes the version from the file %s", (name, content) => {
    const { release } = read({ ...required, version: "", "version-file": name }, { [name]: content });

    expect(release.version).toBe("3.1.4");
  });

  it("takes version before version-file, and version-file before the tag", () => {
    const files = { VERSION: "2.0.0" };
    const given = { ...required, "version-file": "VERSION" };

    expect(read(given, files, { tag: "v3.0.0" }).release.version).toBe("1.2.0");
    expect(read({ ...given, version: "" }, files, { tag: "v3.0.0" }).release.version).toBe("2.0.0");
  });

  it("takes an asset of the release instead of the package in vmapp.yaml", () => {
    const given = { ...required, package: "", "release-asset": "*.msi", "github-token": "t" };

    expect(read(given, { "vmapp.yaml": "package: a.deb" })).toMatchObject({
      package: { from: "release", pattern: "*.msi" },
      githubToken: "t",
    });
  });

  it("knows where a setting stands that no input overrides", () => {
    const file = "install: a\nremove: b\ntargetRegions:\n  - eastus\n  - westus\n";
    const { placeOf } = read({ ...required, remove: "c" }, { "vmapp.yaml": file });

    expect(placeOf(["targetRegions", 1])).toEqual({ file: "vmapp.yaml", line: 5, column: 5 });
    expect(placeOf(["install"])).toEqual({ file: "vmapp.yaml", line: 1, column: 1 });
    expect(placeOf(["remove"])).toBeUndefined();
    expect(placeOf(["update"])).toBeUndefined();
  });

  it("marks each fault of vmapp.yaml at its line", () => {
    const problem = problemOf(required, { "vmapp.yaml": "install: a\nupdat: b\nreplicaCount: 99\n" });

    expect(marksOf(problem)).toEqual([
      { place: { file: "vmapp.yaml", line: 3, column: 1 }, message: expect.stringMatching(/replicaCount/) },
      {
        place: { file: "vmapp.yaml", line: 2, column: 1 },
        message: expect.stringMatching(/updat is no known/),
      },
    ]);
  });

  it.each([
    [{ cloud: "AzureChinaCloud" }, undefined, china],
    [{ cloud: "azureusgovernment" }, "https://other", usGovernment],
    [{ cloud: "AzureCloud" }, "https://login.chinacloudapi.cn", publicCloud],
    [{}, "https://login.microsoftonline.us/", usGovernment],
    [
      {},
      "https://login.partner.microsoftonline.cn",
      ["https://login.partner.microsoftonline.cn", china[1], china[2]],
    ],
    [{}, undefined, publicCloud],
    [
      { "authority-host": "login.example.net", "oidc-audience": "api://own" },
      undefined,
      ["https://login.example.net", "blob.core.windows.net", "api://own"],
    ],
  ])(
    "knows the cloud of %j with AZURE_AUTHORITY_HOST %s",
    (given, environment, [authority, suffix, audience]) => {
      const inputs = { ...required, ...given };
      const { cloud, way } = readInputs(
        (name) => Reflect.get(inputs, name) ?? "",
        aRun(aWorkspace()),
        environment,
      );

      expect(cloud).toMatchObject({ authority, assertionAudience: audience });
      expect(way).toMatchObject({ account: { blobEndpoint: `https://vmappackages.${suffix}` } });
    },
  );

  it.each([
    [
      { "client-id": "c", "tenant-id": "t" },
      { with: "github", clientId: "c", tenantId: "t" },
    ],
    [{ "client-id": "c" }, { with: "environment", clientId: "c" }],
    [{ "sign-in": "managed-identity" }, { with: "managed-identity" }],
    [{ "sign-in": "azure-cli", "tenant-id": "t" }, { with: "azure-cli" }],
  ])("signs in by %j", (given, signIn) => {
    expect(read({ ...required, ...given }).way).toMatchObject({ route: "direct", signIn });
  });

  const url = "https://pipeline.example";
  it.each([
    [{}, { route: "direct" }],
    [{ route: "direct", "pipeline-url": url }, { route: "direct" }],
    [{ "pipeline-url": `${url}/api/` }, { pipeline: { url, scope: url, signIn: "job" } }],
    [
      { "pipeline-url": url, "pipeline-audience": "https://own" },
      { pipeline: { scope: "https://own", signIn: "job" } },
    ],
    [
      { "pipeline-url": url, "pipeline-audience": "api://own", "sign-in": "github" },
      { pipeline: { scope: "api://own", signIn: "job" } },
    ],
    [
      { "pipeline-url": url, "pipeline-audience": "api://own/.default" },
      { pipeline: { scope: "api://own/.default", signIn: { with: "environment" } } },
    ],
    [
      {
        "pipeline-url": url,
        "pipeline-audience": "2c8028b4-73fe-495b-80d7-632373ff85ce",
        "client-id": "c",
        "tenant-id": "t",
      },
      { pipeline: { scope: "2c8028b4-73fe-495b-80d7-632373ff85ce/.default", signIn: { with: "github" } } },
    ],
  ])("goes the way of %j", (given, way) => {
    expect(read({ ...required, ...given }).way).toMatchObject(way);
  });

  it("needs no storage account where it goes through the pipeline", () => {
    expect(read({ ...required, "storage-account": "", "pipeline-url": url }).way.route).toBe("pipeline");
  });

  it.each<[Readonly<Record<string, string>>, string, RegExp]>([
    [{ "storage-account": "" }, "missing-input", /storage-account is missing/],
    [{ application: "" }, "missing-input", /application is missing/],
    [{ application: "a/b" }, "bad-application", /"a\/b"/],
    [{ package: "" }, "missing-input", /package is missing/],
    [{ version: "" }, "missing-input", /version is missing/],
    [{ version: "v1.2.3-rc.1" }, "bad-version", /"v1\.2\.3-rc\.1" has a pre-release/],
    [{ version: "1.2" }, "bad-version", /"1\.2" is not MAJOR\.MINOR\.PATCH/],
    [{ route: "hosted" }, "bad-input", /route "hosted" is not "auto"/],
    [{ route: "pipeline" }, "missing-input", /pipeline-url is missing/],
    [{ "pipeline-url": "https://x", "client-id": "c" }, "missing-input", /pipeline-audience is missing/],
    [{ wait: "yes" }, "bad-input", /wait "yes" is not "published" or "none"/],
    [{ operation: "expand" }, "bad-input", /operation "expand" is not "publish"/],
    [{ timeout: "0" }, "bad-input", /timeout "0"/],
    [{ timeout: "1.5" }, "bad-input", /timeout "1\.5"/],
    [{ "tenant-id": "t" }, "missing-input", /client-id is missing/],
    [{ "client-id": "a b" }, "bad-input", /client-id "a b"/],
    [{ "sign-in": "github", "client-id": "c" }, "missing-input", /tenant-id is missing/],
    [{ "sign-in": "password" }, "bad-input", /sign-in "password" is not "auto"/],
    [{ cloud: "AzureGermanCloud" }, "bad-input", /cloud "AzureGermanCloud" is none of AzureCloud, /],
    [{ "authority-host": "http://plain" }, "bad-input", /"http:\/\/plain" is not an https address/],
    [{ "fail-on": "never" }, "bad-input", /fail-on "never"/],
    [{ "dry-run": "yes" }, "bad-input", /dry-run "yes" is not "true" or "false"/],
    [{ "release-asset": "*.msi" }, "bad-input", /package and release-asset are both set/],
    [{ version: "", "version-file": "none" }, "no-version-file", /version-file "none" cannot be read/],
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
