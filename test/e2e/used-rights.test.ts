import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import { accessIsGone, galleryAssignments, type LocalAzure } from "../../local/local-azure.ts";
import { localPublisher } from "../../local/profiles.ts";
import { aPackage, finalReport, runAction, startDeployment } from "./a-deployment.ts";
import { submitThroughPipeline } from "./a-submission.ts";
import { posturePerDoctor } from "./run-doctor.ts";
import { declaredRights, usedRights } from "./declared-rights.ts";

const onlyOnAzure = "the local host reaches its own storage without roles";
const justified: Readonly<Record<string, string>> = {
  "function: Storage Table Data Contributor on host": onlyOnAzure,
  "function: Monitoring Metrics Publisher on insights": "the local host sends no telemetry",
  "event-grid: Storage Queue Data Message Sender on queue:{eventQueue}": "the local relay needs no role",
  "event-grid: Storage Blob Data Contributor on dead-letters": "the local relay needs no role",
};

// Whoever changes what the pipeline does adds here what it now does.
const scenarios: Readonly<Record<string, (azure: LocalAzure, workspace: string) => Promise<void>>> = {
  "an administrator writes a profile, and changes it": async (azure) => {
    const profiles = await containerAs(azure, "administrator", "applications");
    const profile = { schema: 1, supportedOSType: "Linux", install: "./install.sh", remove: "./remove.sh" };
    for (const settlingSeconds of [30, 20]) {
      const text = JSON.stringify({ ...profile, settlingSeconds });
      await profiles.getBlockBlobClient("flooperapp.json").upload(text, text.length);
    }
    await profiles.getBlockBlobClient("flooperapp.json").downloadToBuffer();
  },
  "the Action publishes a release": async (azure, workspace) => {
    await aPackage(workspace);
    const step = await runAction(azure, workspace, { with: { version: "1.0.0" } });
    expect(step.outputs["outcome"]).toBe("published");
  },
  "other content for a version is refused": async (azure, workspace) => {
    await aPackage(workspace, "other.tar.gz", "other");
    const step = await runAction(azure, workspace, { with: { version: "1.0.0", package: "other.tar.gz" } });
    expect(step.exitCode).toBe(1);
  },
  "a package of several blocks is published, at the second attempt": async (azure, workspace) => {
    azure.arm.faults.failOperation({ code: "InternalError", message: "exceeding the approved quota" });
    await aPackage(workspace, "large.bin", "x".repeat(20 * 1024 * 1024));
    const step = await runAction(azure, workspace, { with: { version: "1.2.0", package: "large.bin" } });
    expect(step.outputs["outcome"]).toBe("published");
    const { notes } = await finalReport(azure, "flooperapp 1.2.0", "run-");
    expect(notes.join()).toMatch(/Tried again: .*exceeding the approved quota \[InternalError\]/);
  },
  "the Action expands, withdraws and promotes a version": async (azure, workspace) => {
    for (const operation of ["expand", "withdraw", "promote"]) {
      const step = await runAction(azure, workspace, {
        with: {
          ...{ operation, version: "1.0.0", "storage-account": "", package: "", install: "", remove: "" },
          ...{ "target-regions": operation === "expand" ? "japaneast" : "" },
          ...{ "client-id": azure.identities.releaser.clientId },
          ...{ "pipeline-url": azure.host.url, "pipeline-audience": azure.deployment.apiAudience },
        },
      });
      expect(step.outputs["outcome"]).toBe("published");
    }
  },
  "a file dropped by hand is published": async (azure) => {
    const incoming = await containerAs(azure, "uploader", "incoming");
    await incoming.getBlockBlobClient("flooperapp/2.0.0/flooper.tar.gz").upload("by hand", 7);
    expect((await finalReport(azure, "flooperapp 2.0.0", "drop-")).outcome).toBe("published");
  },
  "an operator halts a release between two waves": async (azure, workspace) => {
    const { host, identity, identities, deployment, clock } = azure;
    const profiles = await containerAs(azure, "administrator", "applications");
    const waves = [{ regions: ["eastus2"], bakeMinutes: 600 }];
    const profile = JSON.stringify({ schema: 1, supportedOSType: "Linux", waves });
    await profiles.getBlockBlobClient("flooperapp.json").upload(profile, profile.length);
    await aPackage(workspace, "wavy.tar.gz", "wavy");
    const started = { version: "1.3.0", package: "wavy.tar.gz", wait: "none" };
    expect((await runAction(azure, workspace, { with: started })).exitCode).toBe(0);
    const token = await identity.tokenFor(identities.operator, deployment.apiAudience);
    const headers = { authorization: `Bearer ${token}` };
    const ask = (path: string, method: string) =>
      fetch(`${host.url}/api/applications/flooperapp/versions/1.3.0${path}`, { method, headers });
    while (!JSON.stringify(await (await ask("", "GET")).json()).includes("Completed"))
      await clock.sleep(20_000);
    expect((await ask("/halt", "POST")).status).toBe(202);
    const { outcome, regions } = await finalReport(azure, "flooperapp 1.3.0", "run-");
    expect(outcome).toBe("halted");
    expect(regions.filter(({ state }) => state === "Completed")).toHaveLength(1);
  },
  "a job without any right on storage submits through the pipeline": async (azure) => {
    const profiles = await containerAs(azure, "administrator", "applications");
    const rules = { publishers: [localPublisher(azure)], install: "./install.sh", remove: "./remove.sh" };
    const profile = JSON.stringify({ schema: 1, supportedOSType: "Linux", ...rules });
    await profiles.getBlockBlobClient("flooperapp.json").upload(profile, profile.length);
    await submitThroughPipeline(azure, "3.0.0", Buffer.from("through the pipeline"));
    expect((await finalReport(azure, "flooperapp 3.0.0", "api-")).outcome).toBe("published");
  },
  "the reconciler takes the gallery's access back": async (azure) => {
    await accessIsGone(azure);
    expect(galleryAssignments(azure)).toEqual([]);
  },
  "an operator asks the doctor, who looks from outside and has the app look inside": async (azure) => {
    expect((await posturePerDoctor(azure)).count).toMatchObject({ problem: 0, unknown: 0 });
  },
  "an operator reads a report": async (azure) => {
    const reports = await containerAs(azure, "operator", "reports");
    await reports.getBlockBlobClient("flooperapp/1.0.0/release.json").downloadToBuffer();
  },
};

