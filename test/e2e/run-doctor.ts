import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Posture } from "../../core/posture/posture.ts";
import { writeEndpoints } from "../../local/endpoints.ts";
import type { LocalAzure } from "../../local/local-azure.ts";

const main = resolve(import.meta.dirname, "../../doctor/main.ts");

/** Runs `npm run doctor` against a local Azure. */
export async function runDoctor(azure: LocalAzure, ...options: readonly string[]) {
  return runDoctorUntil(azure, undefined, ...options);
}

/** The same, stopped as `kill` does when the promise resolves. */
export async function runDoctorUntil(
  azure: LocalAzure,
  stopped: Promise<void> | undefined,
  ...options: readonly string[]
) {
  const folder = await mkdtemp(join(tmpdir(), "doctor-"));
  const endpoints = join(folder, "endpoints.json");
  await writeEndpoints(azure, endpoints);
  const run = await new Promise<{ exitCode: number; stdout: string; stderr: string }>((done) => {
    const args = [main, "--local", endpoints, ...options];
    const env = { PATH: process.env["PATH"] };
    const child = execFile(process.execPath, args, { env }, (error, stdout, stderr) => {
      done({ exitCode: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr });
    });
    void stopped?.then(() => child.kill("SIGTERM"));
  });
  await rm(folder, { recursive: true });
  return run;
}

/** What the doctor finds. */
export async function posturePerDoctor(azure: LocalAzure): Promise<Posture> {
  const { stdout, stderr } = await runDoctor(azure, "--json");
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Posture;
}
