import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { trustEnvironment } from "../local/certificates.ts";
import { numberText, Section } from "./bars.ts";
import { interleaved, median } from "./interleaved.ts";
import { theLink } from "./link.ts";
import { measure, type Usage } from "./processes.ts";
import { startFakeCloud } from "./start-fake-cloud.ts";
import { packageOf } from "./upload.ts";

/** Verifying a package into the vault over the link, against reading it and writing as much alone. */
export async function benchVault(folder: string, quick: boolean): Promise<Section> {
  const section = new Section("vault");
  const workspace = join(folder, "packages");
  const mebibytes = quick ? 256 : 2048;
  const file = join(workspace, packageOf(workspace, mebibytes));
  const small = join(workspace, packageOf(workspace, 64));
  const [digest, smallDigest] = [await digestOf(file), await digestOf(small)];
  const cloud = await startFakeCloud(join(folder, "certificates"), theLink);
  try {
    const run = (task: string, of: string, sha256: string) => async () => {
      // What the run before put into the vault is not there any more.
      await cloud.takeCounts();
      return measure({
        command: process.execPath,
        args: [join(import.meta.dirname, "vault-copy.ts"), task, of, sha256, cloud.blob],
        env: trustEnvironment(cloud),
      });
    };
    const runs = await interleaved<Usage>(
      [
        { name: "verify", run: run("verify", file, digest) },
        { name: "read", run: run("read", file, digest) },
        { name: "write", run: run("write", file, digest) },
        { name: "small", run: run("verify", small, smallDigest) },
      ],
      quick ? 1 : 2,
    );
    const middle = (name: string, figure: (usage: Usage) => number): number =>
      median((runs.get(name) ?? []).map(figure));
    const seconds = (name: string): number => middle(name, (usage) => usage.seconds);
    const peak = (name: string): number => middle(name, ({ peakBytes }) => peakBytes / 1e6);
    section.tell(
      `${mebibytes} MiB over the link`,
      `verify ${numberText(seconds("verify"))} s, read ${numberText(seconds("read"))} s, write ${numberText(seconds("write"))} s`,
    );
    section.atMost(
      "time",
      seconds("verify") / Math.max(seconds("read"), seconds("write")),
      1.3,
      "× the slower of reading and writing",
    );
    section.tell("peak memory", `${numberText(peak("verify"))} MB; 64 MiB: ${numberText(peak("small"))} MB`);
    section.atMost("peak memory", peak("verify") / peak("small"), 1.5, "× that of 64 MiB");
  } finally {
    await cloud.stop();
  }
  return section;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
