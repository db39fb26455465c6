import { findingsOf } from "../../core/lint.ts";

const files = { package: "flooper.tar.gz", configuration: "flooper.json" };

describe("findingsOf", () => {
  it("finds nothing wrong with what most people write", () => {
    const settings = {
      install: "mkdir -p /opt/flooper && tar xzf flooper.tar.gz -C /opt/flooper && /opt/flooper/install.sh",
      remove: "/opt/flooper/uninstall.sh; rm -rf /opt/flooper",
      update: "cp flooper.json /etc/flooper.json && cp ./flooper.tar.gz /opt/flooper/flooper.tar.gz",
      targetRegions: [{ name: "eastus2" }, { name: "westeurope" }],
    };

    expect(findingsOf(settings, files)).toEqual([]);
  });

  it("stops a command with a secret, wherever it stands, without quoting it", () => {
    const key = "A1b2".repeat(22);
    const settings = {
      install: "x",
      customActions: [{ name: "a", script: `curl https://a/b?sig=${key}` }],
    };

    const findings = findingsOf(settings, files);

    expect(findings).toEqual([
      {
        path: ["customActions", 0, "script"],
        level: "error",
        text: expect.stringMatching(/^customActions\[0\]\.script has the signature of a SAS in it; everyone/),
      },
    ]);
    expect(JSON.stringify(findings)).not.toContain(key);
  });

  it("warns of what may be a password", () => {
    expect(findingsOf({ install: "./a --password hunter22" }, files)).toEqual([
      {
        path: ["install"],
        level: "warning",
        text: expect.stringMatching(/^install seems to have a password/),
      },
    ]);
  });

  it.each([
    ["tar xzf /tmp/flooper.tar.gz", "/tmp/flooper.tar.gz"],
    ['"C:\\temp\\flooper.tar.gz" /S', String.raw`C:\\temp\\flooper.tar.gz`],
    ["cp /var/lib/waagent/x/flooper.tar.gz .", "/var/lib/waagent/x/flooper.tar.gz"],
    ["/home/runner/work/r/r/dist/install.sh", "/home/runner/work/r/r/dist/install.sh"],
    ["install --config=/etc/x/flooper.json", "/etc/x/flooper.json"],
  ])("warns of the absolute path in %j", (install, path) => {
    expect(findingsOf({ install }, files)).toEqual([
      { path: ["install"], level: "warning", text: expect.stringContaining(`install names "${path}"`) },
    ]);
  });

  it.each([
    [{ install: "msiexec /i setup.msi /qn" }, ["package"]],
    [{ install: "msiexec /i setup.msi", packageFileName: "setup" }, ["packageFileName"]],
  ])("warns that Windows will not find or run the installer of %j", (settings, path) => {
    expect(findingsOf(settings, { package: "Flooper-1.2.0.msi" })).toEqual([
      { path, level: "warning", text: expect.stringContaining(".msi") },
    ]);
  });

  it.each([
    { install: "msiexec /i setup.msi", packageFileName: "setup.msi" },
    { install: "msiexec /i Flooper-1.2.0.msi" },
  ])("takes the installer of %j", (settings) => {
    expect(findingsOf(settings, { package: "Flooper-1.2.0.msi" })).toEqual([]);
  });

  it("names the region that a misspelt one is nearest to, and where it stands", () => {
    const targetRegions = [{ name: "eastus" }, { name: "westeurop" }];

    expect(findingsOf({ targetRegions }, files)).toEqual([
      {
        path: ["targetRegions", 1],
        level: "warning",
        text: 'target region "westeurop" is no Azure region known here (meant: westeurope?); the pipeline has the last word',
      },
    ]);
  });
});
