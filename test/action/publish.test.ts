import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { publish } from "../../action/publish.ts";
import { outputsOf } from "../../action/outputs.ts";
import { contentDigests } from "../../core/content-digests.ts";
import { parseManifest } from "../../core/manifest.ts";
import { releaseReportPath } from "../../core/naming.ts";
import type { Report } from "../../core/report.ts";
import {
  aRegion,
  aReport,
  aRun,
  aWorld,
  type FakeWorld,
  pipelinePublishes,
  release,
  someInputs,
} from "./fake-world.ts";
import { aWorkspace } from "./workspace.ts";

const folder = "flooperapp/1.2.0/run-77-1-00000001";
const submission = { ...release, submission: "run-77-1-00000001" };
const digest = sha256("bytes");

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function isPublished(world: FakeWorld, change: Partial<Report> = {}): void {
  const report = aReport({
    submission: "run-1-1-aaaaaaaa",
    outcome: "published",
    sha256: digest,
    versionId: "/versions/1.2.0",
    regions: [aRegion("eastus")],
    ...change,
  });
  world.storage.saveReport(releaseReportPath(release), report);
}

function start(world: FakeWorld, inputs: Parameters<typeof someInputs>[0] = {}, files = {}): Promise<void> {
  const workspace = aWorkspace({ "app.deb": "bytes", "app.json": "{}", ...files });
  return publish(someInputs(inputs), aRun(workspace), world);
}

