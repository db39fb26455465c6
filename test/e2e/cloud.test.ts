import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

const main = resolve(import.meta.dirname, "../../local/cloud.ts");

describe("npm run cloud", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "cloud-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  function startCloud(...args: string[]): ChildProcess {
    return spawn(process.execPath, [main, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  }

  async function untilUp(cloud: ChildProcess): Promise<{ arm: string; functions: string }> {
    for await (const line of createInterface({ input: cloud.stdout! }))
      if (line.includes("docs/local-azure.md")) break;
    cloud.stdout?.resume();
    return JSON.parse(await readFile(join(folder, ".local/endpoints.json"), "utf8"));
  }

  async function end(cloud: ChildProcess, signal: NodeJS.Signals): Promise<unknown> {
    const exited = once(cloud, "exit");
    cloud.kill(signal);
    return (await exited)[0];
  }

  it("tells a second one that the first one runs, and leaves nothing but files behind", async () => {
    const cloud = startCloud();
    const { functions } = await untilUp(cloud);
    const second = startCloud();
    const [refusal] = await Promise.all([text(second.stderr!), once(second, "exit")]);
    const exitCode = await end(cloud, "SIGINT");
    expect(refusal).toContain(`A local Azure is running already, as process ${cloud.pid}`);
    expect([second.exitCode, exitCode]).toEqual([2, 0]);
    expect(existsSync(join(folder, ".local/endpoints.json"))).toBe(false);
    expect(existsSync(join(folder, ".local/functions.log"))).toBe(true);
    await expect(fetch(functions)).rejects.toThrow("fetch failed");
  }, 120_000);

  it("starts again, empty, after kill -9", async () => {
    const first = startCloud("--application", "one");
    const before = await untilUp(first);
    await end(first, "SIGKILL");
    const second = startCloud("--application", "two", "--speed", "50");
    const after = await untilUp(second);
    const exitCode = await end(second, "SIGTERM");
    expect(after.arm).not.toBe(before.arm);
    expect(exitCode).toBe(0);
  }, 120_000);

  it.each([
    [["--speed", "fast"], '--speed "fast" is not a number from 1 to 1000'],
    [["--speed", "0"], '--speed "0" is not a number from 1 to 1000'],
    [["--application", "a/b"], 'application "a/b" is not 1 to 117 letters'],
    [["--port", "1"], "Unknown option '--port'"],
  ])("explains what is wrong with %j", async (args, message) => {
    const cloud = startCloud(...args);
    const [output] = await Promise.all([text(cloud.stderr!), once(cloud, "exit")]);
    expect(output).toContain(message);
    expect(cloud.exitCode).toBe(2);
    expect(existsSync(join(folder, ".local"))).toBe(false);
  });
});
