import { createHash } from "node:crypto";
import type { GithubJob } from "../../local/identity/github-job.ts";
import { type LocalAzure, localJob } from "../../local/local-azure.ts";

/** What an endpoint answered. */
export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

/** Asks an endpoint with a job's token, new for each request. */
export async function askAs(
  job: GithubJob,
  azure: LocalAzure,
  method: string,
  path: string,
  body?: unknown,
): Promise<Told> {
  const token = await azure.identity.github.tokenFor(job, azure.deployment.githubAudience);
  const response = await fetch(`${azure.host.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** The manifest of a package, but for the fields given. */
export function manifestFor(version: string, bytes: Buffer, fields: object = {}): object {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const file = { file: "flooper.tar.gz", size: bytes.length, sha256 };
  return { schema: 1, application: "flooperapp", version, package: file, ...fields };
}

/** Brings a package in through the pipeline, as `localJob`, and gives the path of the status. */
export async function submitThroughPipeline(azure: LocalAzure, version: string, bytes: Buffer) {
  const ask = (method: string, path: string, body?: unknown) => askAs(localJob, azure, method, path, body);
  const opened = await ask("POST", `/api/applications/flooperapp/versions/${version}/submissions`, {
    files: [{ file: "flooper.tar.gz", size: bytes.length }],
  });
  const path = opened.headers.get("location") ?? "";
  const { blockBytes } = opened.body;
  for (let number = 0; number * blockBytes < bytes.length; number++) {
    const block = bytes.subarray(number * blockBytes, (number + 1) * blockBytes);
    await ask("PUT", `${path}/files/flooper.tar.gz/blocks/${number}`, block);
  }
  const manifest: any = manifestFor(version, bytes);
  const { size, sha256 } = manifest.package;
  await ask("PUT", `${path}/files/flooper.tar.gz`, { size, sha256 });
  const committed = await ask("PUT", `${path}/manifest`, manifest);
  return { submission: String(opened.body.submission), status: committed.headers.get("location") ?? "" };
}
