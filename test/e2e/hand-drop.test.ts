import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessIsGone } from "../../local/local-azure.ts";
import { writeProfile } from "../../local/profiles.ts";
import { backstage, finalReport, startDeployment } from "./a-deployment.ts";
import { BlobServiceClient } from "@azure/storage-blob";

describe("files dropped by hand", () => {
  let deployment: Awaited<ReturnType<typeof startDeployment>>;
  let functionsLog: string;

  beforeAll(async () => {
    const log = join(await mkdtemp(join(tmpdir(), "hand-drop-")), "functions.log");
    functionsLog = log;
    deployment = await startDeployment({ functionsLog: log, wakeOnReplication: true });
    await writeProfile(deployment.azure, "flooperapp", {
      schema: 1,
      supportedOSType: "Linux",
      install: "./install.sh",
      remove: "./remove.sh",
      targetRegions: ["eastus2", "West Europe"],
      patienceMinutes: 10,
      settlingSeconds: 30,
    });
  });
  afterAll(() => deployment.stop());

  /** Puts a text into the drop box with the uploader's own rights, through the guard. */
  async function drop(path: string, text: string): Promise<void> {
    const { azure } = deployment;
    const { identity, identities, storage } = azure;
    const token = await identity.tokenFor(identities.uploader, "https://storage.azure.com");
    const credential = {
      getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 600_000 }),
    };
    const service = new BlobServiceClient(storage.endpoints.runner, credential);
    const blob = service.getContainerClient("incoming").getBlockBlobClient(path);
    await blob.upload(text, Buffer.byteLength(text));
  }

  it("are published with the profile's commands when there is exactly one", async () => {
    const { azure } = deployment;
    await drop("flooperapp/1.0.0/flooper.tar.gz", "dropped by hand");
    const report = await finalReport(azure, "flooperapp 1.0.0", "drop-");
    const version = azure.arm.state.version(`${azure.ids.gallery}/applications/flooperapp/versions/1.0.0`);
    expect(report.outcome).toBe("published");
    expect(version?.profile.manageActions["install"]).toBe("./install.sh");
    expect(await readFile(functionsLog, "utf8")).toContain("flooperapp 1.0.0 was written: woken");
    expect(await accessIsGone(azure)).toBe(true);
  });

  it("are published with a manifest beside them that names what it needs", async () => {
    const { azure } = deployment;
    const manifest = {
      schema: 1,
      application: "flooperapp",
      version: "1.1.0",
      package: { file: "a.msi" },
      install: "a.msi /quiet",
    };
    await drop("flooperapp/1.1.0/a.msi", "one");
    await drop("flooperapp/1.1.0/readme.txt", "not named");
    await drop("flooperapp/1.1.0/manifest.json", JSON.stringify(manifest));
    const report = await finalReport(azure, "flooperapp 1.1.0", "drop-");
    const version = azure.arm.state.version(`${azure.ids.gallery}/applications/flooperapp/versions/1.1.0`);
    expect(report.outcome).toBe("published");
    expect(version?.profile.manageActions["install"]).toBe("a.msi /quiet");
  });

  it("are reported incomplete when nobody can tell which one is meant", async () => {
    const { azure } = deployment;
    await drop("flooperapp/1.3.0/a.msi", "one");
    await drop("flooperapp/1.3.0/b.msi", "two");
    const report = await finalReport(azure, "flooperapp 1.3.0", "drop-");
    expect(report.outcome).toBe("incomplete");
    expect(report.reason?.message).toContain("1.3.0");
    expect(await accessIsGone(azure)).toBe(true);
  });

  it("leave no trace of what was refused in the vault", async () => {
    const { azure } = deployment;
    await drop("flooperapp/2.0/flooper.tar.gz", "a bad version");
    const report = await finalReport(azure, "flooperapp 2.0", "");
    const paths = [];
    for await (const blob of backstage(azure, "packages").listBlobsFlat()) paths.push(blob.name);
    expect(report.outcome).toBe("refused");
    expect(report.reason?.message).toContain('"2.0"');
    expect(paths.filter((path) => path.startsWith("flooperapp/2.0/"))).toEqual([]);
  });
});
