import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loopback } from "../../bench/link.ts";
import { measureAll } from "../../bench/processes.ts";
import { type FakeCloud, startFakeCloud } from "../../bench/start-fake-cloud.ts";
import { actionClient } from "../../bench/upload-clients.ts";
import { packageOf } from "../../bench/upload.ts";

const main = join(import.meta.dirname, "../../dist/action/main.js");
const folder = mkdtempSync(join(tmpdir(), "upload-counts-"));
let cloud: FakeCloud;

beforeAll(async () => {
  cloud = await startFakeCloud(join(folder, "certificates"), loopback);
});

afterAll(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true });
});

async function requestsFor(mebibytes: number, env: Record<string, string> = {}) {
  const workspace = join(folder, `workspace-${mebibytes}`);
  mkdirSync(workspace, { recursive: true });
  const file = packageOf(workspace, mebibytes);
  const programs = actionClient(main, "").programs({ cloud, workspace, file });
  await measureAll(programs.map((program) => ({ ...program, env: { ...program.env, ...env } })));
  const { requests, tokenRequests, bytes, committedBytes } = await cloud.takeCounts();
  return { requests, tokenRequests, wasted: bytes - committedBytes };
}

describe("the Action's requests", () => {
  it("are five for a small package: two tokens, one look, the package, the manifest", async () => {
    expect(await requestsFor(1)).toEqual({
      requests: { "GET blob": 1, "PUT blob": 2 },
      tokenRequests: ["GET idtoken", "POST token"],
      wasted: 0,
    });
  });

  it("send a larger package once, in equally many blocks a lane", async () => {
    const { requests, wasted } = await requestsFor(64);

    expect(requests).toEqual({ "GET blob": 1, "PUT block": 14, "PUT blocklist": 1, "PUT blob": 1 });
    expect(wasted).toBe(0);
  });

  it("load no file beside the bundle on the usual way, and one for a manifest in YAML", async () => {
    expect(await filesRequiredFor(1)).toEqual([]);

    writeFileSync(join(folder, "workspace-1", "vmapp.yaml"), "application: benchapp\n");

    expect(await filesRequiredFor(1)).toEqual(["./yaml.cjs"]);
  });
});

async function filesRequiredFor(mebibytes: number): Promise<string[]> {
  const report = join(folder, "required.txt");
  writeFileSync(report, "");
  const preload = `--require ${join(import.meta.dirname, "required-files.cjs")}`;
  await requestsFor(mebibytes, { NODE_OPTIONS: preload, REQUIRED_FILES: report });
  return readFileSync(report, "utf8").split("\n").filter(Boolean);
}