describe("publish", () => {
  it("uploads package, configuration and last the manifest, and waits until it is published", async () => {
    const world = aWorld();
    pipelinePublishes(world, submission, 30);

    await start(world, { configuration: "app.json" });

    expect([...world.storage.blobs.keys()]).toEqual([
      `${folder}/app.deb`,
      `${folder}/app.json`,
      `${folder}/manifest.json`,
    ]);
    expect(parseManifest(world.storage.blobs.get(`${folder}/manifest.json`)!.toString())).toEqual({
      schema: 1,
      ...release,
      package: { file: "app.deb", size: 5, sha256: digest },
      configuration: { file: "app.json", size: 2, sha256: sha256("{}") },
      install: "./app.deb",
      remove: "rm app",
      claims: { repository: "o/r" },
    });
    expect(outputsOf(world.facts())).toMatchObject({
      outcome: "published",
      sha256: digest,
      submission: submission.submission,
    });
  });

  it("puts the attestation beside the package, before the manifest", async () => {
    const world = aWorld();
    const statement = JSON.stringify({ subject: [{ digest: { sha256: digest } }] });
    const bundle = JSON.stringify({ dsseEnvelope: { payload: Buffer.from(statement).toString("base64") } });

    await start(world, { wait: "none", attestation: "a.json" }, { "a.json": bundle });

    expect([...world.storage.blobs.keys()]).toEqual([
      `${folder}/app.deb`,
      `${folder}/app.deb.sigstore.json`,
      `${folder}/manifest.json`,
    ]);
    expect(world.storage.blobs.get(`${folder}/app.deb.sigstore.json`)?.toString()).toBe(bundle);
  });

  it("uploads nothing when the attestation cannot be read", async () => {
    const world = aWorld();
    await expect(start(world, { attestation: "none.json" })).rejects.toMatchObject({
      code: "bad-attestation",
    });
    expect(world.storage.blobs.size).toBe(0);
  });

  it("only hands over when it shall not wait", async () => {
    const world = aWorld();

    await start(world, { wait: "none" });

    expect(world.storage.blobs.size).toBe(2);
    expect(outputsOf(world.facts())).toMatchObject({
      outcome: "waiting",
      regions: "[]",
      report: "{}",
      sha256: digest,
    });
  });

  it("uploads nothing when the same content is already published", async () => {
    const world = aWorld();
    isPublished(world);

    await start(world);

    expect(world.storage.blobs.size).toBe(0);
    expect(outputsOf(world.facts())).toMatchObject({
      outcome: "published",
      "version-id": "/versions/1.2.0",
      submission: "run-1-1-aaaaaaaa",
    });
  });

  it("refuses other content for a published version, with both digests, and uploads nothing", async () => {
    const world = aWorld();
    const other = "0".repeat(64);
    isPublished(world, { sha256: other });

    await expect(start(world)).rejects.toMatchObject({
      code: "version-exists",
      message: expect.stringMatching(new RegExp(`${digest}.*${other}`)),
    });
    expect(world.storage.blobs.size).toBe(0);
    expect(outputsOf(world.facts())).toMatchObject({ outcome: "refused", sha256: digest, report: "{}" });
  });

  it("refuses another command for a published version whose report tells of commands", async () => {
    const world = aWorld();
    isPublished(world, {
      content: contentDigests({ package: { sha256: digest }, install: "other", remove: "rm app" }),
    });

    await expect(start(world)).rejects.toMatchObject({
      code: "version-exists",
      message: expect.stringMatching(/: install \(/),
    });
  });

  it("submits the same content again for a region that does not have it yet", async () => {
    const world = aWorld();
    isPublished(world);
    pipelinePublishes(world, submission, 5);
    const settings = {
      install: "./app.deb",
      remove: "rm app",
      targetRegions: [{ name: "eastus" }, { name: "westeurope" }],
    };

    await start(world, { settings });

    expect(world.storage.blobs.has(`${folder}/manifest.json`)).toBe(true);
  });

  it("submits again what an earlier attempt did not publish", async () => {
    const world = aWorld();
    world.storage.saveReport(releaseReportPath(release), aReport({ outcome: "failed" }));
    pipelinePublishes(world, submission, 5);

    await start(world);

    expect(world.facts().report?.outcome).toBe("published");
  });

  it("leaves no manifest when the job is cut off, and a run after it publishes", async () => {
    const world = aWorld();
    world.storage.refuse("createBlob", { status: 403, code: "AuthorizationFailure" });
    await expect(start(world)).rejects.toMatchObject({ code: "storage-firewall" });
    expect([...world.storage.blobs.keys()].filter((path) => path.endsWith("manifest.json"))).toEqual([]);

    pipelinePublishes(world, { ...release, submission: "run-77-1-00000002" }, 5);
    await start(world);

    expect(world.facts().report?.outcome).toBe("published");
  });

  it.each([
    [{ status: 403, code: "AuthorizationFailure" }, "storage-firewall"],
    [{ status: 403, code: "AuthorizationPermissionMismatch" }, "storage-role"],
    [{ status: 0, code: "ENOTFOUND" }, "unknown-account"],
    [{ status: 401, code: "InvalidAuthenticationInfo", message: "Issuer validation failed" }, "wrong-tenant"],
    [{ status: 404, code: "ContainerNotFound" }, "container-missing"],
  ])("stops before it sends anything at %j", async (answer, code) => {
    const world = aWorld();
    world.storage.refuse("readReport", answer);

    await expect(start(world)).rejects.toMatchObject({ code, nextStep: expect.stringMatching(/./) });
    expect(world.storage.blobs.size).toBe(0);
  });

  it("goes on without a report that it may not read when it shall not wait", async () => {
    const world = aWorld();
    world.storage.refuse("readReport", { status: 403, code: "AuthorizationPermissionMismatch" });

    await start(world, { wait: "none" });

    expect(world.storage.blobs.size).toBe(2);
    expect(world.warnings).toEqual([
      expect.stringMatching(/AuthorizationPermissionMismatch.*wait is "none"/),
    ]);
  });

  it("refuses a report that is none", async () => {
    const world = aWorld();
    world.storage.reports.set(releaseReportPath(release), "<html>");

    await expect(start(world)).rejects.toMatchObject({ code: "bad-report" });
  });

  it("refuses two files of one name", async () => {
    const start2 = start(aWorld(), { configuration: "other/APP.deb" }, { "other/APP.deb": "x" });

    await expect(start2).rejects.toMatchObject({
      code: "bad-file",
      message: expect.stringMatching(/both named/),
    });
  });

  it("refuses a manifest that is too large before it sends anything", async () => {
    const world = aWorld();
    const customActions = Array.from({ length: 20 }, (_, index) => ({
      name: `a${index}`,
      script: "x".repeat(4000),
    }));

    await expect(start(world, { settings: { customActions } })).rejects.toMatchObject({ code: "bad-json" });
    expect(world.storage.blobs.size).toBe(0);
  });

  it("uploads the file of the moment, not of an earlier run", async () => {
    const world = aWorld();
    const workspace = aWorkspace({ "app.deb": "bytes" });
    await publish(someInputs({ wait: "none" }), aRun(workspace), world);
    writeFileSync(join(workspace, "app.deb"), "other bytes");
    await publish(someInputs({ wait: "none" }), aRun(workspace), world);

    expect(world.storage.blobs.get("flooperapp/1.2.0/run-77-1-00000002/app.deb")?.toString()).toBe(
      "other bytes",
    );
  });
});

describe("publish, when the release is on its way", () => {
  const content = contentDigests({ package: { sha256: digest }, install: "./app.deb", remove: "rm app" });
  const underWay = { ...release, submission: "run-76-1-0000000a" };
  function isOnItsWay(world: FakeWorld, change: Partial<Report> = {}): void {
    const report = aReport({
      ...{ submission: underWay.submission, outcome: "publishing", content, sha256: digest },
      updatedAt: "2026-01-01T00:00:00Z",
      regions: [aRegion("eastus", { state: "Replicating", seconds: null })],
      ...change,
    });
    world.storage.saveReport(releaseReportPath(release), report);
  }

  it("joins the wait that was cut off and uploads nothing", async () => {
    const world = aWorld();
    isOnItsWay(world);
    pipelinePublishes(world, underWay, 30);

    await start(world);

    expect(world.storage.blobs.size).toBe(0);
    expect(outputsOf(world.facts())).toMatchObject({
      outcome: "published",
      submission: underWay.submission,
      sha256: digest,
    });
  });

  it.each<[string, Partial<Report>]>([
    ["has other content", { content: { ...content, install: "other" } }],
    ["has not been examined", { content: undefined }],
    ["has been silent for long", { updatedAt: "2025-12-31T22:00:00Z" }],
  ])("submits when what is on its way %s", async (_, change) => {
    const world = aWorld();
    isOnItsWay(world, change);
    pipelinePublishes(world, submission, 30);

    await start(world);

    expect(world.storage.blobs.has(`${folder}/manifest.json`)).toBe(true);
  });

  it("submits when a region is wanted that what is on its way does not go to", async () => {
    const world = aWorld();
    isOnItsWay(world);
    pipelinePublishes(world, submission, 30);
    const settings = { install: "./app.deb", remove: "rm app", targetRegions: [{ name: "uksouth" }] };

    await start(world, { settings });

    expect(world.storage.blobs.has(`${folder}/manifest.json`)).toBe(true);
  });
});

describe("publish, as a dry run", () => {
  it("shows the plan, checks the rights and writes nothing", async () => {
    const world = aWorld();
    const settings = {
      install: "./app.deb --password hunter22",
      targetRegions: [{ name: "eastus2", regionalReplicaCount: 2 }],
    };

    await start(world, { dryRun: true, settings });

    expect(world.storage.blobs.size).toBe(0);
    expect(world.lines).toEqual(
      expect.arrayContaining([
        `  package: app.deb, 5 bytes, SHA-256 ${digest}`,
        "  install: ./app.deb ***",
        "  targetRegions: eastus2 (regionalReplicaCount 2)",
        expect.stringMatching(/left to the profile: remove, update, /),
        "nothing of this version was submitted before: it would be published",
      ]),
    );
    expect(outputsOf(world.facts())).toMatchObject({ outcome: "", sha256: digest, submission: "" });
  });

  it.each([
    ["readReport", { status: 403, code: "AuthorizationFailure" }, "storage-firewall"],
    ["checkMayCreate", { status: 403, code: "AuthorizationPermissionMismatch" }, "storage-role"],
  ] as const)("tells what Azure says to %s", async (operation, answer, code) => {
    const world = aWorld();
    world.storage.refuse(operation, answer);

    await expect(start(world, { dryRun: true, wait: "none" })).rejects.toMatchObject({ code });
  });

  it("refuses what would be refused", async () => {
    const world = aWorld();
    isPublished(world, { sha256: "0".repeat(64) });

    await expect(start(world, { dryRun: true })).rejects.toMatchObject({ code: "version-exists" });
  });

  it("tells that there would be nothing to do", async () => {
    const world = aWorld();
    isPublished(world);

    await start(world, { dryRun: true });

    expect(world.lines.at(-1)).toMatch(/there would be nothing to do/);
  });
});

describe("publish, looking at the settings", () => {
  it("warns at the line of vmapp.yaml", async () => {
    const world = aWorld();
    const settings = { install: "x", remove: "y", targetRegions: [{ name: "estus2" }] };
    const placeOf = () => ({ file: "vmapp.yaml", line: 4, column: 5 });

    await start(world, { settings, placeOf, wait: "none" });

    expect(world.warnings).toEqual([expect.stringMatching(/^vmapp\.yaml:4:5: target region "estus2"/)]);
  });

  it("stops a command with a secret in it before anything is sent", async () => {
    const world = aWorld();
    const settings = { install: "curl https://me:hunter2@example.com", remove: "y" };

    await expect(start(world, { settings })).rejects.toMatchObject({ code: "secret-in-command" });
    expect(world.storage.blobs.size).toBe(0);
  });
});

describe("publish, when the job is cancelled", () => {
  it("hands nothing over after that", async () => {
    const world = aWorld();
    world.cancel();

    await expect(start(world, { wait: "none" })).rejects.toThrow("cancelled");
    expect([...world.storage.blobs.keys()]).toEqual([`${folder}/app.deb`]);
  });
});