describe("infra/roles.json against what is done", () => {
  let used: ReturnType<typeof usedRights>;
  let declared: ReturnType<typeof declaredRights>;

  beforeAll(async () => {
    const { azure, workspace, stop } = await startDeployment();
    try {
      for (const scenario of Object.values(scenarios)) await scenario(azure, workspace);
      used = usedRights(azure);
      declared = declaredRights(azure);
    } finally {
      await stop();
    }
    // Four releases in a row, on a machine that may be busy.
  }, 180_000);

  it("declares every right that somebody used, but the gallery's, which is lent", () => {
    const undeclared = used
      .filter(({ identity }) => identity !== "gallery")
      .filter((use) => !declared.some(({ covers }) => covers(use)));
    expect(undeclared).toEqual([]);
  });

  it("declares no right that nobody used, but those that only Azure needs", () => {
    const unused = declared.filter(({ covers }) => !used.some(covers)).map(({ text }) => text);
    expect(unused.sort()).toEqual(Object.keys(justified).sort());
  });

  it("lends the gallery nothing that it uses but reading verified packages", () => {
    const uses = used.filter(({ identity }) => identity === "gallery");
    expect(new Set(uses.map(({ action }) => action.split("/").at(-1)))).toEqual(new Set(["read"]));
    expect(uses.filter(({ scope }) => !scope.includes("/containers/packages"))).toEqual([]);
  });
});

async function containerAs(
  { identity, identities, storage }: LocalAzure,
  who: "administrator" | "operator" | "uploader",
  container: string,
): Promise<ContainerClient> {
  const token = await identity.tokenFor(identities[who], "https://storage.azure.com");
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 600_000 }) };
  return new BlobServiceClient(storage.endpoints.runner, credential).getContainerClient(container);
}
